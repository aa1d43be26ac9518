// Starts what is measured, in a folder that is gone when the bench ends.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The built command. */
export const CREW = resolve(import.meta.dirname, '../../bin/crew.js');
export const folder = mkdtempSync(join(tmpdir(), 'crew-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const MEMORY_PROBE = join(import.meta.dirname, 'peak-memory.mjs');

writeFileSync(
  join(folder, 'turn_page.js'),
  `export default {
  description: 'Gives a page.',
  parameters: { type: 'object', properties: { page: { type: 'integer' } } },
  effects: 'none',
  execute: ({ page }) => 'Page ' + page + '. ' + 'Words. '.repeat(20),
};
`,
);

const inARow = (index) => (index > 0 ? `, depends_on: [task${index - 1}]` : '');
/** Tasks that need nothing of each other. */
export const AT_ONCE = () => ', async_execution: true';
/** Tasks that need nothing of each other, with a tool to call. */
export const WITH_TOOL = () => `${AT_ONCE()}, tools: [./turn_page.js]`;

/** Writes a crew of so many tasks, in a row unless `more` says otherwise; gives back its file. */
export function writeCrew(name, tasks, more = inARow) {
  const file = join(folder, `${name}.yaml`);
  const lines = Array.from(
    { length: tasks },
    (_, index) =>
      `  task${index}: { description: Do number ${index}., expected_output: The result., context: []${more(index)} }\n`,
  );
  writeFileSync(
    file,
    `name: ${name}\nagents:\n  worker: { role: Worker, goal: Do the work., backstory: You work., llm: openai/gpt-4.1-mini, max_iter: 1000 }\ntasks:\n${lines.join('')}`,
  );
  return file;
}

const SLOW_SERVER = resolve(import.meta.dirname, '../fixtures/mcp/server.mjs');

/** Writes a crew of one task whose agent has the tools of the servers in `used`; gives back its file. */
export function writeCrewWithServers(name, servers, used) {
  const file = join(folder, `${name}.yaml`);
  const entries = servers.map((key) => `  ${key}: { command: node, args: [${JSON.stringify(SLOW_SERVER)}, slow] }\n`);
  const tools = used.map((key) => `"mcp:${key}/echo"`).join(', ');
  writeFileSync(
    file,
    `name: ${name}\n${entries.length > 0 ? `mcp_servers:\n${entries.join('')}` : ''}agents:\n  worker: { role: Worker, goal: Do the work., backstory: You work., llm: openai/gpt-4.1-mini, tools: [${tools}] }\ntasks:\n  task: { description: Do it., expected_output: The result. }\n`,
  );
  return file;
}

/** The arguments of node for a command on a database of the folder. */
export function command(db, ...args) {
  return [CREW, ...args, '--db', join(folder, db)];
}

/** Runs node once; gives back its milliseconds, or its peak memory in MiB. Fails where it does not end with `exitCode`. */
export async function measure(args, { url = '', memory = false, exitCode = 0 } = {}) {
  const memoryFile = join(folder, 'memory');
  const startedAt = performance.now();
  await new Promise((done, fail) => {
    const child = spawn(process.execPath, memory ? ['--import', MEMORY_PROBE, ...args] : args, {
      cwd: folder,
      env: {
        ...process.env,
        OPENAI_BASE_URL: url,
        OPENAI_API_KEY: 'bench',
        BENCH_MEMORY: memoryFile,
        NO_COLOR: '1',
        CREW_TRUST: '1',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => (said += chunk));
    child.on('close', (code) =>
      code === exitCode ? done() : fail(new Error(`${args.join(' ')} ended with ${code}, not ${exitCode}:\n${said}`)),
    );
  });
  return memory ? Number(readFileSync(memoryFile, 'utf8')) / 1024 : performance.now() - startedAt;
}

/** Gives what `use` gives, which is handed the URL of a provider of its own. `env` is for provider.mjs. */
export async function withProvider(env, use) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'provider.mjs')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise((done) => child.stdout.once('data', (line) => done(String(line).trim())));
    return await use(url);
  } finally {
    child.kill();
  }
}

/** Measures both sides in turn, so that what else the computer does falls on both; gives back the medians and their ratio. */
export async function comparePairs({ runs, measured, against, before = () => undefined, ...options }) {
  const figures = { measured: [], against: [] };
  for (let run = -1; run < runs; run += 1) {
    for (const [side, args] of Object.entries({ measured, against })) {
      before();
      const figure = await measure(args, options);
      // The first of each is only to warm up.
      if (run >= 0) figures[side].push(figure);
    }
  }
  return {
    measured: median(figures.measured),
    against: median(figures.against),
    ratio: median(figures.measured.map((value, index) => value / figures.against[index])),
    difference: median(figures.measured.map((value, index) => value - figures.against[index])),
  };
}

/** The middle one. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
