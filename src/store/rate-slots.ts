import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { nextCommonSlot, type RateLimit, type SlotBook, type TakenSlot, WINDOW_MS } from '../util/next-slot.js';
import { isBusy, toStoreError } from './store-trouble.js';

/** How long a turn is asked for again while another process holds the database, and the pause between, milliseconds. */
const BUSY_PATIENCE_MS = 60_000;
const BUSY_RETRY_MS = 50;

interface Slot extends TakenSlot {
  readonly scope: string;
}

/**
 * Turns that all processes on one database share: each is taken in a transaction of its own. What a process took and never
 * used, because it was killed, is free again when its time is over. Rejects with StoreError.
 */
export function createStoredSlots(database: Database, { busyPatienceMs = BUSY_PATIENCE_MS } = {}): SlotBook {
  const selectTaken = database.prepare<[string], TakenSlot>(
    'SELECT at, tokens FROM rate_slots WHERE scope = ? ORDER BY at',
  );
  const insert = database.prepare<[Slot]>('INSERT INTO rate_slots (scope, at, tokens) VALUES (@scope, @at, @tokens)');
  const forget = database.prepare<[number]>('DELETE FROM rate_slots WHERE at <= ?');
  const one = '(SELECT rowid FROM rate_slots WHERE scope = @scope AND at = @at AND tokens = @tokens LIMIT 1)';
  const remove = database.prepare<[Slot]>(`DELETE FROM rate_slots WHERE rowid = ${one}`);
  const change = database.prepare<[Slot & { readonly real: number }]>(
    `UPDATE rate_slots SET tokens = @real WHERE rowid = ${one}`,
  );

  const removeAll = (limits: readonly RateLimit[], at: number): void => {
    for (const { scope, tokens = 1 } of limits) remove.run({ scope, at, tokens });
  };
  const take = database.transaction(
    (limits: readonly RateLimit[], now: number, instead: number | undefined): number => {
      forget.run(now - WINDOW_MS);
      if (instead !== undefined) removeAll(limits, instead);
      const at = nextCommonSlot(
        limits.map((limit) => ({ ...limit, taken: selectTaken.all(limit.scope) })),
        now,
      );
      for (const { scope, tokens = 1 } of limits) insert.run({ scope, at, tokens });
      return at;
    },
  );
  const giveBack = database.transaction(removeAll);
  const settle = database.transaction((limits: readonly RateLimit[], at: number, real: number) => {
    for (const { scope, tokens } of limits) if (tokens !== undefined) change.run({ scope, at, tokens, real });
  });

  return {
    async take(limits, { now, signal, instead }) {
      const begunAt = performance.now();
      for (;;) {
        signal.throwIfAborted();
        try {
          return take.immediate(limits, now, instead);
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
    async settle(limits, at, tokens) {
      settle.immediate(limits, at, tokens);
    },
  };
}
