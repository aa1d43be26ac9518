/** `StepRecord.response` of a question to a person; an abort is no answer, so that it can be taken back. */
export type HumanStepResponse =
  | { readonly decision: 'approve' }
  /** `text` says what to change. */
  | { readonly decision: 'revise'; readonly text: string }
  | { readonly decision: 'answer'; readonly text: string };

/** What a person is asked. */
export interface HumanQuestion {
  readonly kind: 'review' | 'question';
  /** The output to review, or the question. */
  readonly text: string;
  readonly runId: string;
  readonly taskKey: string;
  /** Role of the agent whose output it is, or who asks. */
  readonly agent: string;
  /** The step that holds question and answer. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/** What a person says to it: approve, revise or abort to a review, answer or abort to a question. */
export type HumanAnswer = HumanStepResponse | { readonly decision: 'abort' };

/** Asks a person. Rejects with NeedsInputError where there is nobody to ask. */
export type AskHuman = (question: HumanQuestion) => Promise<HumanAnswer>;
