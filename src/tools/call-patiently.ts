import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import { formatTimeLimit } from '../util/amounts.js';
import { excerpt } from '../util/excerpt.js';
import { orAbort } from '../util/or-abort.js';
import { ToolError } from './tool-error.js';
import type { ToolContext } from './tool.js';

/** Resolves after that many milliseconds. */
export type Wait = (ms: number) => Promise<void>;

/** The wait before the first retry, milliseconds; each further one is twice as long, up to the longest. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

const REASON_CHARACTERS = 200;

/** What the call gives; one that fails is made again after a while, so often as `retries` says. Rejects with the last failure. */
export async function callPatiently<Result>(
  once: () => Promise<Result>,
  {
    retries,
    wait = (ms) => sleep(ms),
    call: { signal, log },
  }: {
    readonly retries: number;
    readonly wait?: Wait | undefined;
    readonly call: Pick<ToolContext, 'signal' | 'log'>;
  },
): Promise<Result> {
  for (let left = retries, waitMs = FIRST_WAIT_MS; ; left -= 1, waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await once();
    } catch (error) {
      signal.throwIfAborted();
      if (left === 0) throw error;
      log(`failed, is tried again in ${formatTimeLimit(waitMs)}: ${excerpt(wordsOf(error), REASON_CHARACTERS)}`);
      await orAbort(wait(waitMs), signal);
    }
  }
}

/** The failure for a person, with what a program, page or server says of it. */
function wordsOf(error: unknown): string {
  const outside = error instanceof ToolError ? error.outside?.trim() : undefined;
  return outside ? `${messageOf(error)} ${outside}` : messageOf(error);
}
