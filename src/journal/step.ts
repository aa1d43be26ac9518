import type { Spend } from '../util/spend.js';

export type StepKind =
  | 'model'
  | 'tool'
  | 'delegation'
  /** One check of one attempt at an output. */
  | 'guardrail'
  /** A question to a person, and the answer. */
  | 'human'
  | 'plan'
  /** Whether a task runs. */
  | 'condition'
  /** Code of the user that was told of a step, a task or the run. */
  | 'callback';

/** One thing that is about to happen in a run. */
export interface StepRequest {
  /** Where in the run it is, such as `research/llm/1`: the same on every execution of the same work. */
  readonly path: string;
  readonly kind: StepKind;
  readonly taskKey: string;
  /** Role of the agent that does it. */
  readonly agent: string;
  /** Model reference, or the name of the tool, delegation tool, guardrail or callback. */
  readonly name: string;
  /** What is new in this request, as plain JSON; earlier turns are in the steps before it. */
  readonly request: object;
  /** Identifies everything that decides the answer beyond the earlier steps: 16 hex digits. */
  readonly fingerprint: string;
  /**
   * True where doing it twice may do harm: the start is on disk before it begins, and where it comes to no end, by an
   * abort or a crash, it stays begun, as nobody knows whether it was done.
   */
  readonly hasEffects: boolean;
}

/** What came of it. */
export interface StepOutcome {
  /** Plain JSON. */
  readonly response: object;
  readonly spend: Spend;
  /** The step ended, but with an error that the model is told (a tool that threw). */
  readonly isError: boolean;
  /** The model that answered, where it differs from the one asked for. */
  readonly name?: string;
  /** The step was carried out before, in an earlier life of the run: nothing happened now. */
  readonly isRemembered?: true;
}

/**
 * The ordered record of a run. `step` gives the outcome of the request, by carrying it out or by remembering it,
 * and returns only after the outcome is on disk. Text in the outcome is redacted, so that what the run goes on
 * with is exactly what a resumed run will find. A failure to store rejects with StoreError.
 */
export interface Journal {
  step(request: StepRequest, execute: () => Promise<StepOutcome>): Promise<StepOutcome>;
}
