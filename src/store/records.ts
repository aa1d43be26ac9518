import type { StepKind } from '../journal/step.js';
import type { ToolResultStore } from './kept-records.js';
import type { BatchPlace, BatchStore } from './batch-records.js';
import type { JsonValue } from '../util/json.js';
import type { SlotBook } from '../util/next-slot.js';
import type { Spend } from '../util/spend.js';
import type { ErrorResult, ExitCode } from '../errors.js';
import type { Process } from '../definition/types.js';
import type { RunSettings, TaskSource } from './run-settings.js';

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
  /** Time between start and end in which the run did not run, milliseconds. */
  readonly idleMs: number;
  /** Absolute; where relative paths of the run start. */
  readonly workingDirectory: string;
  readonly options: RunSettings;
  /** The process that has the run, or had it last; null in runs of early versions. */
  readonly holder: string | null;
  /** When the holder last showed that it lives. */
  readonly heartbeatAt: number | null;
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
  /** What decides the task's output, part by part; empty in runs of early versions. */
  readonly fingerprint: TaskFingerprint;
  /** Status `reused`: the task that the output comes from; null where it was given by hand. */
  readonly source: TaskSource | null;
  /** Status `skipped`: why. Null otherwise. */
  readonly skipReason: string | null;
}

/** By name of the part (`description`, `model`, `input topic`): a short text or a digest. Parts that are equal decide the same. */
export type TaskFingerprint = Readonly<Record<string, string>>;

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
  /** True where doing it twice may do harm: found `running` in a dead run, its outcome is unknown. */
  readonly hasEffects: boolean;
}

/** A task of a run that begins: one that will run, or one whose output is there already. */
export type NewTask = Pick<
  TaskRecord,
  'key' | 'position' | 'description' | 'expectedOutput' | 'agent' | 'fingerprint'
> & { readonly reused?: ReusedOutput };

/** An output of another run, which is only pointed at, or one that was given by hand. */
export type ReusedOutput = { readonly outputFormat: TaskRecord['outputFormat'] } & (
  { readonly source: TaskSource } | { readonly source: null; readonly raw: string; readonly json: JsonValue }
);

export interface NewRun extends Pick<
  RunRecord,
  | 'id'
  | 'crew'
  | 'process'
  | 'definitionPath'
  | 'definitionFiles'
  | 'inputs'
  | 'parentRunId'
  | 'startedAt'
  | 'workingDirectory'
  | 'options'
> {
  readonly tasks: readonly NewTask[];
  /** The item of a batch that it is made for. */
  readonly batchItem?: BatchPlace | undefined;
}

/** What changes in a run's row when it is taken up again. */
export interface RunReopening {
  readonly reopenedAt: number;
  readonly options: RunSettings;
  /** Where the run goes on with another definition than before. */
  readonly definitionFiles?: RunRecord['definitionFiles'];
}

export type TaskChange = Partial<
  Pick<
    TaskRecord,
    | 'agent'
    | 'status'
    | 'raw'
    | 'json'
    | 'outputFormat'
    | 'outputFile'
    | 'spend'
    | 'error'
    | 'startedAt'
    | 'endedAt'
    | 'fingerprint'
    | 'skipReason'
  >
>;

export type NewStep = Pick<
  StepRecord,
  'runId' | 'path' | 'kind' | 'taskKey' | 'agent' | 'name' | 'fingerprint' | 'request' | 'startedAt' | 'hasEffects'
>;

export type StepEnd = Pick<
  StepRecord,
  'runId' | 'path' | 'name' | 'status' | 'response' | 'isError' | 'spend' | 'error'
> & { readonly endedAt: number };

export type RunEnd = Pick<RunRecord, 'status' | 'exitCode' | 'spend' | 'error'> & { readonly endedAt: number };

/** A run as a list shows it. */
export interface RunSummary extends Omit<
  RunRecord,
  'definitionFiles' | 'workingDirectory' | 'options' | 'holder' | 'heartbeatAt'
> {
  readonly tasksTotal: number;
  /** Tasks that have an output: completed or reused. */
  readonly tasksDone: number;
  readonly tasksSkipped: number;
}

/** Which tasks to search for. */
export interface TaskSearch {
  /** All of them have to be in the output, in any order, each as the beginning of a word; `"in quotes"` as it stands. */
  readonly words: string;
  /** Only tasks of this run, outputs that it reuses included; without it of all runs, each output once. */
  readonly runId?: string;
  /** Only tasks with this key or number. */
  readonly task?: string;
  /** At most this many, of the newest runs. */
  readonly limit?: number;
}

/** A task whose output has what was searched for. */
export interface FoundOutput {
  readonly task: TaskRecord;
  /** The place of the output that fits best. */
  readonly snippet: readonly SnippetPart[];
}

export interface SnippetPart {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Which runs are old: where both are given, those to which both apply. Runs that are under way never are. */
export interface OldRunFilter {
  /** All but this many of the newest. */
  readonly keep?: number;
  /** Those that ended before; milliseconds since 1970. */
  readonly endedBefore?: number;
}

export interface DeletedRuns {
  readonly runs: readonly RunSummary[];
  /** How much smaller the database is; null where it keeps its size for now, as others are at work on it. */
  readonly freedBytes: number | null;
}

export interface RunFilter {
  readonly crew?: string;
  readonly status?: RunStatus;
  /** Only runs that can go on: neither completed nor running, and no later run is a replay of them. */
  readonly isUnfinished?: boolean;
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
  /**
   * Takes up a run that ended, or whose holder died: this process holds it from now on. Rejects with StoreError where
   * somebody else took it up since it was read.
   */
  reopenRun(run: RunRecord, reopening: RunReopening): Promise<void>;
  /**
   * Shows that this process still has the run, also to those who thought it dead. Rejects with StoreError where another one
   * took it over. Lazy.
   */
  keepRun(runId: string, at: number): Promise<void>;
  /** Lazy: costs no commit of its own, but is on disk with the next write or 50 ms later. */
  updateTask(runId: string, key: string, change: TaskChange): Promise<void>;
  /** A step that did not complete may be started again; its row is then made new. Rejects where it is completed. */
  startStep(step: NewStep, options?: { readonly lazy: boolean }): Promise<void>;
  endStep(end: StepEnd): Promise<void>;
  /** Rejects with StoreError where another process took the run over. */
  endRun(runId: string, end: RunEnd): Promise<void>;
  /** By id or a unique beginning of one; without an id the newest. Undefined when there is none; UsageError when several match. */
  findRun(id?: string): RunRecord | undefined;
  listRuns(filter?: RunFilter): RunSummary[];
  /** What the model calls of a run took so far, or those below a path, such as a task's key. */
  sumSpend(runId: string, below?: string): Spend;
  /** In file order. */
  listTasks(runId: string): TaskRecord[];
  /** Steps with effects that began and have no end: whether they were done is not known. */
  listUnknownSteps(runId: string): StepRecord[];
  /** The run that goes on with what this one was to do, if there is one. */
  findSuccessor(runId: string): RunRecord | undefined;
  findStep(runId: string, path: string): StepRecord | undefined;
  /** In the order in which they began. */
  listSteps(runId: string, kind?: StepKind): StepRecord[];
  /** Newest run first, in file order within a run. UsageError where there is no word to search for. */
  searchTasks(search: TaskSearch): FoundOutput[];
  /**
   * Ends, as interrupted, the runs whose process died without a word; gives back their ids. Costs next to nothing where
   * there are none. `now` is milliseconds since 1970.
   */
  markDeadRuns(now: number): string[];
  /** Newest first. */
  listOldRuns(filter: OldRunFilter, now: number): RunSummary[];
  /**
   * Deletes these runs, but not one that was taken up since it was listed, and gives the space back to the disk. Outputs that
   * other runs reuse go over to those. Others may work on the database meanwhile. Rejects with the signal's reason; what
   * was deleted by then is gone.
   */
  deleteRuns(
    runs: readonly RunSummary[],
    options: { readonly now: number; readonly signal?: AbortSignal },
  ): Promise<DeletedRuns>;
  /** Deletes every run, and results of tools, and gives the space back to the disk; gives back how many runs there were. */
  deleteAllRuns(): number;
  readonly batches: BatchStore;
  readonly toolResults: ToolResultStore;
  /** Turns for `max_rpm` that all processes on this database share. */
  openRateSlots(): SlotBook;
  /** Writes what is pending and closes. May be called twice. */
  close(): void;
}
