import type { CsvRequest } from './query-csv-file.js';
import type { JsonRequest } from './query-json-file.js';
import type { SqliteRequest } from './query-sqlite.js';

/** What a job gives: text for the model, and how to get the rest. */
export interface JobResult {
  readonly text: string;
  readonly note?: string;
}

/**
 * Work that may take for ever or all memory and cannot be stopped in our process, by name; done in one of its own. A job
 * rejects with ToolError for what the model can mend.
 */
export const JOBS = {
  query_sqlite: async (request: SqliteRequest): Promise<JobResult> =>
    (await import('./query-sqlite.js')).querySqlite(request),
  query_csv: async (request: CsvRequest): Promise<JobResult> =>
    (await import('./query-csv-file.js')).queryCsvFile(request),
  query_json: async (request: JsonRequest): Promise<JobResult> =>
    (await import('./query-json-file.js')).queryJsonFile(request),
  calculate: async (request: { readonly expression: string }): Promise<JobResult> =>
    (await import('./evaluate-expression.js')).evaluateExpression(request),
};

/** A job, by its name. */
export type JobName = keyof typeof JOBS;

/** What a job is given; plain data, with absolute paths. */
export type JobRequest<Name extends JobName> = Parameters<(typeof JOBS)[Name]>[0];

/** A job as the other process is sent it. */
export type JobMessage = {
  readonly [Name in JobName]: { readonly name: Name; readonly request: JobRequest<Name> };
}[JobName];

/** What the other process answers; `outside` is text from the data, as in ToolError. */
export type JobAnswer =
  | { readonly ok: true; readonly result: JobResult }
  | { readonly ok: false; readonly message: string; readonly outside?: string | undefined };
