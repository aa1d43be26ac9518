import { formatTimeLimit } from '../util/amounts.js';
import { orAbort } from '../util/or-abort.js';
import { withinTime } from '../util/within-time.js';
import { ToolError } from './tool-error.js';
import type { ToolContext, ToolEffects } from './tool.js';

/**
 * What a call of a tool gives. When the time is over, or the run is stopped, its signal is aborted and this rejects at once,
 * with ToolError or the run's reason; what the call does or says afterwards counts no more.
 */
export async function callInTime<Result>(
  context: ToolContext,
  { timeoutMs, effects }: { readonly timeoutMs: number | undefined; readonly effects: ToolEffects },
  work: (context: ToolContext) => Promise<Result>,
): Promise<Result> {
  let isOver = false;
  const log = (line: string): void => {
    if (!isOver) context.log(line);
  };
  const limit = { signal: context.signal, ms: timeoutMs, makeError: () => timeoutError(timeoutMs ?? 0, effects) };
  try {
    return await withinTime(limit, (signal) => orAbort(work({ ...context, signal, log }), signal));
  } finally {
    isOver = true;
  }
}

function timeoutError(timeoutMs: number, effects: ToolEffects): ToolError {
  const left = effects === 'none' ? '' : '; what it had done by then may stay done';
  return new ToolError(`it took longer than ${formatTimeLimit(timeoutMs)} and was stopped${left}`);
}
