import { createContext, Script } from 'node:vm';

const WORK = new Script('work()');
/** One for all, because a new one costs most of a millisecond. */
let context: { work: (() => unknown) | undefined } | undefined;

/** What the work gave in at most that many milliseconds, in which the process does nothing else; or that it took longer. */
export function runInTime<Value>(
  timeoutMs: number,
  work: () => Value,
): { readonly isTimeout: false; readonly value: Value } | { readonly isTimeout: true } {
  context ??= createContext({ work: undefined }) as NonNullable<typeof context>;
  context.work = work;
  try {
    return { isTimeout: false, value: WORK.runInContext(context, { timeout: timeoutMs }) as Value };
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { isTimeout: true };
    throw error;
  } finally {
    context.work = undefined;
  }
}
