import type { ProviderError } from '../errors.js';
import { type Clock, sleepOrAbort } from './clock.js';
import { describeBriefly } from './provider-error.js';
import { formatTimeLimit } from '../util/amounts.js';

export interface RetryOptions {
  readonly maxRetries: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly onNotice: (notice: string) => void;
  /** Awaited before each try; what it rejects with is passed on. */
  readonly beforeTry: () => Promise<void>;
  /** Told of each failure and the wait that follows, undefined where it would be too long. False: no notice is needed. */
  readonly onFailure: (error: ProviderError, waitMs: number | undefined) => boolean;
  /** Turns what a try threw into one of our errors. */
  readonly toError: (error: unknown, attempts: number) => ProviderError;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A provider that asks for more than this is over its limit for the day rather than the moment. */
const LONGEST_RETRY_AFTER_MS = 5 * 60_000;

/** What `run` gives at last. Failures that may pass are tried again after a growing wait, each said in one sentence. */
export async function withRetries<T>(run: () => Promise<T>, options: RetryOptions, attempts = 1): Promise<T> {
  const { maxRetries, signal, clock, random, onNotice, beforeTry, onFailure, toError } = options;
  await beforeTry();
  try {
    return await run();
  } catch (cause) {
    signal.throwIfAborted();
    const error = toError(cause, attempts);
    const waitMs = chooseWaitMs(error.retryAfterMs, attempts, random());
    const isNews = onFailure(error, waitMs);
    if (!error.retryable || attempts > maxRetries || waitMs === undefined) throw error;
    const count = `${attempts + 1} of ${maxRetries + 1}`;
    const notice = `${error.model}: ${describeBriefly(error)}; trying again in ${formatTimeLimit(waitMs)} (${count})`;
    if (isNews) onNotice(notice);
    await sleepOrAbort(clock, waitMs, signal);
  }
  return withRetries(run, options, attempts + 1);
}

/**
 * Milliseconds before the next try, or undefined where the provider asks for more than 5 minutes. Doubles from 0.5 s
 * up to 30 s, of which a random half is taken off, so that callers that failed together do not come back together.
 */
function chooseWaitMs(retryAfterMs: number | undefined, attempts: number, random: number): number | undefined {
  const backoffMs = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
  if (retryAfterMs === undefined) return Math.round(backoffMs * (1 - random / 2));
  if (retryAfterMs > LONGEST_RETRY_AFTER_MS) return undefined;
  return Math.round(retryAfterMs + FIRST_WAIT_MS * random);
}
