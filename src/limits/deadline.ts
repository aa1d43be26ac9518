import { setMaxListeners } from 'node:events';
import type { LimitError } from '../errors.js';

/** Calls back once, after that many milliseconds; gives back what calls it off and tells how many were left. */
export type Timer = (ms: number, callback: () => void) => () => number;

// Node ends a longer timer at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Node's timer, for any length of time. It does not keep the process alive. */
export const systemTimer: Timer = (ms, callback) => {
  const endsAt = performance.now() + ms;
  let leftMs = ms;
  let timer: NodeJS.Timeout;
  const start = (): void => {
    const partMs = Math.min(leftMs, LONGEST_TIMER_MS);
    leftMs -= partMs;
    timer = setTimeout(leftMs > 0 ? start : callback, partMs).unref();
  };
  start();
  return () => {
    clearTimeout(timer);
    return Math.max(0, endsAt - performance.now());
  };
};

/** A signal with a deadline. */
export interface Deadline {
  /** Aborted with the outer signal's reason, or with the deadline's error when the time is over. */
  readonly signal: AbortSignal;
  /** To be called when the work has ended: stops timer and listening. May be called twice. */
  release(): void;
}

export interface DeadlineOptions {
  /** Default: Node's. */
  readonly timer?: Timer;
  /** Called when a part of the time is over. */
  readonly warning?: { readonly afterMs: number; readonly callback: () => void };
}

/** A signal that follows `signal` and is aborted with `makeError()` after `ms`; the same signal where `ms` is undefined. */
export function withDeadline(
  signal: AbortSignal,
  ms: number | undefined,
  makeError: () => LimitError,
  { timer = systemTimer, warning }: DeadlineOptions = {},
): Deadline {
  if (ms === undefined || signal.aborted) return { signal, release: () => undefined };
  const controller = new AbortController();
  // Every call and tool under way listens to it; Node would warn of the eleventh.
  setMaxListeners(0, controller.signal);
  const follow = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', follow, { once: true });
  const alarms = [
    startAlarm(timer, ms, () => controller.abort(makeError())),
    ...(warning ? [startAlarm(timer, warning.afterMs, warning.callback)] : []),
  ];
  deadlines.set(controller.signal, { outer: signal, alarms });
  return {
    signal: controller.signal,
    release() {
      for (const alarm of alarms) alarm.stop();
      signal.removeEventListener('abort', follow);
    },
  };
}

/** The deadline that a signal was made for, and the signal that it follows. */
const deadlines = new WeakMap<AbortSignal, { readonly outer: AbortSignal; readonly alarms: readonly Alarm[] }>();

/**
 * Stops the clocks of the deadline that a signal was made for, and of those around it; gives back what lets them go on. They
 * stand still until the last one who stopped them has let them go on.
 */
export function pauseDeadlines(signal: AbortSignal): () => void {
  const alarms: Alarm[] = [];
  for (let deadline = deadlines.get(signal); deadline; deadline = deadlines.get(deadline.outer)) {
    alarms.push(...deadline.alarms);
  }
  for (const alarm of alarms) alarm.pause();
  return () => {
    for (const alarm of alarms.splice(0)) alarm.goOn();
  };
}

/** A timer that can stand still for a while. */
interface Alarm {
  pause(): void;
  /** Once for each pause. */
  goOn(): void;
  /** May be called twice. */
  stop(): void;
}

function startAlarm(timer: Timer, ms: number, callback: () => void): Alarm {
  let pauses = 0;
  let isOver = false;
  let leftMs = ms;
  const start = (): (() => number) =>
    timer(leftMs, () => {
      isOver = true;
      callback();
    });
  let stopTimer = start();
  return {
    pause() {
      pauses += 1;
      if (pauses === 1 && !isOver) leftMs = stopTimer();
    },
    goOn() {
      pauses -= 1;
      if (pauses === 0 && !isOver) stopTimer = start();
    },
    stop() {
      isOver = true;
      stopTimer();
    },
  };
}
