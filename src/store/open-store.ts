import { StoreError } from '../errors.js';
import { openDatabase, type OpenDatabaseOptions } from './open-database.js';
import { redactFields, type Redactor } from '../util/redact.js';
import type { NewRun, RunStore } from './records.js';
import { createRunReads } from './run-reads.js';
import { createRunWrites, type PreparedWrite } from './run-writes.js';
import { toStoreError } from './store-trouble.js';
import { createWriteQueue } from './write-queue.js';

export interface OpenStoreOptions extends OpenDatabaseOptions {
  /** Takes the secrets out of everything that is written. */
  readonly redactor?: Redactor;
}

/**
 * The store in the database file at `path` (absolute), which is made with its folder where it is not there; whoever opens
 * it closes it. Several stores, also of several processes, may be open on one file. A failure to open throws StoreError
 * with exit 2 (1 with `beforeRun: false`); so does `createRun`, before which nothing is called. Later failures are exit 1.
 */
export function openStore(path: string, { redactor, ...options }: OpenStoreOptions = {}): RunStore {
  const database = openDatabase(path, options);
  const queue = createWriteQueue(database);
  const writes = createRunWrites(database);
  const reads = createRunReads(database);

  const write = async (
    prepare: () => PreparedWrite,
    { lazy = false, beforeRun = false }: { readonly lazy?: boolean; readonly beforeRun?: boolean } = {},
  ): Promise<void> => {
    if (!database.open) throw new StoreError(`${path} was closed already`);
    try {
      await queue.add(prepare(), { lazy });
    } catch (error) {
      throw toStoreError(error, { path, beforeRun });
    }
  };
  const now = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, { path, beforeRun: false });
    }
  };

  const redact = <T extends object>(record: T, fields: readonly (keyof T)[]): T =>
    redactor ? redactFields(redactor, record, fields) : record;
  const redactRun = (run: NewRun): NewRun => ({
    ...redact(run, ['inputs']),
    definitionFiles: run.definitionFiles.map((file) => redact(file, ['text'])),
    tasks: run.tasks.map((task) => redact(task, ['description', 'expectedOutput', 'agent'])),
  });

  return {
    path,
    createRun: (run) => write(() => writes.createRun(redactRun(run)), { beforeRun: true }),
    updateTask: (runId, key, change) =>
      write(() => writes.updateTask(runId, key, redact(change, ['agent', 'raw', 'json', 'outputFile', 'error'])), {
        lazy: true,
      }),
    startStep: (step, start) => write(() => writes.startStep(redact(step, ['agent', 'request'])), start),
    endStep: (end) => write(() => writes.endStep(redact(end, ['response', 'error']))),
    endRun: (runId, end) => write(() => writes.endRun(runId, redact(end, ['error']))),
    findRun: (id) => now(() => reads.findRun(id)),
    listRuns: (filter) => now(() => reads.listRuns(filter)),
    listTasks: (runId) => now(() => reads.listTasks(runId)),
    listSteps: (runId, kind) => now(() => reads.listSteps(runId, kind)),
    sumSpend: (runId, below) => now(() => reads.sumSpend(runId, below)),
    deleteAllRuns: () => {
      queue.flush();
      return now(() => {
        const count = writes.deleteAllRuns();
        database.exec('VACUUM');
        return count;
      });
    },
    close: () => {
      if (!database.open) return;
      queue.flush();
      database.close();
    },
  };
}
