import { ToolError } from '../tool-error.js';

/** What a kind of database lets a statement begin with. */
export interface StatementRules {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** What may be done in an SQLite file. */
export const SQLITE_RULES: StatementRules = {
  reads: ['SELECT', 'WITH', 'VALUES'],
  // Neither ATTACH nor VACUUM INTO, which reach other files, nor PRAGMA, nor what spans several statements.
  writes: ['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'CREATE', 'ALTER', 'DROP', 'ANALYZE', 'REINDEX'],
};

/** What may be done on a PostgreSQL server. */
export const POSTGRES_RULES: StatementRules = {
  reads: ['SELECT', 'WITH', 'VALUES', 'TABLE', 'SHOW'],
  // Neither COPY, which reaches files and programs of the server, nor DO, CALL and SET, nor what spans several statements.
  writes: 'INSERT UPDATE DELETE MERGE TRUNCATE CREATE ALTER DROP COMMENT REFRESH ANALYZE VACUUM'.split(' '),
};

/** Reads the schema; has no effect (https://sqlite.org/pragma.html). */
const SCHEMA_PRAGMA =
  /^PRAGMA\s+(?:\w+\s*\.\s*)?(?:table_list|table_x?info|index_list|index_x?info|foreign_key_list)\s*(?:\(|;|$)/i;
/** What may stand before a statement: space, comments, empty statements; before a query also parentheses. */
const BEFORE = /^(?:[\s;(]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))+/;
const EXPLAIN = /^EXPLAIN(?:\s+QUERY\s+PLAN|\s+ANALYZE|\s+VERBOSE|\s*\([^)]*\))*(?=[\s(])/i;

/**
 * The word in capitals that a statement begins with, which is one of those that the rules allow. Throws ToolError for any
 * other. It is the second fence: databases are opened for reading only, where nothing may be written.
 */
export function checkStatement(
  sql: string,
  rules: StatementRules,
  { isWritable }: { readonly isWritable: boolean },
): string {
  const start = sql.replace(BEFORE, '');
  if (start === '') throw new ToolError('there is no statement in it, only comments; leave sql out to see the tables');
  if (rules === SQLITE_RULES && SCHEMA_PRAGMA.test(start)) return 'PRAGMA';
  const inner = start.replace(EXPLAIN, '').replace(BEFORE, '');
  const word = /^[a-z]+/i.exec(inner)?.[0].toUpperCase() ?? '';
  if (rules.reads.includes(word) || (isWritable && rules.writes.includes(word)))
    return start === inner ? word : 'EXPLAIN';
  if (rules.writes.includes(word)) throw new ToolError(`${word}: ${READ_ONLY}`);
  const allowed = ['EXPLAIN', ...rules.reads, ...(isWritable ? rules.writes : [])].join(', ');
  const what = word === '' ? `a statement that begins with ${JSON.stringify(inner.slice(0, 20))}` : word;
  throw new ToolError(`${what} is not allowed; a statement may begin with ${allowed}`);
}

/** Why a statement that changes something is refused. */
export const READ_ONLY = 'the data can only be read; ask for it with SELECT';
