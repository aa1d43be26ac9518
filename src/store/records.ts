import type { StepKind } from '../journal/step.js';
import type { JsonValue } from '../util/json.js';
import type { Spend } from '../util/spend.js';
import type { ErrorResult, ExitCode } from '../errors.js';
import type { Process } from '../definition/types.js';

export type RunStatus = 'running' | 'completed' | 'failed' | 'interrupted' | 'needs_input';

export type TaskStatus =
  'pending' | 'running' | 'completed' | 'failed' | 'interrupted' | 'skipped' | 'needs_input' | 'reused';

export type StepStatus = 'running' | 'completed' | 'failed';

/** Times are milliseconds since 1970. */
export interface RunRecord {
  readonly id: string;
  readonly crew: string;
  readonly process: Process;
  readonly definitionPath: string;
  readonly definitionFiles: readonly { readonly path: string; readonly text: string }[];
  readonly inputs: Readonly<Record<string, JsonValue>>;
  readonly parentRunId: string | null;
  readonly status: RunStatus;
  readonly exitCode: ExitCode | null;
  readonly spend: Spend;
  readonly error: ErrorResult | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

export interface TaskRecord {
  readonly runId: string;
  readonly key: string;
  /** 1-based place in the file. */
  readonly position: number;
  readonly description: string;
  readonly expectedOutput: string;
  /** Role of the agent that has it or had it. */
  readonly agent: string | null;
  readonly status: TaskStatus;
  readonly raw: string | null;
  /** The structured output, where there is one. */
  readonly json: JsonValue;
  readonly outputFormat: 'raw' | 'json' | 'pydantic';
  /** Absolute path of the file that was written. */
  readonly outputFile: string | null;
  readonly spend: Spend;
  readonly error: ErrorResult | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface StepRecord {
  /** Grows in the order in which steps began. */
  readonly id: number;
  readonly runId: string;
  readonly path: string;
  readonly kind: StepKind;
  readonly taskKey: string;
  readonly agent: string;
  readonly name: string;
  readonly status: StepStatus;
  readonly fingerprint: string;
  /** Of the types in `journal/step-payloads.ts`, by kind. */
  readonly request: object;
  /** Null until the step has ended well. */
  readonly response: object | null;
  /** An error that the model was told; the step itself is completed. */
  readonly isError: boolean;
  readonly spend: Spend;
  readonly error: ErrorResult | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

export type NewTask = Pick<TaskRecord, 'key' | 'position' | 'description' | 'expectedOutput' | 'agent'>;

export interface NewRun extends Pick<
  RunRecord,
  'id' | 'crew' | 'process' | 'definitionPath' | 'definitionFiles' | 'inputs' | 'parentRunId' | 'startedAt'
> {
  readonly tasks: readonly NewTask[];
}

export type TaskChange = Partial<
  Pick<
    TaskRecord,
    'agent' | 'status' | 'raw' | 'json' | 'outputFormat' | 'outputFile' | 'spend' | 'error' | 'startedAt' | 'endedAt'
  >
>;

export type NewStep = Pick<
  StepRecord,
  'runId' | 'path' | 'kind' | 'taskKey' | 'agent' | 'name' | 'fingerprint' | 'request' | 'startedAt'
>;

export type StepEnd = Pick<
  StepRecord,
  'runId' | 'path' | 'name' | 'status' | 'response' | 'isError' | 'spend' | 'error'
> & { readonly endedAt: number };

export type RunEnd = Pick<RunRecord, 'status' | 'exitCode' | 'spend' | 'error'> & { readonly endedAt: number };

/** A run as a list shows it. */
export interface RunSummary extends Omit<RunRecord, 'definitionFiles'> {
  readonly tasksTotal: number;
  /** Tasks that have an output: completed or reused. */
  readonly tasksDone: number;
}

export interface RunFilter {
  readonly crew?: string;
  readonly status?: RunStatus;
  /** Newest first, at most this many. */
  readonly limit?: number;
}

/**
 * The database behind a run. Writes are grouped: what is asked for in the same turn of the event loop is one commit.
 * A promise resolves when its write is on disk and rejects with StoreError when it is not; nothing half is ever written.
 */
export interface RunStore {
  /** Absolute path of the database file. */
  readonly path: string;
  createRun(run: NewRun): Promise<void>;
  /** Lazy: costs no commit of its own, but is on disk with the next write or 50 ms later. */
  updateTask(runId: string, key: string, change: TaskChange): Promise<void>;
  startStep(step: NewStep, options?: { readonly lazy: boolean }): Promise<void>;
  endStep(end: StepEnd): Promise<void>;
  endRun(runId: string, end: RunEnd): Promise<void>;
  /** By id or a unique beginning of one; without an id the newest. Undefined when there is none; UsageError when several match. */
  findRun(id?: string): RunRecord | undefined;
  listRuns(filter?: RunFilter): RunSummary[];
  /** What the model calls of a run took so far, or those below a path, such as a task's key. */
  sumSpend(runId: string, below?: string): Spend;
  /** In file order. */
  listTasks(runId: string): TaskRecord[];
  /** In the order in which they began. */
  listSteps(runId: string, kind?: StepKind): StepRecord[];
  /** Deletes every run and gives the space back to the disk; gives back how many there were. */
  deleteAllRuns(): number;
  /** Writes what is pending and closes. May be called twice. */
  close(): void;
}
