import type { Clock } from '../../src/models/clock.js';

/** Waits from this length on are timeouts of calls, which a test does not wait for. */
const TIMEOUT_MS = 600_000;

export interface ManualClock extends Clock {
  /** Lets time go by; whoever's wait is then over goes on. */
  advance(ms: number): void;
  /** Resolves when so many are asleep, timeouts apart. */
  untilAsleep(count: number): Promise<void>;
  /** Milliseconds that each one asleep still has to wait, timeouts apart, ascending. */
  asleep(): number[];
}

/** A clock that stands still until it is told to go on. */
export function createManualClock(start = 0): ManualClock {
  let time = start;
  const sleepers = new Set<{ readonly at: number; readonly isTimeout: boolean; readonly wake: () => void }>();
  const watchers = new Set<() => void>();
  const waiting = () => [...sleepers].filter(({ isTimeout }) => !isTimeout);
  const tellWatchers = (): void => {
    for (const watch of watchers) watch();
  };
  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: time + ms, isTimeout: ms >= TIMEOUT_MS, wake: resolve };
        sleepers.add(sleeper);
        signal.addEventListener(
          'abort',
          () => {
            sleepers.delete(sleeper);
            reject(signal.reason as Error);
          },
          { once: true },
        );
        tellWatchers();
      }),
    advance(ms) {
      time += ms;
      for (const sleeper of [...sleepers].filter(({ at }) => at <= time)) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
    untilAsleep: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (waiting().length < count) return;
          watchers.delete(check);
          resolve();
        };
        watchers.add(check);
        check();
      }),
    asleep: () =>
      waiting()
        .map(({ at }) => at - time)
        .toSorted((a, b) => a - b),
  };
}
