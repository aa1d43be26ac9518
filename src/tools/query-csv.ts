import type { BuiltinTool } from './builtin-tool.js';
import { type SqlParameter, sqlParametersSchema } from './data/sql-parameters.js';
import { locateInRoot, rootOf } from './files/root.js';

const MOST_ROWS = 100;

/** Asks CSV files with SQL. They are read into a database of their own, in another process, and stay as they are. */
export const queryCsvTool: BuiltinTool<'query_csv'> = {
  description: ({ file }) =>
    `Asks ${file ?? 'a CSV file'} with SQLite's SELECT; its table is called csv. Without sql: columns and first rows.`,
  effects: 'none',
  // What it reads changes.
  isCacheable: false,
  isOutside: true,
  parameters: ({ file }) => ({
    type: 'object',
    properties: {
      ...(file === undefined && { file: { type: 'string' } }),
      sql: { type: 'string' },
      parameters: sqlParametersSchema('?'),
    },
    required: file === undefined ? ['file'] : [],
    additionalProperties: false,
  }),
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    const { max_rows: maxRows = MOST_ROWS } = settings;
    return async ({ file = settings.file, sql, parameters = [] }, { signal }) => {
      const place = await locateInRoot(root, file as string);
      const { runJob } = await import('./data/run-job.js');
      const request = {
        place,
        sql: (sql as string | undefined)?.trim() || undefined,
        parameters: parameters as SqlParameter[],
        maxRows,
      };
      return runJob('query_csv', request, { signal, holds: place.path });
    };
  },
};
