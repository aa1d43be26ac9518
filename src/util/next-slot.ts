/** The time in which calls are counted, milliseconds. */
export const WINDOW_MS = 60_000;

/** At most `perMinute` calls in any 60 seconds, of all that share the scope. */
export interface RateLimit {
  readonly scope: string;
  readonly perMinute: number;
}

/** Where callers take their turns. Times are milliseconds since 1970. */
export interface SlotBook {
  /** Takes and gives the earliest time from `now` on at which all of these limits allow one more call. */
  take(limits: readonly RateLimit[], options: { readonly now: number; readonly signal: AbortSignal }): Promise<number>;
  /** Makes a time free again at which no call was made. */
  giveBack(limits: readonly RateLimit[], at: number): Promise<void>;
}

export interface TakenSlots {
  /** Ascending; may lie in the future. What is older than the window does not matter. */
  readonly taken: readonly number[];
  readonly perMinute: number;
}

/** The earliest time from `now` on that all of these limits allow. */
export function nextCommonSlot(limits: readonly TakenSlots[], now: number): number {
  let at = now;
  for (;;) {
    const next = limits.reduce((time, { taken, perMinute }) => nextSlot(taken, { perMinute, now: time }), at);
    if (next === at) return at;
    at = next;
  }
}

/**
 * The earliest time from `now` on for one more call. No window of 60 seconds then holds more than `perMinute`, whichever
 * moment it begins at. Half of them may come at once; the rest at least 60 s / `perMinute` apart.
 */
export function nextSlot(
  taken: readonly number[],
  { perMinute, now }: { readonly perMinute: number; readonly now: number },
): number {
  const burst = Math.max(1, Math.floor(perMinute / 2));
  const spacingMs = Math.ceil(WINDOW_MS / perMinute);
  let at = now;
  for (;;) {
    const later = countUpTo(taken, at);
    const previous = taken[later - 1] ?? -Infinity;
    const recent = later - countUpTo(taken, at - WINDOW_MS);
    const spacedAt = recent < burst ? at : previous + spacingMs;
    const next = Math.max(at, spacedAt, endOfFullWindow(taken, { perMinute, at, later }));
    if (next === at) return at;
    at = next;
  }
}

/**
 * When the last full window is over that a call at `at` would fall into. `perMinute` calls that lie, together with `at`,
 * within less than 60 seconds allow none before 60 seconds after the first of them.
 */
function endOfFullWindow(
  taken: readonly number[],
  { perMinute, at, later }: { readonly perMinute: number; readonly at: number; readonly later: number },
): number {
  const first = Math.max(0, later - perMinute);
  for (let start = Math.min(later, taken.length - perMinute); start >= first; start -= 1) {
    const begin = taken[start] ?? Infinity;
    const end = taken[start + perMinute - 1] ?? Infinity;
    if (Math.max(end, at) - Math.min(begin, at) < WINDOW_MS) return begin + WINDOW_MS;
  }
  return at;
}

/** How many of the ascending times are not after `at`. */
function countUpTo(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
