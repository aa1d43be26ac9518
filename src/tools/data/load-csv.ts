import type { FileHandle } from 'node:fs/promises';
import Sqlite, { type Database } from 'better-sqlite3';
import { parse } from 'csv-parse';
import { countOf, formatCount } from '../../util/amounts.js';
import { latin1ToWindows } from '../../util/text-encoding.js';
import { ToolError } from '../tool-error.js';
import { columnNames, type ColumnType, detectCsvFormat, typeWith } from './csv-format.js';
import { quoteName } from './describe-tables.js';

/** Bytes that tell how a file is written. */
const SAMPLE_BYTES = 64 * 1024;
/** Bytes of one row. */
const MOST_ROW_BYTES = 10_000_000;
/** https://sqlite.org/limits.html#max_column */
const MOST_COLUMNS = 2000;
/** What a database may keep in memory; the rest goes to a temporary file. Negative: KiB. */
const CACHE_SIZE = -64_000;

/** A CSV file as a table. */
export interface CsvTable {
  /** Has the one table `csv`, and can only be read; the caller closes it. */
  readonly database: Database;
  readonly rowCount: number;
  /** What was not as it should be, for the model. */
  readonly warning: string | undefined;
}

/** The file as the table `csv` of a temporary database. Rejects with ToolError where it is no CSV. */
export async function loadCsv(file: FileHandle, name: string): Promise<CsvTable> {
  // Without a name: temporary, on disk as far as it does not fit into the cache.
  const database = new Sqlite('');
  try {
    database.pragma(`cache_size = ${CACHE_SIZE}`);
    database.pragma('journal_mode = OFF');
    const loaded = await fill(database, file, name);
    database.pragma('query_only = ON');
    return { database, ...loaded };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function fill(database: Database, file: FileHandle, name: string): Promise<Omit<CsvTable, 'database'>> {
  const types: (ColumnType | undefined)[] = [];
  let columns: string[] | undefined;
  let insert: ((values: readonly (string | null)[]) => void) | undefined;
  let rowCount = 0;
  let longRows = 0;
  database.exec('BEGIN');
  for await (const record of recordsOf(file, name)) {
    if (columns === undefined || insert === undefined) {
      columns = columnNames(record);
      if (columns.length > MOST_COLUMNS) {
        throw new ToolError(`${name} has ${formatCount(columns.length)} columns, and ${MOST_COLUMNS} is the most`);
      }
      insert = insertInto(database, columns);
      continue;
    }
    if (record.length > columns.length) longRows += 1;
    const values = columns.map((_column, index) => record[index] || null);
    for (const [index, value] of values.entries()) {
      if (value !== null) types[index] = typeWith(types[index], value);
    }
    insert(values);
    rowCount += 1;
  }
  if (columns === undefined) throw new ToolError(`${name} is empty`);
  const typed = columns.map((column, index) => ({ name: quoteName(column), type: types[index] ?? 'TEXT' }));
  // Only now the types are known; text is converted where it goes into a column of numbers.
  database.exec(`CREATE TABLE csv (${typed.map((column) => `${column.name} ${column.type}`).join(', ')})`);
  database.exec('INSERT INTO csv SELECT * FROM raw');
  database.exec('DROP TABLE raw');
  database.exec('COMMIT');
  const warning =
    longRows > 0
      ? `${countOf(longRows, 'row')} had more cells than the header; the extra ones are left out.`
      : undefined;
  return { rowCount, warning };
}

function insertInto(database: Database, columns: readonly string[]): (values: readonly (string | null)[]) => void {
  database.exec(`CREATE TABLE raw (${columns.map((column) => `${quoteName(column)} TEXT`).join(', ')})`);
  const statement = database.prepare<unknown[]>(`INSERT INTO raw VALUES (${columns.map(() => '?').join(', ')})`);
  return (values) => void statement.run(values);
}

async function* recordsOf(file: FileHandle, name: string): AsyncGenerator<string[]> {
  const sample = Buffer.alloc(SAMPLE_BYTES);
  const { bytesRead } = await file.read(sample, 0, SAMPLE_BYTES, 0);
  const bytes = sample.subarray(0, bytesRead);
  const { delimiter, encoding } = detectCsvFormat(bytes, { isWhole: bytesRead < SAMPLE_BYTES });
  if (encoding !== 'utf16le' && bytes.includes(0)) throw new ToolError(`${name} is a binary file, not CSV`);
  const parser = parse({
    delimiter,
    encoding,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MOST_ROW_BYTES,
    // Where tabs part the columns, they are no space around a value.
    trim: delimiter !== '\t',
  });
  const source = file.createReadStream({ start: 0, autoClose: false });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      yield encoding === 'latin1' ? record.map(latin1ToWindows) : record;
    }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('CSV_')) throw error;
    throw new ToolError(`${name} is not CSV:`, { outside: error.message, cause: error });
  }
}
