import type { Spend } from './util/spend.js';

/** What a process exit code of `crew` means. The table in README.md is made from this. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  unmet: 3,
  limit: 4,
  needsInput: 5,
  provider: 6,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line for each exit code, for the help text and README. */
export const EXIT_MEANING: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'a task failed',
  2: 'bad usage or bad definition; nothing was run',
  3: 'a guardrail or an output schema was never met',
  4: 'a limit was reached; state saved',
  5: 'an answer of a person is needed and there is no terminal; state saved',
  6: 'the model provider refused or cannot be reached; state saved',
  70: 'a bug in crew',
  130: 'interrupted; state saved',
  143: 'terminated; state saved',
};

export interface CrewErrorOptions {
  /** What the reader can do next, one sentence or command. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** Every error thrown on purpose. Anything else that reaches the top is a bug in crew (exit 70). */
export abstract class CrewError extends Error {
  /** Stable word for programs, such as `definition` or `provider`. */
  abstract readonly code: string;
  abstract readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, options: CrewErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

/** The command line or a library call cannot be carried out as given; nothing was run. */
export class UsageError extends CrewError {
  readonly code = 'usage';
  readonly exitCode = EXIT.usage;
}

/** A task could not be done, for a reason that no other family names. */
export class TaskError extends CrewError {
  readonly code = 'task';
  readonly exitCode = EXIT.failed;
}

/** An output schema (or a guardrail) was not met in all allowed attempts. */
export class UnmetError extends CrewError {
  readonly code = 'unmet';
  readonly exitCode = EXIT.unmet;
}

/** A limit of the run, task or agent was reached. */
export class LimitError extends CrewError {
  readonly code = 'limit';
  readonly exitCode = EXIT.limit;
}

/** A person has to decide something, and there is nobody to ask. */
export class NeedsInputError extends CrewError {
  readonly code = 'needs-input';
  readonly exitCode = EXIT.needsInput;
}

/** The database cannot be opened, read or written. `beforeRun` is true when nothing was called yet. */
export class StoreError extends CrewError {
  readonly code = 'store';
  readonly exitCode: ExitCode;

  constructor(message: string, options: CrewErrorOptions & { readonly beforeRun?: boolean } = {}) {
    super(message, options);
    this.exitCode = options.beforeRun ? EXIT.usage : EXIT.failed;
  }
}

/** This process has its run no longer: another one took it over, or its record was deleted. */
export class RunLostError extends StoreError {}

/** Somebody else is at work on what was to be begun or gone on with. */
export class RunBusyError extends UsageError {}

/** The cassette does not hold the answer to a call, or the call's request has changed. */
export class CassetteError extends CrewError {
  readonly code = 'cassette';
  readonly exitCode = EXIT.usage;
}

/** What stops a run from outside. SIGPIPE: nobody reads its output any more, whether or not the signal was sent. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE';

const STOP_WORDS: Readonly<Record<StopSignal, string>> = {
  SIGINT: 'interrupted',
  SIGTERM: 'terminated',
  SIGHUP: 'terminated: the terminal was closed',
  SIGPIPE: 'terminated: nobody reads the output any more',
};

/** The run was stopped from outside: Ctrl-C (130), or anything else (143). */
export class InterruptedError extends CrewError {
  readonly code = 'interrupted';
  readonly exitCode: ExitCode;

  constructor(signalName: StopSignal = 'SIGINT') {
    super(STOP_WORDS[signalName]);
    this.exitCode = signalName === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  }
}

export type ProviderTrouble =
  | 'auth'
  | 'not-found'
  | 'bad-request'
  /** The request has more tokens than the model has room for. */
  | 'context-length'
  | 'quota'
  | 'rate-limit'
  | 'server'
  | 'network'
  | 'timeout'
  | 'bad-response'
  | 'content-filter'
  | 'no-tools';

export interface ProviderErrorFacts extends CrewErrorOptions {
  readonly trouble: ProviderTrouble;
  /** `provider/model`. */
  readonly model: string;
  readonly status?: number | undefined;
  /** How many times the call was made, the first included. */
  readonly attempts?: number | undefined;
  /** What the provider itself said, redacted and shortened. */
  readonly words?: string | undefined;
  /** From Retry-After, milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly spend?: Spend | undefined;
}

/** The provider refused a model call or cannot be reached. */
export class ProviderError extends CrewError {
  readonly code = 'provider';
  readonly exitCode: ExitCode;
  readonly trouble: ProviderTrouble;
  readonly model: string;
  readonly status: number | undefined;
  readonly attempts: number;
  readonly words: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** What all attempts of the call took whose answers could not be used, those on other models too; undefined for nothing. */
  readonly spend: Spend | undefined;

  constructor(message: string, facts: ProviderErrorFacts) {
    super(message, facts);
    this.exitCode = facts.trouble === 'context-length' ? EXIT.limit : EXIT.provider;
    this.trouble = facts.trouble;
    this.model = facts.model;
    this.status = facts.status;
    this.attempts = facts.attempts ?? 1;
    this.words = facts.words;
    this.retryAfterMs = facts.retryAfterMs;
    this.spend = facts.spend;
  }

  /** True where the same call may succeed a moment later. */
  get retryable(): boolean {
    return ['rate-limit', 'server', 'network', 'timeout', 'bad-response'].includes(this.trouble);
  }
}

/** The message of anything thrown, for a sentence of ours. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error as rows, results and programs see it. */
export interface ErrorResult {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** The error for a row or a result. What is not ours is a bug in crew. */
export function toErrorResult(error: unknown): ErrorResult {
  if (error instanceof CrewError) return { code: error.code, message: error.message, hint: error.hint ?? null };
  return { code: 'bug', message: messageOf(error), hint: null };
}

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof CrewError ? error.exitCode : EXIT.bug;
}
