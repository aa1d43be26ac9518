import type { Database } from 'better-sqlite3';
import { isBusy } from './store-trouble.js';

/** Longest that a lazy write waits, milliseconds: short enough for whoever watches the database. */
const LAZY_MS = 50;

interface Write {
  readonly run: () => void;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Puts writes together into transactions. */
export interface WriteQueue {
  /**
   * Resolves when the write is on disk, with all others of the same turn of the event loop; rejects with what SQLite said.
   * One that is `lazy` waits for the next that is not, 50 ms at most: it costs no commit of its own.
   */
  add(run: () => void, options?: { readonly lazy?: boolean }): Promise<void>;
  /** Commits at once what waits. */
  flush(): void;
}

/**
 * A queue over one connection. What is added in one turn of the event loop is one commit, in the order of adding. Where a
 * group cannot be committed, each of its writes is tried alone, so that only those at fault are lost. A failure is told
 * to whoever asked for the write; later writes are tried as if nothing had been.
 */
export function createWriteQueue(database: Database): WriteQueue {
  let waiting: Write[] = [];
  let scheduled: NodeJS.Immediate | undefined;
  let late: NodeJS.Timeout | undefined;

  const runAll = database.transaction((group: readonly Write[]) => {
    for (const write of group) write.run();
  });

  const commit = (group: readonly Write[]): void => {
    try {
      runAll.immediate(group);
    } catch (error) {
      // A locked database made us wait already; waiting again for each write would stop the whole process.
      if (group.length > 1 && !isBusy(error)) for (const write of group) commit([write]);
      else for (const write of group) write.reject(error);
      return;
    }
    for (const write of group) write.resolve();
  };

  const flush = (): void => {
    clearImmediate(scheduled);
    clearTimeout(late);
    scheduled = undefined;
    late = undefined;
    const group = waiting;
    waiting = [];
    if (group.length > 0) commit(group);
  };

  return {
    add: (run, { lazy = false } = {}) =>
      new Promise((resolve, reject) => {
        waiting.push({ run, resolve, reject });
        if (lazy) late ??= setTimeout(flush, LAZY_MS);
        else scheduled ??= setImmediate(flush);
      }),
    flush,
  };
}
