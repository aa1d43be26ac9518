/** The time in which calls and tokens are counted, milliseconds. */
export const WINDOW_MS = 60_000;

/** At most `perMinute` calls, or tokens, in any 60 seconds, of all that share the scope. */
export interface RateLimit {
  readonly scope: string;
  readonly perMinute: number;
  /** Tokens that the call is likely to take. Undefined: calls are counted, and no tokens. */
  readonly tokens?: number;
}

/** Where callers take their turns. Times are milliseconds since 1970. */
export interface SlotBook {
  /** Takes and gives the earliest time from `now` on at which all of these limits allow one more call. */
  take(limits: readonly RateLimit[], options: TakeOptions): Promise<number>;
  /** Makes a time free again at which no call was made. */
  giveBack(limits: readonly RateLimit[], at: number): Promise<void>;
  /** Puts the tokens that the call at a time did take in place of those of its limits. */
  settle(limits: readonly RateLimit[], at: number, tokens: number): Promise<void>;
}

export interface TakeOptions {
  readonly now: number;
  readonly signal: AbortSignal;
  /** A time that was taken for the same call, and is given back for this one. */
  readonly instead?: number | undefined;
}

/** One call that was made, or will be. */
export interface TakenSlot {
  readonly at: number;
  /** 1 in a limit of calls. */
  readonly tokens: number;
}

export interface TakenSlots extends Pick<RateLimit, 'perMinute' | 'tokens'> {
  /** Ascending; may lie in the future. What is older than the window does not matter. */
  readonly taken: readonly TakenSlot[];
}

/** The earliest time from `now` on that all of these limits allow. */
export function nextCommonSlot(limits: readonly TakenSlots[], now: number): number {
  let at = now;
  for (;;) {
    const next = limits.reduce((time, limit) => nextFree(limit, time), at);
    if (next === at) return at;
    at = next;
  }
}

function nextFree({ taken, perMinute, tokens }: TakenSlots, now: number): number {
  if (tokens !== undefined) return nextRoom(taken, { perMinute, tokens, now });
  const times = taken.map(({ at }) => at);
  return nextSlot(times, { perMinute, now });
}

/**
 * The earliest time from `now` on for a call of so many tokens: no window of 60 seconds then holds more than `perMinute`,
 * whichever moment it begins at. A call that is above it by itself gets a time without any other 60 seconds before and after.
 */
export function nextRoom(
  taken: readonly TakenSlot[],
  { perMinute, tokens, now }: { readonly perMinute: number; readonly tokens: number; readonly now: number },
): number {
  // Only where one of the others leaves the window there is more room than before.
  const times = [now, ...taken.map(({ at }) => at + WINDOW_MS).filter((at) => at > now)];
  const most = Math.max(0, perMinute - tokens);
  return times.find((time) => fullestWindow(taken, time) <= most) ?? now;
}

/** The most tokens in any of the windows that a time lies in. */
function fullestWindow(taken: readonly TakenSlot[], time: number): number {
  const near = taken.filter(({ at }) => Math.abs(at - time) < WINDOW_MS);
  let fullest = 0;
  let sum = 0;
  let end = 0;
  // Each begins with one of the calls, the last one with the time itself.
  for (const [start, { at, tokens }] of near.entries()) {
    const begin = Math.min(at, time);
    for (; end < near.length && (near[end]?.at ?? 0) < begin + WINDOW_MS; end += 1) sum += near[end]?.tokens ?? 0;
    fullest = Math.max(fullest, sum);
    if (begin === time || start === near.length - 1) break;
    sum -= tokens;
  }
  return fullest;
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
