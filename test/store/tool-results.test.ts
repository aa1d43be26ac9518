import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.js';
import { createToolResults } from '../../src/store/tool-results.js';
import { createRedactor } from '../../src/util/redact.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const result = (text: string, runId = 'run00001') => ({ text, runId, path: 'research/tool/call_1' });
const redactor = createRedactor([{ name: 'MY_KEY', value: 'very-secret' }]);

it('keeps results for whoever opens the database later, without secrets', async () => {
  const path = join(temporaryFolder(), 'crew.db');
  const store = openStore(path, { redactor });
  await store.toolResults.keep('a', result('found very-secret'));
  store.close();
  const later = openStore(path);
  expect(later.toolResults.find('a')).toEqual(result('found [redacted:MY_KEY]'));
  expect(later.toolResults.find('b')).toBeUndefined();
  later.close();
});

it('keeps the newest result of a call', async () => {
  const store = openStore(join(temporaryFolder(), 'crew.db'));
  await store.toolResults.keep('a', result('one'));
  await store.toolResults.keep('a', result('two', 'run00002'));
  expect(store.toolResults.find('a')).toEqual(result('two', 'run00002'));
  expect(store.toolResults.count()).toBe(1);
  expect(store.toolResults.clear()).toBe(1);
  expect(store.toolResults.find('a')).toBeUndefined();
  store.close();
});

it.each([
  ['too many', { mostResults: 3, mostBytes: 1000 }, ['c', 'd', 'b']],
  ['too large', { mostResults: 100, mostBytes: 12 }, ['d', 'b']],
  ['larger than everything together', { mostResults: 100, mostBytes: 4 }, []],
])('forgets the oldest where they are %s', (_what, limits, kept) => {
  const path = join(temporaryFolder(), 'crew.db');
  openStore(path).close();
  const database = new Sqlite(path);
  const results = createToolResults(database, limits);
  for (const key of ['a', 'b', 'c', 'd', 'b']) results.prepareKeep(key, result('12345'))();
  expect(database.prepare('SELECT key FROM tool_results ORDER BY id').pluck().all()).toEqual(kept);
  database.close();
});
