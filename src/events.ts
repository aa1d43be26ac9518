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
    }
  /** A task that does not run, as its output is taken from another run, or was given by hand (`source` null). */
  | {
      readonly type: 'task-reuse';
      readonly taskKey: string;
      readonly position: number;
      readonly agent: string;
      readonly source: { readonly runId: string; readonly taskKey: string } | null;
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
  | ({ readonly type: 'tool-call-start'; readonly tool: string; readonly arguments: JsonValue } & StepPlace)
  | ({
      readonly type: 'tool-call-end';
      readonly tool: string;
      readonly result: string;
      readonly isError: boolean;
      readonly durationMs: number;
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
    }
  | { readonly type: 'warning'; readonly message: string; readonly taskKey?: string }
  | { readonly type: 'run-end'; readonly result: RunResult };

export type EmitEvent = (event: RunEvent) => void;
