// Times whole commands in pairs, crew and bare, in turn, against the same local server, and prints the ratios.
// Usage: npm run bench [-- <name> …]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const crew = join(root, 'bin/crew.js');
const bare = join(import.meta.dirname, 'bare.mjs');
const memoryProbe = join(import.meta.dirname, 'peak-memory.mjs');
const folder = mkdtempSync(join(tmpdir(), 'crew-bench-'));

const task = (index, extra) =>
  `  task${index}: { description: Do number ${index}., expected_output: The result., context: []${extra(index)} }\n`;
const inARow = (index) => (index > 0 ? `, depends_on: [task${index - 1}]` : '');
const crewFile = (name, tasks, extra = inARow) => {
  const file = join(folder, `${name}.yaml`);
  const lines = Array.from({ length: tasks }, (_, index) => task(index, extra)).join('');
  writeFileSync(
    file,
    `name: ${name}\nagents:\n  worker: { role: Worker, goal: Do the work., backstory: You work., llm: openai/gpt-4.1-mini }\ntasks:\n${lines}`,
  );
  return file;
};
const kickoff = (file, ...more) => [crew, 'kickoff', file, '--quiet', '--db', join(folder, 'crew.db'), ...more];

const benches = [
  { name: 'version', limit: 1.5, runs: 15, crew: [crew, '--version'], bare: ['-e', '0'] },
  { name: 'one task, cold', limit: 1.2, runs: 9, crew: kickoff(crewFile('one', 1)), bare: [bare, '1', '1'] },
  {
    name: '100 tasks in a row',
    limit: 1.3,
    runs: 5,
    crew: kickoff(crewFile('hundred', 100)),
    bare: [bare, '100', '1'],
  },
  {
    name: '1000 tasks at 50 with 100 ms',
    limit: 1.3,
    runs: 3,
    latencyMs: 100,
    crew: kickoff(
      crewFile('thousand', 1000, () => ', async_execution: true'),
      '--concurrency',
      '50',
    ),
    bare: [bare, '1000', '50'],
  },
  {
    name: 'memory of 100 tasks',
    limit: 1.5,
    runs: 3,
    memory: true,
    crew: kickoff(crewFile('memory', 100)),
    bare: [bare, '100', '1'],
  },
];

const chosen = process.argv.slice(2);
let isOver = false;
for (const bench of benches.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
  const server = await startServer(bench.latencyMs ?? 0);
  const figures = { crew: [], bare: [] };
  for (let run = -1; run < bench.runs; run += 1) {
    for (const side of ['crew', 'bare']) {
      const figure = await measure(bench[side], { url: server.url, memory: bench.memory === true });
      if (run >= 0) figures[side].push(figure);
    }
  }
  server.stop();
  const ratio = median(figures.crew.map((value, index) => value / figures.bare[index]));
  const unit = bench.memory ? 'MiB' : 'ms';
  isOver ||= ratio > bench.limit;
  console.log(
    `${ratio <= bench.limit ? 'ok  ' : 'OVER'} ${bench.name}: ${ratio.toFixed(2)} × (limit ${bench.limit} ×; crew ${median(figures.crew).toFixed(0)} ${unit}, bare ${median(figures.bare).toFixed(0)} ${unit}, ${bench.runs} pairs)`,
  );
}
rmSync(folder, { recursive: true });
process.exitCode = isOver ? 1 : 0;

async function measure(args, { url, memory }) {
  const memoryFile = join(folder, 'memory');
  const startedAt = performance.now();
  await new Promise((done, fail) => {
    const child = spawn(process.execPath, memory ? ['--import', memoryProbe, ...args] : args, {
      cwd: folder,
      env: { ...process.env, OPENAI_BASE_URL: url, OPENAI_API_KEY: 'bench', BENCH_MEMORY: memoryFile, NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('exit', (code) => (code === 0 ? done() : fail(new Error(`${args.join(' ')} ended with ${code}`))));
  });
  return memory ? Number(readFileSync(memoryFile, 'utf8')) / 1024 : performance.now() - startedAt;
}

function startServer(latencyMs) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'provider.mjs')], {
    env: { ...process.env, BENCH_LATENCY_MS: String(latencyMs) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done) => {
    child.stdout.once('data', (line) => done({ url: String(line).trim(), stop: () => child.kill() }));
  });
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
