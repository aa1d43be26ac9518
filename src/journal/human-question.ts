/** `StepRecord.response` of a question to a person; an abort is no answer, so that it can be taken back. */
export type HumanStepResponse =
  | { readonly decision: 'approve' }
  /** `text` says what to change. */
  | { readonly decision: 'revise'; readonly text: string }
  | { readonly decision: 'answer'; readonly text: string }
  /** To this call and to every other one in the run that the same rule asks about, of the same tool. */
  | { readonly decision: 'always' }
  /** `text` says why, for the agent; it may be empty. */
  | { readonly decision: 'deny'; readonly text: string };

/** What a person is asked. */
export interface HumanQuestion {
  /** `permission`: whether a tool may be called. */
  readonly kind: 'review' | 'question' | 'permission';
  /** The output to review, the question, or the call. */
  readonly text: string;
  /** The rule that wants a person to agree to a call, as written. */
  readonly rule?: string;
  readonly runId: string;
  readonly taskKey: string;
  /** Role of the agent whose output it is, or who asks. */
  readonly agent: string;
  /** The step that holds question and answer. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/** What a person says to it: approve or revise to a review, answer to a question, approve, always or deny to a call; abort to each. */
export type HumanAnswer = HumanStepResponse | { readonly decision: 'abort' };

/** Asks a person. Rejects with NeedsInputError where there is nobody to ask. */
export type AskHuman = (question: HumanQuestion) => Promise<HumanAnswer>;
