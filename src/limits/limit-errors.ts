import type { AgentDefinition } from '../definition/types.js';
import { LimitError } from '../errors.js';
import type { ContextWindow } from '../models/context-window.js';
import { formatCount, formatUsd, formatTimeLimit } from '../util/amounts.js';
import type { Meter } from './meter.js';

/** A call that was refused before it was made, and what it could have taken. */
export interface RefusedCall {
  readonly model: string;
  readonly worst: number;
}

/** What is held to the limits: a run, or all runs of a batch together. */
export type Limited = { readonly runId: string } | { readonly batchId: string };

type Used = Pick<Meter, 'limit' | 'used'>;

/** The budget does not cover the next call. */
export function budgetError(limited: Limited, { limit, used }: Used, { model, worst }: RefusedCall): LimitError {
  const more = roundUp(2 * Math.max(limit, used + worst));
  return new LimitError(
    `the budget of ${formatUsd(limit)} does not cover the next call: ${formatUsd(used)} is used, and ${model} could cost up to ${formatUsd(worst)}`,
    {
      hint: `Go on with ${resumeCommand(limited)} --budget ${more}, or lower max_tokens of the model, and with it what a call can cost.`,
    },
  );
}

/** `max_tokens` is reached, or does not cover the next call. */
export function tokensError(limited: Limited, { limit, used }: Used, call?: RefusedCall): LimitError {
  const field = `limits.max_tokens of ${formatCount(limit)}`;
  return new LimitError(
    call
      ? `${field} does not cover the next call: ${formatCount(used)} tokens are used, and ${call.model} could take up to ${formatCount(call.worst)}`
      : `${field} is reached: ${formatCount(used)} used`,
    { hint: raiseHint(limited, 'limits.max_tokens') },
  );
}

/** `max_model_calls` is reached. */
export function modelCallsError(limited: Limited, { limit, used }: Used): LimitError {
  return new LimitError(`limits.max_model_calls of ${formatCount(limit)} is reached: ${formatCount(used)} made`, {
    hint: raiseHint(limited, 'limits.max_model_calls'),
  });
}

/** The run's time is over. */
export function timeoutError(limited: Limited, timeoutMs: number): LimitError {
  return new LimitError(`the run took longer than its timeout of ${formatTimeLimit(timeoutMs)}`, {
    hint: `Go on with ${resumeCommand(limited)}, which has the full time again, or give it more with --timeout.`,
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

/** A conversation that is too long. */
export interface LongConversation {
  readonly runId: string;
  readonly agent: Pick<AgentDefinition, 'role' | 'respectContextWindow'>;
  /** Where the agent stands in the file, such as `agents.writer`. */
  readonly field: string;
  readonly model: string;
  /** About how many it has. */
  readonly tokens: number;
}

/**
 * A conversation does not fit into its model's window. `rest` is what there is to be left of it where it was to be shortened:
 * the texts of the task, and the last turn where there is one.
 */
export function contextWindowError(
  facts: LongConversation & {
    readonly window: ContextWindow;
    readonly rest?: { readonly tokens: number; readonly hasTurn: boolean } | undefined;
  },
): LimitError {
  const { agent, model, tokens, rest, window } = facts;
  const whole = `the conversation of ${agent.role} has`;
  const texts = `the texts of the task${rest?.hasTurn ? ` and the last turn of ${agent.role}` : ''} alone have`;
  const size = `about ${formatCount(rest?.tokens ?? tokens)} tokens`;
  const room = `${formatCount(window.requestTokens)} of the context window of ${formatCount(window.tokens)}`;
  return new LimitError(`${rest ? texts : whole} ${size}, and ${model} has room for ${room}, less its answer`, {
    hint: shortenHint(facts),
  });
}

/** A provider has refused a conversation as too long, and it cannot be made shorter, or must not. */
export function lengthRefusedError(facts: LongConversation & { readonly words: string }): LimitError {
  const { agent, model, tokens, words } = facts;
  const what = `the conversation of ${agent.role}, about ${formatCount(tokens)} tokens`;
  return new LimitError(`${model} refused ${what}, as too long for it${words === '' ? '' : `: ${words}`}`, {
    hint: shortenHint(facts),
  });
}

function shortenHint({ agent, field, ...limited }: LongConversation): string {
  const what = agent.respectContextWindow
    ? 'Give the task less (context with as: summary or max_tokens, shorter inputs)'
    : `Set ${field}.respect_context_window: true, so that it is shortened`;
  return `${what}, or take a model with a larger window, and go on with ${resumeWithCurrent(limited)}.`;
}

function resumeCommand(limited: Limited): string {
  return 'runId' in limited ? `crew resume ${limited.runId}` : `crew resume --batch ${limited.batchId}`;
}

/** The command that goes on with what the file says now; a batch takes its limits from there anyway. */
function resumeWithCurrent(limited: Limited): string {
  return `${resumeCommand(limited)}${'runId' in limited ? ' --with-current' : ''}`;
}

function raiseHint(limited: Limited, field: string): string {
  return `Raise ${field} in the crew file and go on with ${resumeWithCurrent(limited)}.`;
}

/** An amount with two digits that count, not below the one given. */
function roundUp(amount: number): number {
  const scale = 10 ** (1 - Math.floor(Math.log10(amount)));
  return Number((Math.ceil(amount * scale - 1e-9) / scale).toPrecision(2));
}
