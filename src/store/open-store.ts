import type { Database } from 'better-sqlite3';
import { StoreError } from '../errors.js';
import { createBatchStore } from './batches.js';
import { createDeadRunMarking } from './dead-runs.js';
import { createOldRuns } from './old-runs.js';
import { openDatabase, type OpenDatabaseOptions } from './open-database.js';
import { redactFields, type Redactor } from '../util/redact.js';
import { createStoredSlots } from './rate-slots.js';
import type { NewRun, RunStore } from './records.js';
import { createRunReads } from './run-reads.js';
import { createRunWrites, type PreparedWrite } from './run-writes.js';
import { codeOf, toStoreError } from './store-trouble.js';
import { createToolResults } from './tool-results.js';
import { whilePatient } from './while-patient.js';
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
  const markDeadRuns = createDeadRunMarking(database, reads.sumSpend);
  const oldRuns = createOldRuns(database);
  let results: ReturnType<typeof createToolResults> | undefined;
  const toolResults = () => (results ??= createToolResults(database));

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
    tasks: run.tasks.map((task) => redact(task, ['description', 'expectedOutput', 'agent', 'reused'])),
  });

  return {
    path,
    createRun: (run) => write(() => writes.createRun(redactRun(run)), { beforeRun: true }),
    reopenRun: (run, { definitionFiles, ...reopening }) =>
      write(
        () =>
          writes.reopenRun(run, {
            ...reopening,
            ...(definitionFiles && { definitionFiles: definitionFiles.map((file) => redact(file, ['text'])) }),
          }),
        { beforeRun: true },
      ),
    keepRun: (runId, at) => write(() => writes.keepRun(runId, at), { lazy: true }),
    updateTask: (runId, key, change) =>
      write(
        () =>
          writes.updateTask(runId, key, redact(change, ['agent', 'raw', 'json', 'outputFile', 'error', 'skipReason'])),
        {
          lazy: true,
        },
      ),
    startStep: (step, start) => write(() => writes.startStep(redact(step, ['agent', 'request'])), start),
    endStep: (end) => write(() => writes.endStep(redact(end, ['response', 'error']))),
    endRun: async (runId, end) => {
      await write(() => writes.endRun(runId, redact(end, ['error'])));
      moveIntoFile(database);
    },
    findRun: (id) => now(() => reads.findRun(id)),
    listRuns: (filter) => now(() => reads.listRuns(filter)),
    searchTasks: (search) => now(() => reads.searchTasks(search)),
    listTasks: (runId) => now(() => reads.listTasks(runId)),
    findSuccessor: (runId) => now(() => reads.findSuccessor(runId)),
    findStep: (runId, path) => now(() => reads.findStep(runId, path)),
    listUnknownSteps: (runId) => now(() => reads.listUnknownSteps(runId)),
    listSteps: (runId, kind) => now(() => reads.listSteps(runId, kind)),
    sumSpend: (runId, below) => now(() => reads.sumSpend(runId, below)),
    markDeadRuns: (at) => now(() => markDeadRuns(at)),
    listOldRuns: (filter, at) => now(() => oldRuns.listOldRuns(filter, at)),
    deleteRuns: async (runs, deletion) => {
      queue.flush();
      try {
        return await oldRuns.deleteRuns(runs, deletion);
      } catch (error) {
        throw toStoreError(error, { path, beforeRun: false });
      }
    },
    deleteAllRuns: () => {
      queue.flush();
      return now(() => oldRuns.deleteAllRuns());
    },
    batches: createBatchStore(database, redact),
    toolResults: {
      find: (key) => now(() => toolResults().find(key)),
      keep: (key, result) => write(() => toolResults().prepareKeep(key, redact(result, ['text']))),
      count: () => now(() => toolResults().count()),
      clear: () => now(() => whilePatient(database, () => toolResults().clear())),
    },
    openRateSlots: () => createStoredSlots(database),
    close: () => {
      if (!database.open) return;
      queue.flush();
      database.close();
    },
  };
}

/**
 * Moves what was committed from the write-ahead log into the database file, as far as that can be done without waiting for
 * others (https://sqlite.org/pragma.html#pragma_wal_checkpoint). Where it cannot be, it is safe where it is.
 */
function moveIntoFile(database: Database): void {
  if (!database.open) return;
  try {
    database.pragma('wal_checkpoint(PASSIVE)');
  } catch (error) {
    if (!codeOf(error).startsWith('SQLITE_')) throw error;
  }
}
