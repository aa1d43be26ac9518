import type { Database } from 'better-sqlite3';
import { countOf } from '../../util/amounts.js';
import type { JobResult } from './job.js';

/** Characters of one description. */
const MOST_CHARACTERS = 20_000;

interface TableRow {
  readonly name: string;
  readonly type: string;
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly pk: number;
}

interface KeyRow {
  readonly from: string;
  readonly table: string;
  readonly to: string | null;
}

/**
 * The tables and views of a database, one a line: `orders(id INTEGER primary key, buyer INTEGER → people.id)`. `mentionedIn`:
 * only those whose name stands in that text, if there are any.
 */
export function describeTables(database: Database, { mentionedIn }: { readonly mentionedIn?: string } = {}): JobResult {
  const all = database
    .prepare<[], TableRow>(
      `SELECT name, type FROM pragma_table_list
       WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .all();
  const text = mentionedIn?.toLowerCase();
  const mentioned = text === undefined ? [] : all.filter(({ name }) => text.includes(name.toLowerCase()));
  const wanted = mentioned.length > 0 ? mentioned : all;
  return listTables(wanted.map((table) => () => describeTable(database, table)));
}

/** Lines of a description of tables, as many as have room; made one by one, in that order. */
export function listTables(tables: readonly (() => string)[]): JobResult {
  if (tables.length === 0) return { text: 'no tables' };
  const lines: string[] = [];
  let characters = 0;
  for (const describe of tables) {
    const line = describe();
    characters += line.length;
    if (lines.length > 0 && characters > MOST_CHARACTERS) break;
    lines.push(line);
  }
  const left = tables.length - lines.length;
  return { text: lines.join('\n'), ...(left > 0 && { note: `${countOf(left, 'more table')} left out.` }) };
}

function describeTable(database: Database, { name, type }: TableRow): string {
  const kind = type === 'view' ? 'view ' : '';
  let columns: readonly ColumnRow[];
  try {
    columns = database
      .prepare<[string], ColumnRow>('SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1')
      .all(name);
  } catch {
    // A view of a table that is gone.
    return `${kind}${quoteName(name)}: cannot be read`;
  }
  const keys = database
    .prepare<[string], KeyRow>('SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)')
    .all(name);
  const described = columns.map((column) => {
    const key = keys.find(({ from }) => from === column.name);
    return [
      quoteName(column.name),
      ...(column.type === '' ? [] : [column.type]),
      ...(column.pk > 0 ? ['primary key'] : []),
      ...(key ? [`→ ${quoteName(key.table)}${key.to === null ? '' : `.${quoteName(key.to)}`}`] : []),
    ].join(' ');
  });
  return `${kind}${quoteName(name)}(${described.join(', ')})`;
}

/** Words that SQLite takes for no name (https://sqlite.org/lang_keywords.html); the others it understands from where they stand. */
const RESERVED = new Set(
  [
    'add all alter and as autoincrement between case check collate commit constraint create default deferrable delete',
    'distinct drop else escape except exists foreign from group having in index insert intersect into is isnull join limit',
    'not nothing notnull null on or order primary references returning select set table then to transaction union unique',
    'update using values when where',
  ].flatMap((words) => words.split(' ')),
);

/** The name as it has to stand in a statement. */
export function quoteName(name: string): string {
  const isPlain = /^[a-z_]\w*$/i.test(name) && !RESERVED.has(name.toLowerCase());
  return isPlain ? name : `"${name.replaceAll('"', '""')}"`;
}
