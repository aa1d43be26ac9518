import { resolve } from 'node:path';
import type { ToolSettings } from '../definition/tool-settings.js';
import { UsageError } from '../errors.js';
import type { BuiltinTool } from './builtin-tool.js';
import { type SqlParameter, sqlParametersSchema } from './data/sql-parameters.js';

const MOST_ROWS = 100;

/** Asks an SQLite file, in another process, or a PostgreSQL server, with SQL; changes them only where the definition says so. */
export const querySqlTool: BuiltinTool<'query_sql'> = {
  description: ({ url, write }) =>
    `Runs one ${url === undefined ? 'SQLite' : 'PostgreSQL'} statement${write ? '' : '; only reading is allowed'}. Without sql: the tables and columns.`,
  effects: ({ url, write }) => (write ? (url === undefined ? 'write' : 'external') : 'none'),
  // What it reads changes.
  isCacheable: false,
  isOutside: true,
  parameters: ({ url }) => ({
    type: 'object',
    properties: {
      sql: { type: 'string' },
      parameters: sqlParametersSchema(url === undefined ? '?' : '$1, $2 …'),
    },
    additionalProperties: false,
  }),
  prepare: async (settings, { workingDirectory }) => {
    const { database, url } = settings;
    checkDatabase(settings);
    const { write: isWritable = false, max_rows: maxRows = MOST_ROWS } = settings;
    return async ({ sql, parameters = [] }, { signal }) => {
      const statement = {
        sql: (sql as string | undefined)?.trim() || undefined,
        parameters: parameters as SqlParameter[],
        isWritable,
        maxRows,
      };
      if (url !== undefined) {
        const { queryPostgres } = await import('./data/query-postgres.js');
        return queryPostgres({ ...statement, url }, signal);
      }
      const { runJob } = await import('./data/run-job.js');
      const name = database as string;
      return runJob('query_sqlite', { ...statement, name, path: resolve(workingDirectory, name) }, { signal });
    };
  },
};

/** Never shows the address: it may hold a password. */
function checkDatabase({ database, url }: ToolSettings['query_sql']): void {
  if ((database === undefined) === (url === undefined)) {
    throw new UsageError(`query_sql: ${database === undefined ? 'no database is' : 'two databases are'} given`, {
      hint: 'Give `database`, an SQLite file, or `url`, a PostgreSQL server.',
    });
  }
  if (url === undefined || (URL.canParse(url) && /^postgres(?:ql)?:$/.test(new URL(url).protocol))) return;
  throw new UsageError('query_sql: `url` is not the address of a PostgreSQL server', {
    hint: 'It looks like postgres://user:password@host:5432/name; special characters of the password are percent-encoded.',
  });
}
