import pg, { type Client, type FieldDef, type QueryConfig } from 'pg';
import { messageOf } from '../../errors.js';
import { countOf } from '../../util/amounts.js';
import { errorCode } from '../../util/file-trouble.js';
import { orAbort } from '../../util/or-abort.js';
import { ToolError } from '../tool-error.js';
import { checkStatement, POSTGRES_RULES } from './check-statement.js';
import { listTables, quoteName } from './describe-tables.js';
import type { JobResult } from './job.js';
import { type Cell, createResultTable } from './result-table.js';
import { databaseError, type Statement } from './run-statement.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** For the connection that only stops the work of another one. */
const CANCEL_TIMEOUT_MS = 3000;
/** When the server itself gives up, should we be gone without having told it, milliseconds. */
const STATEMENT_TIMEOUT_MS = 3_600_000;
/** https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const BYTEA = 17;
/** Undefined table and column (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const UNKNOWN_NAMES = new Set(['42P01', '42703']);

/** A question to a PostgreSQL server. */
export interface PostgresRequest extends Omit<Statement, 'sql'> {
  /** Holds a password. */
  readonly url: string;
  /** Undefined: the tables are described. */
  readonly sql?: string | undefined;
}

/**
 * What one statement gives on a PostgreSQL server, over a connection of its own. Only what is writable happens outside of a
 * READ ONLY transaction. When the signal is aborted, the server is told to stop. Rejects with ToolError, which never holds the
 * password: it is made of words of the server, which does not know it, and of the network.
 */
export async function queryPostgres(request: PostgresRequest, signal: AbortSignal): Promise<JobResult> {
  const word = request.sql === undefined ? '' : checkStatement(request.sql, POSTGRES_RULES, request);
  const client = openClient(request.url, CONNECT_TIMEOUT_MS);
  try {
    const processId = await orAbort(connect(client, request), signal);
    return await orAbort(work(client, request, word), signal).catch(async (error: unknown) => {
      if (signal.aborted) await cancel(request.url, processId);
      throw error;
    });
  } finally {
    // A connection that does not answer any more would not end politely.
    await orAbort(client.end(), signal).catch(() => client.connection.stream.destroy());
  }
}

type OpenClient = Client & { readonly connection: { readonly stream: { destroy(): void } } };

function openClient(url: string, timeoutMs: number): OpenClient {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    application_name: 'crew',
    // Values stay as the server writes them: nothing is lost in numbers and times.
    types: { getTypeParser: () => (value: unknown) => value },
  });
  // A connection that breaks while nothing is asked of it; what is asked next fails.
  client.on('error', () => undefined);
  return client as OpenClient;
}

/** Gives the id of the server's process. */
async function connect(client: Client, { isWritable }: Pick<Statement, 'isWritable'>): Promise<string> {
  try {
    await client.connect();
    if (!isWritable) await client.query('BEGIN TRANSACTION READ ONLY');
    const { rows } = await client.query<{ id: string }>(
      `SELECT pg_backend_pid() AS id, set_config('statement_timeout', $1, false)`,
      [String(STATEMENT_TIMEOUT_MS)],
    );
    return rows[0]?.id ?? '';
  } catch (error) {
    const reason = messageOf(error) || errorCode(error) || 'no answer';
    throw new ToolError(`no connection to the database: ${reason}; this cannot be mended by asking again`, {
      cause: error,
    });
  }
}

async function work(client: OpenClient, request: PostgresRequest, word: string): Promise<JobResult> {
  if (request.sql === undefined) return describeServer(client);
  try {
    return await run(client, { ...request, sql: request.sql }, word);
  } catch (error) {
    throw await explain(error, client);
  }
}

/** Queries without effects go through a cursor, so that the server sends no more than is shown. */
async function run(
  client: Client,
  { sql, parameters, isWritable, maxRows }: Statement,
  word: string,
): Promise<JobResult> {
  const isQuery = !isWritable && ['SELECT', 'WITH', 'VALUES', 'TABLE'].includes(word);
  if (!isQuery) return rowsOf(client, { sql, parameters, maxRows });
  await rowsOf(client, { sql: `DECLARE crew_rows NO SCROLL CURSOR FOR ${sql}`, parameters, maxRows });
  return rowsOf(client, { sql: `FETCH ${maxRows + 1} FROM crew_rows`, parameters: [], maxRows });
}

/** The extended protocol takes one statement only. Rows beyond the table are read and dropped. */
async function rowsOf(client: Client, { sql, parameters, maxRows }: Omit<Statement, 'isWritable'>): Promise<JobResult> {
  const query = new pg.Query({
    text: sql,
    values: [...parameters],
    rowMode: 'array',
    queryMode: 'extended',
  } as QueryConfig);
  let table: ReturnType<typeof createResultTable> | undefined;
  const tableFor = (fields: readonly FieldDef[]): NonNullable<typeof table> =>
    (table ??= createResultTable(
      fields.map(({ name }) => name),
      maxRows,
    ));
  return new Promise((resolve, reject) => {
    query.on('row', (row: (string | null)[], result) => {
      const fields = result?.fields ?? [];
      tableFor(fields).add(row.map((value, index) => cellOf(value, fields[index])));
    });
    query.on('end', ({ fields, command, rowCount }) => {
      const done = `${command}${rowCount === null ? '' : `: ${countOf(rowCount, 'row')}`}`;
      resolve(fields.length === 0 ? { text: done } : tableFor(fields).toResult());
    });
    query.on('error', reject);
    client.query(query);
  });
}

function cellOf(value: string | null, field: FieldDef | undefined): Cell {
  return value !== null && field?.dataTypeID === BYTEA ? Buffer.from(value.slice(2), 'hex') : value;
}

/** Stops what another connection is waiting for; a server that cannot be reached any more needs nothing. */
async function cancel(url: string, processId: string): Promise<void> {
  const client = openClient(url, CANCEL_TIMEOUT_MS);
  await client
    .connect()
    .then(() => client.query('SELECT pg_cancel_backend($1)', [processId]))
    .then(() => client.end())
    .catch(() => client.connection.stream.destroy());
}

interface TableRow {
  readonly schema: string;
  readonly name: string;
  readonly columns: string;
}

async function describeServer(client: Client): Promise<JobResult> {
  const { rows } = await client.query<TableRow>(
    `SELECT table_schema AS schema, table_name AS name,
            string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) AS columns
     FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
     GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return listTables(
    rows.map(
      ({ schema, name, columns }) =>
        () =>
          `${schema === 'public' ? '' : `${quoteName(schema)}.`}${quoteName(name)}(${columns})`,
    ),
  );
}

async function explain(error: unknown, client: Client): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof ToolError) return error;
  const { code = '', hint, detail } = error as Error & { code?: string; hint?: string; detail?: string };
  if (/multiple commands/.test(error.message)) return new ToolError('only one statement at a time', { cause: error });
  const message = [error.message, detail, hint].flatMap((part) => (part ? [part.replace(/\.$/, '')] : [])).join('. ');
  if (!UNKNOWN_NAMES.has(code)) return databaseError(error, message, undefined);
  await client.query('ROLLBACK');
  return databaseError(error, message, (await describeServer(client)).text);
}
