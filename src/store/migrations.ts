import type { Database } from 'better-sqlite3';
import { StoreError } from '../errors.js';

/** Marks a SQLite file as ours: `crew` in ASCII (https://sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x63726577;

const SPEND_COLUMNS = `
  input_tokens        INTEGER NOT NULL DEFAULT 0,
  output_tokens       INTEGER NOT NULL DEFAULT 0,
  cached_input_tokens INTEGER NOT NULL DEFAULT 0,
  reasoning_tokens    INTEGER NOT NULL DEFAULT 0,
  requests            INTEGER NOT NULL DEFAULT 0,
  cost_usd            REAL    NOT NULL DEFAULT 0,
  unpriced_requests   INTEGER NOT NULL DEFAULT 0`;

/**
 * The database as a list of steps, oldest first; `user_version` says how many a file has. Only ever appended to: a step
 * that was released stays as it is. Long texts stand last in their tables, so that reading the columns before them does
 * not touch the pages they spill into.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE runs (
  id                  TEXT    PRIMARY KEY NOT NULL,
  crew                TEXT    NOT NULL,
  process             TEXT    NOT NULL CHECK (process IN ('sequential', 'hierarchical')),
  status              TEXT    NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'interrupted', 'needs_input')),
  exit_code           INTEGER,
  parent_run_id       TEXT,
  started_at          INTEGER NOT NULL,
  ended_at            INTEGER,${SPEND_COLUMNS},
  error               TEXT,
  definition_path     TEXT    NOT NULL,
  inputs              TEXT    NOT NULL,
  definition_files    TEXT    NOT NULL
) STRICT;
CREATE INDEX runs_by_start ON runs (started_at);

CREATE TABLE task_outputs (
  run_id              TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  task_key            TEXT    NOT NULL,
  position            INTEGER NOT NULL,
  status              TEXT    NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'interrupted',
                                                         'skipped', 'needs_input', 'reused')),
  agent               TEXT,
  output_format       TEXT    NOT NULL DEFAULT 'raw' CHECK (output_format IN ('raw', 'json', 'pydantic')),
  started_at          INTEGER,
  ended_at            INTEGER,${SPEND_COLUMNS},
  error               TEXT,
  output_file         TEXT,
  description         TEXT    NOT NULL,
  expected_output     TEXT    NOT NULL,
  raw                 TEXT,
  json                TEXT,
  PRIMARY KEY (run_id, task_key),
  UNIQUE (run_id, position)
) STRICT;

CREATE TABLE steps (
  id                  INTEGER PRIMARY KEY,
  run_id              TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  path                TEXT    NOT NULL,
  kind                TEXT    NOT NULL,
  task_key            TEXT    NOT NULL,
  agent               TEXT    NOT NULL,
  name                TEXT    NOT NULL,
  status              TEXT    NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
  is_error            INTEGER NOT NULL DEFAULT 0 CHECK (is_error IN (0, 1)),
  fingerprint         TEXT    NOT NULL,
  started_at          INTEGER NOT NULL,
  ended_at            INTEGER,${SPEND_COLUMNS},
  error               TEXT,
  request             TEXT    NOT NULL,
  response            TEXT,
  UNIQUE (run_id, path)
) STRICT;
`,
];

/**
 * Brings the database up to the newest step; does nothing where it is there already. Several processes may do so at
 * once: one of them does the work, the others find it done.
 */
export function migrate(database: Database): void {
  if (versionOf(database) === MIGRATIONS.length) return;
  database
    .transaction(() => {
      for (const step of MIGRATIONS.slice(versionOf(database))) database.exec(step);
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${MIGRATIONS.length}`);
    })
    .immediate();
}

/**
 * How many steps the file has; 0 for an empty one. Only reads, and from one state of the file, however many processes
 * are making it. Throws StoreError where it belongs to a newer crew or to another program.
 */
export function versionOf(database: Database): number {
  const { version, owner, isEmpty } = database.transaction(() => ({
    version: database.pragma('user_version', { simple: true }) as number,
    owner: database.pragma('application_id', { simple: true }),
    isEmpty: database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined,
  }))();
  if (owner !== APPLICATION_ID && !isEmpty)
    throw new StoreError(`${database.name} is a database of another program`, {
      beforeRun: true,
      hint: 'Name another file with --db or CREW_DB.',
    });
  if (version > MIGRATIONS.length)
    throw new StoreError(
      `${database.name} was made by a newer crew: it has version ${version}, this crew knows ${MIGRATIONS.length}`,
      { beforeRun: true, hint: 'Install the newest crew, or name another file with --db or CREW_DB.' },
    );
  return version;
}
