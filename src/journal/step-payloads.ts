import type { LanguageModelV3FunctionTool } from '@ai-sdk/provider';
import type { ModelAnswer } from '../models/model.js';
import type { JsonSchema } from '../util/json.js';

/** A message as a step stores it: tool results stand in their own steps and are only pointed at. */
export type StoredMessage =
  | { readonly role: 'system' | 'user'; readonly text: string }
  | { readonly role: 'tool'; readonly results: readonly { readonly step: string }[] };

/**
 * `StepRecord.request` of a model call: what is new since the call before it in the same conversation. The whole
 * conversation of `a/llm/3` is: messages of `a/llm/1`, its answer, messages of `a/llm/2`, its answer, messages of `a/llm/3`.
 */
export interface ModelStepRequest {
  readonly messages: readonly StoredMessage[];
  /** Set where the offered tools differ from those of the call before. */
  readonly tools?: readonly LanguageModelV3FunctionTool[];
  readonly toolChoice?: 'required';
  readonly responseSchema?: { readonly name: string; readonly schema: JsonSchema };
}

/** `StepRecord.response` of a model call. Its spend and model stand in the record's own fields. */
export type ModelStepResponse = Pick<ModelAnswer, 'content' | 'finishReason'>;

/** `StepRecord.request` of a tool call. */
export interface ToolStepRequest {
  readonly arguments: unknown;
}

/** `StepRecord.response` of a tool call or a delegation: what the model was told. */
export interface TextStepResponse {
  readonly text: string;
}

/** `StepRecord.request` of a delegation. */
export interface DelegationStepRequest {
  /** Role of the coworker, or what the model wrote where it fits none. */
  readonly coworker: string;
  readonly task: string;
  readonly context: string;
}

/** Result of a call of which nobody knows how it ended, where a person said that it was done. */
export const ASSUMED_DONE_RESULT =
  'This call was under way when the work was interrupted. It was done; its result is not known.';
