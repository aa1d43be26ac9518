import type { CassetteMode } from '../journal/cassette-mode.js';
import type { Spend } from '../util/spend.js';

/** How a run was asked for, beyond definition and inputs; it is resumed the same way. */
export interface RunSettings {
  readonly concurrency?: number;
  readonly allowOutside?: boolean;
  readonly budgetUsd?: number;
  readonly timeoutMs?: number;
  /** Absolute path of the cassette that answers. */
  readonly cassette?: string;
  readonly cassetteMode?: CassetteMode;
  /** Absolute path of the cassette to write at the end. */
  readonly record?: string;
  /** The text form of its result is every task's output. */
  readonly fullOutput?: boolean;
  readonly carryOver?: CarryOver;
  /** By key of a task that runs again: the earlier task whose answers of a person are used again. */
  readonly answersFrom?: Readonly<Record<string, TaskSource>>;
}

/** What a run takes over from an earlier one, call by call, instead of making it anew. */
export interface CarryOver {
  /** The earlier run. */
  readonly runId: string;
  /** Whether this run does what that one was to do: that one is then not resumed any more. */
  readonly goesOn: boolean;
  /** Keys of tasks that go on where they stopped there. */
  readonly tasks: readonly string[];
  /** Paths of calls of theirs that somebody has said are done. */
  readonly assumedDone: readonly string[];
  /** By key of a task that runs again: the task whose delegations are kept where the same is asked. */
  readonly delegations: Readonly<Record<string, TaskSource>>;
  /** What counts towards the limits of the run beside its own calls. */
  readonly spent: Spend;
}

/** A task of another run. */
export interface TaskSource {
  readonly runId: string;
  readonly taskKey: string;
}
