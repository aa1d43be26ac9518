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
 * not touch the pages they spill into. What the search points at is an id of its own: a rowid that no column holds may
 * change with every VACUUM (https://sqlite.org/lang_vacuum.html).
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
  `
ALTER TABLE runs ADD COLUMN working_directory TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
ALTER TABLE runs ADD COLUMN idle_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN holder TEXT;
ALTER TABLE runs ADD COLUMN heartbeat_at INTEGER;
CREATE INDEX runs_by_parent ON runs (parent_run_id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX runs_open ON runs (started_at) WHERE status = 'running';

CREATE TABLE new_task_outputs (
  id                  INTEGER PRIMARY KEY,
  run_id              TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  task_key            TEXT    NOT NULL,
  position            INTEGER NOT NULL,
  status              TEXT    NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'interrupted',
                                                         'skipped', 'needs_input', 'reused')),
  agent               TEXT,
  output_format       TEXT    NOT NULL DEFAULT 'raw' CHECK (output_format IN ('raw', 'json', 'pydantic')),
  started_at          INTEGER,
  ended_at            INTEGER,${SPEND_COLUMNS},
  source_run_id       TEXT,
  source_task_key     TEXT,
  fingerprint         TEXT    NOT NULL DEFAULT '{}',
  error               TEXT,
  output_file         TEXT,
  description         TEXT    NOT NULL,
  expected_output     TEXT    NOT NULL,
  raw                 TEXT,
  json                TEXT,
  UNIQUE (run_id, task_key),
  UNIQUE (run_id, position)
) STRICT;
INSERT INTO new_task_outputs (run_id, task_key, position, status, agent, output_format, started_at, ended_at,
  input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, requests, cost_usd, unpriced_requests, error,
  output_file, description, expected_output, raw, json)
SELECT run_id, task_key, position, status, agent, output_format, started_at, ended_at,
  input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, requests, cost_usd, unpriced_requests, error,
  output_file, description, expected_output, raw, json
FROM task_outputs ORDER BY rowid;
DROP TABLE task_outputs;
ALTER TABLE new_task_outputs RENAME TO task_outputs;
CREATE INDEX task_outputs_by_source ON task_outputs (source_run_id) WHERE source_run_id IS NOT NULL;

ALTER TABLE steps ADD COLUMN has_effects INTEGER NOT NULL DEFAULT 0 CHECK (has_effects IN (0, 1));

CREATE TABLE rate_slots (
  scope               TEXT    NOT NULL,
  at                  INTEGER NOT NULL
) STRICT;
CREATE INDEX rate_slots_by_time ON rate_slots (scope, at);

CREATE VIEW task_texts AS SELECT id, raw FROM task_outputs WHERE raw IS NOT NULL;
CREATE VIRTUAL TABLE task_search USING fts5 (raw, content = 'task_texts', content_rowid = 'id',
                                             tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER task_search_insert AFTER INSERT ON task_outputs WHEN new.raw IS NOT NULL BEGIN
  INSERT INTO task_search (rowid, raw) VALUES (new.id, new.raw);
END;
CREATE TRIGGER task_search_update AFTER UPDATE OF raw ON task_outputs BEGIN
  INSERT INTO task_search (task_search, rowid, raw) SELECT 'delete', old.id, old.raw WHERE old.raw IS NOT NULL;
  INSERT INTO task_search (rowid, raw) SELECT new.id, new.raw WHERE new.raw IS NOT NULL;
END;
CREATE TRIGGER task_search_delete AFTER DELETE ON task_outputs WHEN old.raw IS NOT NULL BEGIN
  INSERT INTO task_search (task_search, rowid, raw) VALUES ('delete', old.id, old.raw);
END;
INSERT INTO task_search (task_search, rank) VALUES ('automerge', 16);
INSERT INTO task_search (task_search) VALUES ('rebuild');
`,
  `
ALTER TABLE task_outputs ADD COLUMN skip_reason TEXT;

ALTER TABLE rate_slots ADD COLUMN tokens INTEGER NOT NULL DEFAULT 1;

CREATE TABLE batches (
  id                  TEXT    PRIMARY KEY,
  crew                TEXT    NOT NULL,
  definition_path     TEXT    NOT NULL,
  definition_files    TEXT    NOT NULL,
  working_directory   TEXT    NOT NULL,
  options             TEXT    NOT NULL,
  started_at          INTEGER NOT NULL,
  is_whole            INTEGER NOT NULL DEFAULT 0 CHECK (is_whole IN (0, 1))
) STRICT;
CREATE TABLE batch_items (
  batch_id            TEXT    NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
  item                INTEGER NOT NULL,
  place               TEXT    NOT NULL,
  inputs              TEXT    NOT NULL,
  run_id              TEXT,
  PRIMARY KEY (batch_id, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_items_by_run ON batch_items (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE tool_results (
  id                  INTEGER PRIMARY KEY,
  key                 TEXT    NOT NULL UNIQUE,
  run_id              TEXT    NOT NULL,
  path                TEXT    NOT NULL,
  bytes               INTEGER NOT NULL,
  text                TEXT    NOT NULL
) STRICT;
CREATE INDEX tool_results_by_size ON tool_results (bytes);
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
