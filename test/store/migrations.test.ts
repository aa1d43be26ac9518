import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { OPEN_RUNS } from '../../src/store/dead-runs.js';
import { APPLICATION_ID, migrate, MIGRATIONS } from '../../src/store/migrations.js';
import { LIST_TASKS } from '../../src/store/run-reads.js';
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

it('keeps what a file of the first version has, and makes its outputs searchable', () => {
  const database = new Sqlite(join(folder, 'first.db'));
  database.exec(MIGRATIONS[0] ?? '');
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma('user_version = 1');
  database.exec(`
    INSERT INTO runs (id, crew, process, status, started_at, definition_path, inputs, definition_files)
    VALUES ('a', 'brief', 'sequential', 'completed', 1, '/crew.yaml', '{}', '[]');
    INSERT INTO task_outputs (run_id, task_key, position, status, agent, description, expected_output, raw, cost_usd)
    VALUES ('a', 'facts', 1, 'completed', 'Analyst', 'Do.', 'Text.', 'Solar grew.', 0.5),
      ('a', 'essay', 2, 'pending', NULL, 'Do.', 'Text.', NULL, 0);
    INSERT INTO steps (run_id, path, kind, task_key, agent, name, status, fingerprint, started_at, request)
    VALUES ('a', 'facts/llm/1', 'model', 'facts', 'Analyst', 'm', 'completed', '0', 1, '{}')`);
  const before = database.prepare('SELECT * FROM task_outputs ORDER BY position').all();
  migrate(database);
  expect(database.prepare('SELECT * FROM task_outputs ORDER BY id').all()).toMatchObject(before);
  expect(database.prepare('SELECT idle_ms, holder, options FROM runs').all()).toEqual([
    { idle_ms: 0, holder: null, options: '{}' },
  ]);
  expect(database.prepare('SELECT has_effects FROM steps').pluck().all()).toEqual([0]);
  expect(database.prepare("SELECT rowid FROM task_search WHERE task_search MATCH 'grew'").pluck().all()).toEqual([1]);
  database.exec("INSERT INTO task_search (task_search, rank) VALUES ('integrity-check', 1)");
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
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
  const plan = (sql: string, ...values: readonly string[]): unknown[] =>
    database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values)
      .map(({ detail }) => detail);
  expect(plan('SELECT id FROM runs ORDER BY started_at DESC, rowid DESC LIMIT 20')).toEqual([
    'SCAN runs USING INDEX runs_by_start',
  ]);
  expect(plan("SELECT * FROM steps WHERE run_id = 'a' AND path >= 'b/' AND path < 'c'")).toEqual([
    'SEARCH steps USING INDEX sqlite_autoindex_steps_1 (run_id=? AND path>? AND path<?)',
  ]);
  expect(plan(LIST_TASKS, 'a')).toEqual([
    'SEARCH task_outputs USING INDEX sqlite_autoindex_task_outputs_2 (run_id=?)',
    'SEARCH source USING INDEX sqlite_autoindex_task_outputs_1 (run_id=? AND task_key=?) LEFT-JOIN',
  ]);
  expect(plan(OPEN_RUNS)).toEqual(['SCAN runs USING INDEX runs_open']);
  database.close();
});
