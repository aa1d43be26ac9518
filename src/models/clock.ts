import { setTimeout } from 'node:timers/promises';

/** Time as the models see it; tests hand in their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

// Node ends a longer timer at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The computer's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => setTimeout(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal }),
};
