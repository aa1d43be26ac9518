import type { StepKind } from '../journal/step.js';
import type { RunResult, TaskResult } from '../result.js';
import type { JsonValue } from '../util/json.js';
import type { TokenUsage } from '../util/spend.js';

/** A step of an agent that has ended, as callbacks are told of it; without secrets, as it is stored. */
export interface StepCallbackEvent {
  readonly runId: string;
  /** Empty for steps of no task. */
  readonly taskKey: string;
  /** Where in the run it is, such as `research/llm/1`. */
  readonly path: string;
  readonly kind: Exclude<StepKind, 'plan' | 'condition' | 'callback'>;
  /** Role of the agent. */
  readonly agent: string;
  /** Name of the model, tool or guardrail; for a person `review` or `question`. */
  readonly name: string;
  readonly request: unknown;
  readonly response: unknown;
  /** It came to an error that the model is told. */
  readonly isError: boolean;
  /** US dollars; null where a price is unknown. */
  readonly costUsd: number | null;
  readonly usage: TokenUsage;
  readonly durationMs: number;
}

/** What every callback is given beside its value. */
export interface CallbackContext {
  readonly runId: string;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Aborted when the run is stopped. */
  readonly signal: AbortSignal;
}

/** `step_callback` and `manager_callbacks`, as a user's file exports them. What any callback gives back is waited for. */
export type StepCallback = (step: StepCallbackEvent, context: CallbackContext) => unknown;
/** `task_callback`, and `callback` of a task. */
export type TaskCallback = (result: TaskResult, context: CallbackContext) => unknown;
/** `before_kickoff`: gives other inputs, or nothing; then those that it was given count, also where it changed them. */
export type BeforeKickoff = (
  inputs: Record<string, JsonValue>,
) => Record<string, JsonValue> | undefined | void | Promise<Record<string, JsonValue> | undefined | void>;
/** `after_kickoff`. */
export type AfterKickoff = (result: RunResult, context: CallbackContext) => unknown;

/** What the condition of a task can look at. */
export interface ConditionContext {
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Tasks that are done or were skipped, by key. */
  readonly tasks: Readonly<Record<string, TaskResult>>;
  readonly runId: string;
  /** Aborted when the run is stopped. */
  readonly signal: AbortSignal;
}

/**
 * A condition as a user's file exports it; it says whether the task runs. `previous` is what came of the task before it in
 * the file that was not skipped.
 */
export type ConditionFunction = (previous: TaskResult | null, context: ConditionContext) => boolean | Promise<boolean>;
