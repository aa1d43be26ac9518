import { formatCount } from '../../util/amounts.js';
import { stampOf } from '../files/file-stamp.js';
import { sizeWithin } from '../files/read-bytes.js';
import { openRegularFile, orToolError, type RootPlace } from '../files/root.js';
import { describeTables } from './describe-tables.js';
import type { JobResult } from './job.js';
import { type CsvTable, loadCsv } from './load-csv.js';
import { runStatement } from './run-statement.js';
import type { SqlParameter } from './sql-parameters.js';

/** Bytes of a file. */
const MOST_BYTES = 200_000_000;
/** Rows that are shown where nothing is asked. */
const FIRST_ROWS = 5;

/** A question to a CSV file. */
export interface CsvRequest {
  readonly place: RootPlace;
  /** Undefined: columns and the first rows are shown. */
  readonly sql?: string | undefined;
  readonly parameters: readonly SqlParameter[];
  readonly maxRows: number;
}

/** The file that was loaded last, for the next statement. */
let kept: { readonly stamp: string; readonly table: CsvTable } | undefined;

/** What one statement gives on the table `csv` that a file holds. Rejects with ToolError. */
export async function queryCsvFile({ place, sql, parameters, maxRows }: CsvRequest): Promise<JobResult> {
  const { database, rowCount, warning } = await load(place);
  const query = (text: string): JobResult =>
    runStatement(database, { sql: text, parameters, isWritable: false, maxRows });
  const result = sql === undefined ? undefined : query(sql);
  if (result) return withNote(result, warning);
  const { text } = describeTables(database);
  const first = query(`SELECT * FROM csv LIMIT ${FIRST_ROWS}`);
  return withNote({ ...first, text: `${text}: ${formatCount(rowCount)} rows, such as\n\n${first.text}` }, warning);
}

async function load(place: RootPlace): Promise<CsvTable> {
  const file = await openRegularFile(place);
  try {
    await sizeWithin(file, place.name, MOST_BYTES);
    const stamp = await stampOf(file, place);
    if (kept?.stamp === stamp) return kept.table;
    kept?.table.database.close();
    kept = undefined;
    kept = { stamp, table: await orToolError(place.name, () => loadCsv(file, place.name)) };
    return kept.table;
  } finally {
    await file.close();
  }
}

function withNote(result: JobResult, warning: string | undefined): JobResult {
  const notes = [result.note, warning].filter((note) => note !== undefined);
  return { text: result.text, ...(notes.length > 0 && { note: notes.join('\n') }) };
}
