import { createContext, Script } from 'node:vm';

const WORK = new Script('work()');

/** What the work gave in at most that many milliseconds, in which the process does nothing else; or that it took longer. */
export function runInTime<Value>(
  timeoutMs: number,
  work: () => Value,
): { readonly isTimeout: false; readonly value: Value } | { readonly isTimeout: true } {
  try {
    return { isTimeout: false, value: WORK.runInContext(createContext({ work }), { timeout: timeoutMs }) as Value };
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { isTimeout: true };
    throw error;
  }
}
