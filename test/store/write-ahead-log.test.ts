import { statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.js';
import type { RunStore } from '../../src/store/records.js';
import { sharedFolder } from '../helpers/temporary-folder.js';
import { newRun, newStep, runEnd } from './sample.js';

const folder = sharedFolder();
const MEBIBYTE = 1024 * 1024;

/** A run that writes a mebibyte. */
async function writeRun(store: RunStore, id: string): Promise<void> {
  await store.createRun(newRun({ id }));
  await store.startStep(newStep({ runId: id, request: { text: 'x'.repeat(MEBIBYTE) } }));
  await store.endRun(id, runEnd());
}

it('stays small over many runs in one process', async () => {
  const store = openStore(join(folder, 'many.db'));
  for (let number = 0; number < 20; number++) await writeRun(store, `run${number}`);
  expect(statSync(store.path).size).toBeGreaterThan(19 * MEBIBYTE);
  expect(statSync(`${store.path}-wal`).size).toBeLessThan(2 * MEBIBYTE);
  store.close();
});

it('is small again once nobody reads what it held back', async () => {
  const store = openStore(join(folder, 'reader.db'));
  await writeRun(store, 'first');
  const reader = new Sqlite(store.path);
  const rows = reader.prepare('SELECT id FROM runs UNION ALL SELECT 1').iterate();
  rows.next();
  for (let number = 0; number < 10; number++) await writeRun(store, `run${number}`);
  expect(statSync(`${store.path}-wal`).size).toBeGreaterThan(10 * MEBIBYTE);
  rows.return?.();
  reader.close();
  for (const id of ['last', 'very-last']) await writeRun(store, id);
  expect(statSync(`${store.path}-wal`).size).toBeLessThan(5 * MEBIBYTE);
  store.close();
});
