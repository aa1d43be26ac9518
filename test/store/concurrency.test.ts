import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.js';
import { newRun, newStep, stepEnd } from './sample.js';
import { startProviderServer, text } from '../helpers/provider-server.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const folder = sharedFolder();
const JITI = fileURLToPath(import.meta.resolve('jiti/register'));
const WRITER = fileURLToPath(new URL('write-runs.ts', import.meta.url));
const KICKOFFS = fileURLToPath(new URL('kick-off-runs.mjs', import.meta.url));

/** Runs that each of two processes makes; RUNS=200 for the long form. */
const RUNS = Number(process.env['RUNS'] ?? 25);

/** What a process says on stderr; empty when all went well. */
async function wordsOf(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: folder, env });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (words += chunk));
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? words : `exit ${code}: ${words}`;
}

const writeRuns = (path: string, name: string, count: number): Promise<string> =>
  wordsOf(['--import', JITI, WRITER, path, name, String(count)]);

function expectCompleted(path: string, count: number): void {
  const store = openStore(path);
  expect(store.listRuns({ status: 'completed' })).toHaveLength(count);
  store.close();
  const database = new Sqlite(path);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
}

it(`lets two processes write ${RUNS} runs each into one new file at once`, { timeout: 120_000 }, async () => {
  const path = join(folder, 'two.db');
  expect(await Promise.all([writeRuns(path, 'a', RUNS), writeRuns(path, 'b', RUNS)])).toEqual(['', '']);
  expectCompleted(path, 2 * RUNS);
});

it(`lets two processes kick off ${RUNS} crews each on one database at once`, { timeout: 240_000 }, async () => {
  const server = await startProviderServer(() => text('The result.'));
  onTestFinished(() => server.close());
  const path = join(folder, 'kicked-off.db');
  const env = { PATH: process.env['PATH'], OPENAI_API_KEY: 'not-a-real-key', OPENAI_BASE_URL: server.url };
  const kickOff = (): Promise<string> => wordsOf([KICKOFFS, path, String(RUNS)], env);
  expect(await Promise.all([kickOff(), kickOff()])).toEqual(['', '']);
  expect(server.requests).toHaveLength(2 * RUNS * 3);
  expectCompleted(path, 2 * RUNS);
});

it('lets many processes make one new file at once', async () => {
  const path = join(folder, 'new', '.crew', 'crew.db');
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  expect(await Promise.all(names.map((name) => writeRuns(path, name, 1)))).toEqual(names.map(() => ''));
});

it('lets several stores of one process write into one file at once', async () => {
  const path = join(folder, 'stores.db');
  const stores = Array.from({ length: 5 }, () => openStore(path));
  await Promise.all(stores.map((store, index) => store.createRun(newRun({ id: `run${index}` }))));
  const calls = Array.from({ length: 20 }, (_, index) => `research/llm/${index + 1}`);
  await Promise.all(
    stores.flatMap((store, index) =>
      calls.map(async (call) => {
        await store.startStep(newStep({ runId: `run${index}`, path: call }));
        await store.endStep(stepEnd({ runId: `run${index}`, path: call }));
      }),
    ),
  );
  for (const [index, store] of stores.entries()) {
    expect(store.listSteps(`run${index}`).map(({ status }) => status)).toEqual(calls.map(() => 'completed'));
    store.close();
  }
});
