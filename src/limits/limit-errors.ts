import { LimitError } from '../errors.js';
import { formatCount, formatUsd, formatTimeLimit } from '../util/amounts.js';
import type { Meter } from './meter.js';

/** A call that was refused before it was made, and what it could have taken. */
export interface RefusedCall {
  readonly model: string;
  readonly worst: number;
}

type Used = Pick<Meter, 'limit' | 'used'>;

/** The budget does not cover the next call. */
export function budgetError(runId: string, { limit, used }: Used, { model, worst }: RefusedCall): LimitError {
  const more = roundUp(2 * Math.max(limit, used + worst));
  return new LimitError(
    `the budget of ${formatUsd(limit)} does not cover the next call: ${formatUsd(used)} is used, and ${model} could cost up to ${formatUsd(worst)}`,
    {
      hint: `Go on with crew resume ${runId} --budget ${more}, or lower max_tokens of the model, and with it what a call can cost.`,
    },
  );
}

/** `max_tokens` is reached, or does not cover the next call. */
export function tokensError(runId: string, { limit, used }: Used, call?: RefusedCall): LimitError {
  const field = `limits.max_tokens of ${formatCount(limit)}`;
  return new LimitError(
    call
      ? `${field} does not cover the next call: ${formatCount(used)} tokens are used, and ${call.model} could take up to ${formatCount(call.worst)}`
      : `${field} is reached: ${formatCount(used)} used`,
    { hint: raiseHint(runId, 'limits.max_tokens') },
  );
}

/** `max_model_calls` is reached. */
export function modelCallsError(runId: string, { limit, used }: Used): LimitError {
  return new LimitError(`limits.max_model_calls of ${formatCount(limit)} is reached: ${formatCount(used)} made`, {
    hint: raiseHint(runId, 'limits.max_model_calls'),
  });
}

/** The run's time is over. */
export function timeoutError(runId: string, timeoutMs: number): LimitError {
  return new LimitError(`the run took longer than its timeout of ${formatTimeLimit(timeoutMs)}`, {
    hint: `Go on with crew resume ${runId}, which has the full time again, or give it more with --timeout.`,
  });
}

/** The time of an agent or a task is over. */
export function executionTimeError(options: {
  readonly runId: string;
  /** As a sentence begins with it: the agent's role, or `the task`. */
  readonly what: string;
  readonly ms: number;
  /** Where it stands in the file, such as `tasks.research`. */
  readonly field: string;
}): LimitError {
  const { runId, what, ms, field } = options;
  return new LimitError(`${what} took longer than its max_execution_time of ${formatTimeLimit(ms)}`, {
    hint: `Go on with crew resume ${runId}, which gives it the full time again, or raise ${field}.max_execution_time and add --with-current.`,
  });
}

function raiseHint(runId: string, field: string): string {
  return `Raise ${field} in the crew file and go on with crew resume ${runId} --with-current.`;
}

/** An amount with two digits that count, not below the one given. */
function roundUp(amount: number): number {
  const scale = 10 ** (1 - Math.floor(Math.log10(amount)));
  return Number((Math.ceil(amount * scale - 1e-9) / scale).toPrecision(2));
}
