import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { nextCommonSlot, type RateLimit, type SlotBook, WINDOW_MS } from '../util/next-slot.js';
import { isBusy, toStoreError } from './store-trouble.js';

/** How long a turn is asked for again while another process holds the database, and the pause between, milliseconds. */
const BUSY_PATIENCE_MS = 60_000;
const BUSY_RETRY_MS = 50;

/**
 * Turns that all processes on one database share: each is taken in a transaction of its own. What a process took and never
 * used, because it was killed, is free again when its time is over. Rejects with StoreError.
 */
export function createStoredSlots(database: Database, { busyPatienceMs = BUSY_PATIENCE_MS } = {}): SlotBook {
  const selectTaken = database
    .prepare<[string], number>('SELECT at FROM rate_slots WHERE scope = ? ORDER BY at')
    .pluck();
  const insert = database.prepare<[string, number]>('INSERT INTO rate_slots (scope, at) VALUES (?, ?)');
  const forget = database.prepare<[number]>('DELETE FROM rate_slots WHERE at <= ?');
  const remove = database.prepare<[string, number]>(
    'DELETE FROM rate_slots WHERE rowid = (SELECT rowid FROM rate_slots WHERE scope = ? AND at = ? LIMIT 1)',
  );

  const take = database.transaction((limits: readonly RateLimit[], now: number): number => {
    forget.run(now - WINDOW_MS);
    const taken = limits.map(({ scope, perMinute }) => ({ taken: selectTaken.all(scope), perMinute }));
    const at = nextCommonSlot(taken, now);
    for (const { scope } of limits) insert.run(scope, at);
    return at;
  });
  const giveBack = database.transaction((limits: readonly RateLimit[], at: number) => {
    for (const { scope } of limits) remove.run(scope, at);
  });

  return {
    async take(limits, { now, signal }) {
      const begunAt = performance.now();
      for (;;) {
        signal.throwIfAborted();
        try {
          return take.immediate(limits, now);
        } catch (error) {
          const isPatient = performance.now() - begunAt < busyPatienceMs;
          if (!isBusy(error) || !isPatient) throw toStoreError(error, { path: database.name, beforeRun: false });
        }
        await sleep(BUSY_RETRY_MS);
      }
    },
    async giveBack(limits, at) {
      giveBack.immediate(limits, at);
    },
  };
}
