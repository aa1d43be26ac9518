import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { APPLICATION_ID, migrate, MIGRATIONS } from '../../src/store/migrations.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const folder = sharedFolder();

it('brings a new file to the newest version, and a second time changes nothing', () => {
  const database = new Sqlite(join(folder, 'new.db'));
  migrate(database);
  expect(database.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
  expect(database.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
  const schema = database.pragma('schema_version', { simple: true });
  migrate(database);
  expect(database.pragma('schema_version', { simple: true })).toBe(schema);
  database.close();
});

it('leaves a file as it was when a step of it fails', () => {
  const database = new Sqlite(join(folder, 'broken.db'));
  database.exec('CREATE TABLE runs (id TEXT)');
  database.pragma(`application_id = ${APPLICATION_ID}`);
  expect(() => migrate(database)).toThrow('table runs already exists');
  expect(database.pragma('user_version', { simple: true })).toBe(0);
  expect(database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()).toEqual(['runs']);
  database.close();
});

it('lists, shows and sums by index, never by reading all steps', () => {
  const database = new Sqlite(join(folder, 'plan.db'));
  migrate(database);
  const plan = (sql: string): unknown[] =>
    database
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => detail);
  expect(plan('SELECT id FROM runs ORDER BY started_at DESC, rowid DESC LIMIT 20')).toEqual([
    'SCAN runs USING INDEX runs_by_start',
  ]);
  expect(plan("SELECT * FROM steps WHERE run_id = 'a' AND path >= 'b/' AND path < 'c'")).toEqual([
    'SEARCH steps USING INDEX sqlite_autoindex_steps_1 (run_id=? AND path>? AND path<?)',
  ]);
  database.close();
});
