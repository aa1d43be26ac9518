import { stat } from 'node:fs/promises';
import Sqlite from 'better-sqlite3';
import { kindOf, orToolError } from '../files/root.js';
import { ToolError } from '../tool-error.js';
import { describeTables } from './describe-tables.js';
import type { JobResult } from './job.js';
import { runStatement, type Statement } from './run-statement.js';

/** How long a statement waits for the lock of another process, milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/** A question to an SQLite file. */
export interface SqliteRequest extends Omit<Statement, 'sql'> {
  /** Absolute path of the file. */
  readonly path: string;
  /** Its name for people and models. */
  readonly name: string;
  /** Undefined: the tables are described. */
  readonly sql?: string | undefined;
}

/** What one statement gives on an SQLite file, which is never made. Rejects with ToolError. */
export async function querySqlite({ path, name, sql, ...statement }: SqliteRequest): Promise<JobResult> {
  const stats = await orToolError(name, () => stat(path));
  if (!stats.isFile()) throw new ToolError(`${name} is ${kindOf(stats)}, not a database file`);
  const database = new Sqlite(path, { readonly: !statement.isWritable, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    if (!statement.isWritable) database.pragma('query_only = ON');
    return sql === undefined ? describeTables(database) : runStatement(database, { ...statement, sql });
  } finally {
    database.close();
  }
}
