import type { Process } from './definition/types.js';
import type { RunResult, TaskResult } from './result.js';
import type { JsonValue } from './util/json.js';
import type { Spend } from './util/spend.js';

/** Where in a run an event belongs. */
interface StepPlace {
  readonly taskKey: string;
  /** The step's path; a delegation's steps start with the delegation's path. */
  readonly path: string;
  /** Role of the agent. */
  readonly agent: string;
}

/** What a person is asked for: to review an output, to answer an agent, to let a tool be called. */
type QuestionKind = 'review' | 'question' | 'permission';

/**
 * Everything a run tells while it goes on. The words are those of design and database: run, task, step, model call,
 * tool call, delegation. Every `-start` is followed by its `-end`, unless the process dies.
 */
export type RunEvent =
  | {
      readonly type: 'run-start';
      readonly runId: string;
      readonly crew: string;
      readonly process: Process;
      readonly taskCount: number;
      /** Tasks of them that have their output already. */
      readonly doneCount: number;
      /** The run that this one replays; null for one of its own. */
      readonly parentRunId: string | null;
      /** The run was begun before and goes on. */
      readonly isResumed: boolean;
      /** The crew wants all its work shown in full, or that of the agents with these roles. Absent: no one's. */
      readonly verbose?: true | readonly string[];
    }
  /** A task that does not run, as its output is taken from another run, or was given by hand (`source` null). */
  | {
      readonly type: 'task-reuse';
      readonly taskKey: string;
      readonly position: number;
      readonly agent: string;
      readonly source: { readonly runId: string; readonly taskKey: string } | null;
    }
  /** A task that is left out, and why. */
  | { readonly type: 'task-skip'; readonly taskKey: string; readonly position: number; readonly reason: string }
  | { readonly type: 'plan-start'; readonly model: string }
  | {
      readonly type: 'plan-end';
      /** What to do, by task key. */
      readonly plan: Readonly<Record<string, string>>;
      readonly spend: Spend;
      readonly durationMs: number;
      readonly error?: string;
    }
  | { readonly type: 'task-start'; readonly taskKey: string; readonly position: number; readonly agent: string }
  | ({ readonly type: 'model-call-start'; readonly model: string } & StepPlace)
  | ({
      readonly type: 'model-call-end';
      readonly model: string;
      readonly spend: Spend;
      readonly durationMs: number;
      /** The answer's text; empty when it holds only tool calls. */
      readonly text: string;
      /** Set when the call failed. */
      readonly error?: string;
    } & StepPlace)
  /** More text of an answer of the final task that is under way, without thinking; only where the run streams. */
  | ({
      readonly type: 'model-call-delta';
      readonly text: string;
      /** Whether it stands so in the text form of the result; false where that is not certain yet. */
      readonly isOutput: boolean;
      /** The text of this call so far does not count: it begins anew. */
      readonly isRestart?: true;
    } & StepPlace)
  | ({ readonly type: 'guardrail-start'; readonly guardrail: string; readonly attempt: number } & StepPlace)
  | ({
      readonly type: 'guardrail-end';
      readonly guardrail: string;
      readonly attempt: number;
      readonly passed: boolean;
      /** Why it did not pass; null where it did. */
      readonly reason: string | null;
      /** The check itself failed: nothing is said of the output. */
      readonly hasFailed?: true;
      readonly spend: Spend;
      readonly durationMs: number;
    } & StepPlace)
  /** A person is asked: to review the output in `text`, the question in it, or whether the call in it may be made. */
  | ({ readonly type: 'question-start'; readonly kind: QuestionKind; readonly text: string } & StepPlace)
  | ({
      readonly type: 'question-end';
      readonly kind: QuestionKind;
      /** `unanswered`: there was nobody to ask. */
      readonly decision: 'approve' | 'revise' | 'answer' | 'always' | 'deny' | 'abort' | 'unanswered';
      /** What to change, the answer, or why not; empty otherwise. */
      readonly text: string;
    } & StepPlace)
  | ({ readonly type: 'tool-call-start'; readonly tool: string; readonly arguments: JsonValue } & StepPlace)
  | ({
      readonly type: 'tool-call-end';
      readonly tool: string;
      readonly result: string;
      readonly isError: boolean;
      readonly durationMs: number;
      /** The earlier call that the result was taken from, where the tool did not run. */
      readonly fromCache?: { readonly runId: string; readonly path: string };
      /** It was not carried out: the result says why. */
      readonly isRefused?: true;
    } & StepPlace)
  | ({ readonly type: 'tool-log'; readonly tool: string; readonly message: string } & StepPlace)
  | ({
      readonly type: 'delegation-start';
      readonly tool: string;
      readonly coworker: string;
      readonly request: string;
    } & StepPlace)
  | ({
      readonly type: 'delegation-end';
      readonly coworker: string;
      readonly result: string;
      readonly isError: boolean;
      readonly spend: Spend;
      readonly durationMs: number;
    } & StepPlace)
  | {
      readonly type: 'task-end';
      readonly taskKey: string;
      readonly result: TaskResult;
      readonly outputFile: string | null;
      /** Other files that the output was written to; absent for none. */
      readonly moreFiles?: readonly string[];
    }
  | { readonly type: 'warning'; readonly message: string; readonly taskKey?: string }
  | {
      readonly type: 'run-end';
      readonly result: RunResult;
      /** The text form of the result is every task's output. */
      readonly fullOutput?: boolean;
    };

export type EmitEvent = (event: RunEvent) => void;
