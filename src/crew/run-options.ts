import type { RunEvent } from '../events.js';
import type { CassetteMode } from '../journal/cassette-mode.js';
import type { JsonValue } from '../util/json.js';

/** Values of inputs by name. */
export type Inputs = Readonly<Record<string, JsonValue>>;

/** How a run is to be carried out. */
export interface RunOptions {
  readonly onEvent?: (event: RunEvent) => void;
  /** Stops the run: what is finished stays stored. */
  readonly signal?: AbortSignal;
  /** Database file. Default: `CREW_DB`, else the nearest `.crew/crew.db`. */
  readonly db?: string;
  /** Most tasks at work at the same time. Default 10. */
  readonly concurrency?: number;
  /** Most that the run may cost, US dollars; instead of `limits.budget_usd`. */
  readonly budgetUsd?: number;
  /** Most time that the run may take, milliseconds; instead of `limits.timeout`. */
  readonly timeoutMs?: number;
  /** Answers model calls from this file; no key is needed. */
  readonly cassette?: string;
  /** What to do with a call whose request has changed since. Default strict: end with CassetteError. */
  readonly cassetteMode?: CassetteMode;
  /** Writes what the models answered to this file when the run has ended. */
  readonly record?: string;
  /** Lets `output_file` lie outside the working directory. */
  readonly allowOutside?: boolean;
}

/** Where a run takes place. */
export interface RunPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly workingDirectory: string;
}
