import type { RunEvent } from '../events.js';
import type { CassetteMode } from '../journal/cassette-mode.js';
import type { AskHuman } from '../journal/human-question.js';
import type { ScriptedAnswers } from '../run/scripted-answers.js';
import type { JsonValue } from '../util/json.js';
import type { AgreeToStart } from './trust.js';

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
  /** Tells the text of the final task as it comes, as `model-call-delta` events. Default: `stream` of the definition. */
  readonly stream?: boolean;
  /** Asked where a person has to review an output or answer a question. Default: the run ends with NeedsInputError (exit 5). */
  readonly askHuman?: AskHuman;
  /** Answers that are known beforehand; then nobody is asked, and where they are used up, the run ends as without `askHuman`. */
  readonly answers?: ScriptedAnswers;
  /**
   * Lets the definition run code and programs, use folders outside of the working directory, and the like. Remembered for just
   * that, until it changes. Default: what was not agreed to before is refused with UsageError.
   */
  readonly trust?: boolean;
  /** The same for shell guardrails only. */
  readonly allowShell?: boolean;
  /** Asked where the definition does more than was agreed to; a yes is remembered. */
  readonly agreeToStart?: AgreeToStart;
  /** Lets files of tasks lie outside the working directory. */
  readonly allowOutside?: boolean;
}

/** Where a run takes place. */
export interface RunPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly workingDirectory: string;
}
