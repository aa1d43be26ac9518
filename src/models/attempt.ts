import { orAbort } from '../util/or-abort.js';
import type { Clock } from './clock.js';
import { AttemptTimeout } from './failure.js';

export interface AttemptOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Why a timer stops: a plain value, as an error with its stack would cost more than the timer. */
const CALL_ENDED = 'the call has ended';

/**
 * What `call` gives, unless time is up (AttemptTimeout) or the signal is aborted (its reason): then the signal that
 * `call` got is aborted and it is waited for no longer.
 */
export async function attempt<T>(
  call: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, signal, clock }: AttemptOptions,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const timer = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  const onTimeout = () => controller.abort(new AttemptTimeout());
  signal.addEventListener('abort', onAbort, { once: true });
  // The sleep rejects when the call has ended first: nothing is left to do then.
  clock.sleep(timeoutMs, timer.signal).then(onTimeout, () => undefined);
  try {
    const result = await orAbort(call(controller.signal), controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    // What a call throws because it was aborted says less than why it was.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    timer.abort(CALL_ENDED);
    signal.removeEventListener('abort', onAbort);
  }
}
