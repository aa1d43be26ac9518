import { StoreError } from '../errors.js';
import { openDatabase, type OpenDatabaseOptions } from './open-database.js';
import type { RunStore } from './records.js';
import { createRunReads } from './run-reads.js';
import { createRunWrites, type PreparedWrite } from './run-writes.js';
import { toStoreError } from './store-trouble.js';
import { createWriteQueue } from './write-queue.js';

/**
 * The store in the database file at `path` (absolute), which is made with its folder where it is not there; whoever opens
 * it closes it. Several stores, also of several processes, may be open on one file. A failure to open throws StoreError
 * with exit 2 (1 with `beforeRun: false`); so does `createRun`, before which nothing is called. Later failures are exit 1.
 */
export function openStore(path: string, options: OpenDatabaseOptions = {}): RunStore {
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

  return {
    path,
    createRun: (run) => write(() => writes.createRun(run), { beforeRun: true }),
    updateTask: (runId, key, change) => write(() => writes.updateTask(runId, key, change), { lazy: true }),
    startStep: (step, start) => write(() => writes.startStep(step), start),
    endStep: (end) => write(() => writes.endStep(end)),
    endRun: (runId, end) => write(() => writes.endRun(runId, end)),
    findRun: (id) => now(() => reads.findRun(id)),
    listRuns: (filter) => now(() => reads.listRuns(filter)),
    listTasks: (runId) => now(() => reads.listTasks(runId)),
    listSteps: (runId, kind) => now(() => reads.listSteps(runId, kind)),
    sumSpend: (runId, taskKey) => now(() => reads.sumSpend(runId, taskKey)),
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
