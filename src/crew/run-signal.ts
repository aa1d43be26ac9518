import { setMaxListeners } from 'node:events';
import { CrewError, InterruptedError, RunLostError } from '../errors.js';
import { HEARTBEAT_MS } from '../store/holder.js';
import type { RunStore } from '../store/records.js';

/** The signal that a run listens to, and the ways to stop the run from inside and to leave nothing behind. */
export interface RunSignal {
  readonly signal: AbortSignal;
  /** Stops the run, which then ends with that error. */
  abort(error: unknown): void;
  /** Has that done when the work has ended, however it ends. It must not reject. */
  atEnd(close: () => Promise<void>): void;
}

/**
 * Gives what `work` gives, which is handed a signal of its own that follows the caller's, aborted with an error of ours
 * whatever the caller's reason is.
 */
export async function withRunSignal<T>(
  outer: AbortSignal | undefined,
  work: (control: RunSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // Every call and tool under way listens to it; Node would warn of the eleventh.
  setMaxListeners(0, controller.signal);
  const follow = (): void => {
    const reason: unknown = outer?.reason;
    controller.abort(reason instanceof CrewError ? reason : new InterruptedError());
  };
  if (outer?.aborted) follow();
  outer?.addEventListener('abort', follow, { once: true });
  const closes: (() => Promise<void>)[] = [];
  try {
    return await work({
      signal: controller.signal,
      abort: (error) => controller.abort(error),
      atEnd: (close) => void closes.push(close),
    });
  } finally {
    outer?.removeEventListener('abort', follow);
    await Promise.all(closes.map((close) => close()));
  }
}

/**
 * Shows in the database, every few seconds, that this process has the run; stops the run where it has it no longer. A sign
 * of life that cannot be written stops nothing: the disk may have room again before there is an answer to store.
 */
export function startHeartbeat(
  store: Pick<RunStore, 'keepRun'>,
  runId: string,
  control: Pick<RunSignal, 'abort'>,
  { everyMs = HEARTBEAT_MS } = {},
): { stop(): void } {
  const timer = setInterval(() => {
    store.keepRun(runId, Date.now()).catch((error: unknown) => {
      if (error instanceof RunLostError) control.abort(error);
    });
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
