import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.js';
import { newRun, newStep, stepEnd } from './sample.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const folder = sharedFolder();
const WRITER = fileURLToPath(new URL('write-runs.ts', import.meta.url));

/** What a process that writes runs says when it fails; empty when all were written. */
async function writeRuns(path: string, name: string, count: number): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'jiti/register', WRITER, path, name, String(count)]);
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (words += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? words : `exit ${code}: ${words}`;
}

it('lets two processes write 200 runs each into one new file at once', async () => {
  const path = join(folder, 'two.db');
  expect(await Promise.all([writeRuns(path, 'a', 200), writeRuns(path, 'b', 200)])).toEqual(['', '']);
  const store = openStore(path);
  expect(store.listRuns({ status: 'completed' })).toHaveLength(400);
  store.close();
  const database = new Sqlite(path);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
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
