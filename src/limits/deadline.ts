import { setMaxListeners } from 'node:events';
import type { LimitError } from '../errors.js';

/** Calls back once, after that many milliseconds; gives back what calls it off. */
export type Timer = (ms: number, callback: () => void) => () => void;

// Node ends a longer timer at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Node's timer, for any length of time. It does not keep the process alive. */
export const systemTimer: Timer = (ms, callback) => {
  let leftMs = ms;
  let timer: NodeJS.Timeout;
  const start = (): void => {
    const partMs = Math.min(leftMs, LONGEST_TIMER_MS);
    leftMs -= partMs;
    timer = setTimeout(leftMs > 0 ? start : callback, partMs).unref();
  };
  start();
  return () => clearTimeout(timer);
};

/** A signal with a deadline. */
export interface Deadline {
  /** Aborted with the outer signal's reason, or with the deadline's error when the time is over. */
  readonly signal: AbortSignal;
  /** To be called when the work has ended: stops timer and listening. May be called twice. */
  release(): void;
}

/** A signal that follows `signal` and is aborted with `makeError()` after `ms`; the same signal where `ms` is undefined. */
export function withDeadline(
  signal: AbortSignal,
  ms: number | undefined,
  makeError: () => LimitError,
  timer: Timer = systemTimer,
): Deadline {
  if (ms === undefined || signal.aborted) return { signal, release: () => undefined };
  const controller = new AbortController();
  // Every call and tool under way listens to it; Node would warn of the eleventh.
  setMaxListeners(0, controller.signal);
  const follow = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', follow, { once: true });
  const stopTimer = timer(ms, () => controller.abort(makeError()));
  return {
    signal: controller.signal,
    release() {
      stopTimer();
      signal.removeEventListener('abort', follow);
    },
  };
}
