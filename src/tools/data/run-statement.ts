import type { Database } from 'better-sqlite3';
import { countOf } from '../../util/amounts.js';
import { ToolError } from '../tool-error.js';
import { checkStatement, READ_ONLY, SQLITE_RULES } from './check-statement.js';
import { describeTables } from './describe-tables.js';
import type { JobResult } from './job.js';
import { type Cell, createResultTable } from './result-table.js';
import type { SqlParameter } from './sql-parameters.js';

/** One statement, as it may be run. */
export interface Statement {
  readonly sql: string;
  /** For `?`, in their order. */
  readonly parameters: readonly SqlParameter[];
  readonly isWritable: boolean;
  readonly maxRows: number;
}

const CHANGES_ROWS = new Set(['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH']);

/** What one statement gives on an open SQLite database. Throws ToolError. */
export function runStatement(database: Database, statement: Statement): JobResult {
  const word = checkStatement(statement.sql, SQLITE_RULES, statement);
  try {
    return run(database, statement, word);
  } catch (error) {
    throw explain(error, database, statement.sql);
  }
}

function run(database: Database, { sql, parameters, isWritable, maxRows }: Statement, word: string): JobResult {
  const statement = database.prepare<unknown[], Cell[]>(sql);
  if (!isWritable && !statement.readonly) throw new ToolError(READ_ONLY);
  const values = parameters.map(toSqlite);
  if (!statement.reader) {
    const { changes, lastInsertRowid } = statement.run(...values);
    if (!CHANGES_ROWS.has(word)) return { text: 'done' };
    const last = word === 'INSERT' && changes > 0 ? `; the last one has rowid ${lastInsertRowid}` : '';
    return { text: `${countOf(changes, 'row')} changed${last}` };
  }
  statement.raw().safeIntegers();
  const table = createResultTable(
    statement.columns().map(({ name }) => name),
    maxRows,
  );
  for (const row of statement.iterate(...values)) {
    // What writes and gives rows has to come to its end.
    if (!table.add(row) && statement.readonly) break;
  }
  return table.toResult();
}

/** Numbers without fraction as integers; SQLite knows no booleans. */
function toSqlite(value: SqlParameter): string | number | bigint | null {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

const WORDS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'the database is in use by another program; try again',
  SQLITE_NOTADB: 'it is no SQLite database',
  SQLITE_READONLY: READ_ONLY,
  SQLITE_FULL: 'the disk is full',
};

function explain(error: unknown, database: Database, sql: string): unknown {
  if (!(error instanceof Error) || error instanceof ToolError) return error;
  if (/more than one statement/.test(error.message)) return new ToolError('only one statement at a time');
  if (error instanceof RangeError || error instanceof TypeError) {
    return new ToolError(`${error.message}; parameters fills each ? of the statement, in order`, { cause: error });
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!code.startsWith('SQLITE_')) return error;
  const words = WORDS[code.split('_').slice(0, 2).join('_')];
  if (words !== undefined) return new ToolError(words, { cause: error });
  const isUnknownName = /no such (?:table|column)/.test(error.message);
  const mentioned = /column/.test(error.message) ? { mentionedIn: sql } : {};
  const tables = isUnknownName ? describeTables(database, mentioned).text : undefined;
  return databaseError(error, error.message, tables);
}

/** What a database says against a statement, for the model: its own words are data, and may be followed by the tables that it has. */
export function databaseError(cause: Error, words: string, tables: string | undefined): ToolError {
  const outside = tables === undefined ? words : `${words.replace(/\.$/, '')}. There is:\n${tables}`;
  return new ToolError('the database refused it:', { outside, cause });
}
