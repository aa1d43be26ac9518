import type { Database } from 'better-sqlite3';
import { isBusy, isFull } from './store-trouble.js';

/** Longest that a lazy write waits, milliseconds: short enough for whoever watches the database. */
const LAZY_MS = 50;

/** How long a write is tried again while another process holds the database, milliseconds. */
const BUSY_PATIENCE_MS = 60_000;
const BUSY_RETRY_MS = 50;

interface Write {
  readonly addedAt: number;
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
 * to whoever asked for the write; later writes are tried as if nothing had been. While another process holds the database,
 * writes wait without stopping this process, each for as long as it may. `now` is in milliseconds, since whenever.
 */
export function createWriteQueue(
  database: Database,
  { busyPatienceMs = BUSY_PATIENCE_MS, now = () => performance.now() } = {},
): WriteQueue {
  let waiting: Write[] = [];
  let scheduled: NodeJS.Immediate | undefined;
  let late: NodeJS.Timeout | undefined;

  const runAll = database.transaction((group: readonly Write[]) => {
    for (const write of group) write.run();
  });

  /** On a full disk there may be room left: what the log of writes holds that is in the database file already. */
  const runWithRoom = (group: readonly Write[]): void => {
    try {
      runAll.immediate(group);
    } catch (error) {
      if (!isFull(error)) throw error;
      database.pragma('wal_checkpoint(TRUNCATE)');
      runAll.immediate(group);
    }
  };

  const commit = (group: readonly Write[], isPatient: boolean): void => {
    try {
      runWithRoom(group);
    } catch (error) {
      if (group.length > 1 && !isBusy(error)) {
        for (const write of group) commit([write], isPatient);
        return;
      }
      const addedAfter = isBusy(error) && isPatient ? now() - busyPatienceMs : Infinity;
      for (const write of group) {
        if (write.addedAt > addedAfter) waiting.push(write);
        else write.reject(error);
      }
      if (waiting.length > 0) late ??= setTimeout(flush, BUSY_RETRY_MS);
      return;
    }
    for (const write of group) write.resolve();
  };

  const flushNow = (isPatient: boolean): void => {
    clearImmediate(scheduled);
    clearTimeout(late);
    scheduled = undefined;
    late = undefined;
    const group = waiting;
    waiting = [];
    if (group.length > 0) commit(group, isPatient);
  };
  const flush = (): void => flushNow(true);

  return {
    add: (run, { lazy = false } = {}) =>
      new Promise((resolve, reject) => {
        waiting.push({ addedAt: now(), run, resolve, reject });
        if (lazy) late ??= setTimeout(flush, LAZY_MS);
        else scheduled ??= setImmediate(flush);
      }),
    flush: () => flushNow(false),
  };
}
