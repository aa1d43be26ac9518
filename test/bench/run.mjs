// Measures whole commands against a local server, in pairs with something comparable, and prints figures and limits.
// Usage: npm run bench [-- <name> …]
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { multiplyRun, sizeOf } from './long-history.mjs';
import {
  AT_ONCE,
  command,
  comparePairs,
  CREW,
  folder,
  measure,
  WITH_TOOL,
  withProvider,
  writeCrew,
  writeCrewWithServers,
} from './measure.mjs';

const BARE = join(import.meta.dirname, 'bare.mjs');

const kickoff = (file, ...more) => command('crew.db', 'kickoff', file, '--quiet', ...more);

/** Crew beside a script that makes the same calls with the AI SDK and stores nothing. */
const besideBare = ({ name, limit, runs, crew, bare, latencyMs = 0, memory = false }) => ({
  name,
  run: () =>
    withProvider({ BENCH_LATENCY_MS: latencyMs }, async (url) => {
      const { ratio, measured, against } = await comparePairs({ runs, measured: crew, against: bare, url, memory });
      const unit = memory ? 'MiB' : 'ms';
      const figures = `crew ${measured.toFixed(0)} ${unit}, bare ${against.toFixed(0)} ${unit}, ${runs} pairs`;
      return { isOk: ratio <= limit, words: `${ratio.toFixed(2)} × (limit ${limit} ×; ${figures})` };
    }),
});

const SPEED = [
  { name: 'version', limit: 1.5, runs: 15, crew: [CREW, '--version'], bare: ['-e', '0'] },
  { name: 'one task, cold', limit: 1.2, runs: 9, crew: kickoff(writeCrew('one', 1)), bare: [BARE, '1', '1'] },
  {
    name: '100 tasks in a row',
    limit: 1.3,
    runs: 5,
    crew: kickoff(writeCrew('hundred', 100)),
    bare: [BARE, '100', '1'],
  },
  {
    name: '1000 tasks at 50 with 100 ms',
    limit: 1.3,
    runs: 3,
    latencyMs: 100,
    crew: kickoff(writeCrew('thousand', 1000, AT_ONCE), '--concurrency', '50'),
    bare: [BARE, '1000', '50'],
  },
  {
    name: 'memory of 100 tasks',
    limit: 1.5,
    runs: 3,
    memory: true,
    crew: kickoff(writeCrew('memory', 100)),
    bare: [BARE, '100', '1'],
  },
].map(besideBare);

/** What people look at, in a history of 10,000 runs beside one of a single run like them. */
const longHistory = {
  name: 'a history of 1,000,000 steps',
  async *run() {
    const [runs, limit, pairs] = [10_000, 2, 9];
    const file = writeCrew('history', 20, WITH_TOOL);
    await withProvider({ BENCH_ROUNDS: 2 }, (url) => measure(command('short.db', 'kickoff', file, '--quiet'), { url }));
    copyFileSync(join(folder, 'short.db'), join(folder, 'long.db'));
    multiplyRun(join(folder, 'long.db'), runs);
    const { steps, bytes } = sizeOf(join(folder, 'long.db'));
    const size = `${(bytes / 2 ** 20).toFixed(0)} MiB`;
    yield { isOk: steps === 1_000_000, words: `${runs} runs, ${steps} steps, ${size}` };
    for (const words of [
      'log-tasks-outputs',
      'runs',
      'show',
      'show --format json',
      'log-tasks-outputs --search result',
    ]) {
      const args = words.split(' ');
      const sides = { measured: command('long.db', ...args), against: command('short.db', ...args) };
      const { ratio, measured, against } = await comparePairs({ runs: pairs, ...sides });
      const figures = `${measured.toFixed(0)} ms, in a history of one run ${against.toFixed(0)} ms, ${pairs} pairs`;
      yield { isOk: ratio <= limit, words: `${words}: ${ratio.toFixed(2)} × (limit ${limit} ×; ${figures})` };
    }
    rmSync(join(folder, 'long.db'));
  },
};

/** A resume that finds 1,000 tasks done and one to do, beside a command that only looks into the same database. */
const longResume = {
  name: 'resume of 1000 finished tasks',
  async run() {
    const [limitMs, pairs] = [1000, 5];
    const file = writeCrew('resume', 1001, AT_ONCE);
    const stopped = join(folder, 'stopped.db');
    await withProvider({ BENCH_REFUSED: 'number 1000.' }, (url) =>
      measure(command('stopped.db', 'kickoff', file, '--quiet', '--concurrency', '50'), { url, exitCode: 6 }),
    );
    const { difference, measured, against } = await withProvider({}, (url) =>
      comparePairs({
        runs: pairs,
        url,
        before: () => copyFileSync(stopped, join(folder, 'resumed.db')),
        measured: command('resumed.db', 'resume', '--quiet'),
        against: command('resumed.db', 'runs'),
      }),
    );
    const figures = `resume ${measured.toFixed(0)} ms with one call, runs ${against.toFixed(0)} ms, ${pairs} pairs`;
    return {
      isOk: difference <= limitMs,
      words: `${difference.toFixed(0)} ms more than a plain start (limit ${limitMs} ms; ${figures})`,
    };
  },
};

/**
 * Memory and database over the steps of one run. V8 leaves garbage where it lies while there is room, so what is really
 * needed only shows in a heap that is small; the peak without such a bound is told beside it.
 */
const manySteps = {
  name: '10,000 steps in one run',
  async *run() {
    const [memoryLimit, growthLimit, runs, heap] = [1.3, 1.2, 3, '--max-old-space-size=64'];
    const [few, many] = [10, 100].map((tasks) => kickoff(writeCrew(`steps${tasks}`, tasks, WITH_TOOL)));
    yield withProvider({ BENCH_ROUNDS: 50 }, async (url) => {
      const options = { runs, url, memory: true };
      const bound = await comparePairs({ ...options, measured: [heap, ...many], against: [heap, ...few] });
      const free = await comparePairs({ ...options, measured: many, against: few });
      const figures = `${bound.measured.toFixed(0)} MiB, ${bound.against.toFixed(0)} MiB`;
      const unbound = `without the bound ${free.measured.toFixed(0)} MiB, ${free.against.toFixed(0)} MiB`;
      return {
        isOk: bound.ratio <= memoryLimit,
        words: `peak memory in a heap of 64 MiB ${bound.ratio.toFixed(2)} × that of 1,000 steps (limit ${memoryLimit} ×; ${figures}, ${runs} pairs; ${unbound})`,
      };
    });
    const file = writeCrew('conversations', 20, WITH_TOOL);
    const bytes = [];
    for (const rounds of [5, 50]) {
      const db = `rounds${rounds}.db`;
      await withProvider({ BENCH_ROUNDS: rounds }, (url) => measure(command(db, 'kickoff', file, '--quiet'), { url }));
      bytes.push(sizeOf(join(folder, db)).bytesPerStep);
    }
    const [short, long] = bytes;
    yield {
      isOk: long <= short * growthLimit,
      words: `database ${long.toFixed(0)} bytes a step in conversations of 100 steps, ${(long / short).toFixed(2)} × that in those of 10 (limit ${growthLimit} ×; ${short.toFixed(0)} bytes)`,
    };
  },
};

/** Crews with servers of tools, each of which takes a second to start: three start as fast as one, and one that nobody uses never. */
const mcpServers = {
  name: 'MCP servers',
  async *run() {
    const pairs = 5;
    const [three, one, unused, none] = [
      kickoff(writeCrewWithServers('three', ['a', 'b', 'c'], ['a', 'b', 'c'])),
      kickoff(writeCrewWithServers('one-server', ['a'], ['a'])),
      kickoff(writeCrewWithServers('unused', ['a', 'b', 'c'], [])),
      kickoff(writeCrewWithServers('none', [], [])),
    ];
    for (const [words, limit, measured, against] of [
      ['three that start slowly, beside one', 1.3, three, one],
      ['three that nobody uses, beside none', 1.1, unused, none],
    ]) {
      const sides = await withProvider({}, (url) => comparePairs({ runs: pairs, url, measured, against }));
      const figures = `${sides.measured.toFixed(0)} ms, ${sides.against.toFixed(0)} ms, ${pairs} pairs`;
      yield {
        isOk: sides.ratio <= limit,
        words: `${words}: ${sides.ratio.toFixed(2)} × (limit ${limit} ×; ${figures})`,
      };
    }
  },
};

const chosen = process.argv.slice(2);
let isOver = false;
for (const { name, run } of [...SPEED, longHistory, longResume, manySteps, mcpServers]) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const outcome = run();
  for await (const { isOk, words } of Symbol.asyncIterator in outcome ? outcome : [outcome]) {
    isOver ||= !isOk;
    console.log(`${isOk ? 'ok  ' : 'OVER'} ${name}: ${words}`);
  }
}
process.exitCode = isOver ? 1 : 0;
