/** The longest that Node's timers go, milliseconds: a longer one ends at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * What `work` gives, which is handed a signal that follows `signal` and is aborted with `makeError()` after `ms`; undefined:
 * never. Rejects with the signal's reason where that is aborted already.
 */
export async function withinTime<T>(
  {
    signal,
    ms,
    makeError,
  }: { readonly signal: AbortSignal; readonly ms: number | undefined; readonly makeError: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', follow, { once: true });
  const end = (): void => controller.abort(makeError());
  const timer = ms === undefined ? undefined : setTimeout(end, Math.min(ms, LONGEST_TIMER_MS));
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}
