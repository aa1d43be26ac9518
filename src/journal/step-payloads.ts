import type { LanguageModelV3FunctionTool } from '@ai-sdk/provider';
import type { ModelAnswer } from '../models/model.js';
import type { JsonSchema } from '../util/json.js';
import type { HumanQuestion } from './human-question.js';

/** A file that a message gave to a model. What was in it is not stored. */
export interface StoredFile {
  /** Its path as the task has it. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Of its content, in hex. */
  readonly sha256: string;
}

/** A message as a step stores it: tool results stand in their own steps and are only pointed at. */
export type StoredMessage =
  | {
      readonly role: 'system' | 'user';
      readonly text: string;
      readonly files?: readonly StoredFile[];
      /** What the text tells as today's date, as `formatWallTime` writes it. */
      readonly moment?: string;
    }
  | { readonly role: 'tool'; readonly results: readonly { readonly step: string }[] };

/** What a conversation that was too long lost. */
export interface Shortening {
  /**
   * The messages from `from` up to, but without, `to` gave way to a user message with this text. Counted from 0 in the
   * conversation as it was, with its answers; those without content are not in it.
   */
  readonly summary?: { readonly from: number; readonly to: number; readonly text: string };
  /** Of the results of these steps the characters from `from` up to `to` gave way to `note`. */
  readonly cuts?: readonly ResultCut[];
}

export interface ResultCut {
  /** Path of the step that holds the result. */
  readonly step: string;
  readonly from: number;
  readonly to: number;
  readonly note: string;
}

/**
 * `StepRecord.request` of a model call: what is new since the call before it in the same conversation. The whole
 * conversation of `a/llm/3` is: messages of `a/llm/1`, its answer, messages of `a/llm/2`, its answer, messages of `a/llm/3`.
 */
export interface ModelStepRequest {
  readonly messages: readonly StoredMessage[];
  /** Set where the conversation was shortened before this call; it and those after it have it that way. */
  readonly shortened?: Shortening;
  /** Set where the offered tools differ from those of the call before. */
  readonly tools?: readonly LanguageModelV3FunctionTool[];
  readonly toolChoice?: 'required';
  readonly responseSchema?: { readonly name: string; readonly schema: JsonSchema };
}

/** `StepRecord.response` of a model call. Its spend and model stand in the record's own fields. */
export interface ModelStepResponse extends Pick<ModelAnswer, 'content'> {
  /** `context-length`: the provider refused the request, as it was too long; there is no content. */
  readonly finishReason: ModelAnswer['finishReason'] | 'context-length';
  /** What the provider said then. */
  readonly words?: string;
}

/** `StepRecord.request` of a tool call. */
export interface ToolStepRequest {
  readonly arguments: unknown;
}

/** `StepRecord.response` of a tool call or a delegation: what the model was told. */
export interface TextStepResponse {
  readonly text: string;
  /** The earlier call that the result was taken from, where the tool did not run. */
  readonly fromCache?: { readonly runId: string; readonly path: string };
  /** The call was not carried out: the text says why. */
  readonly isRefused?: true;
}

/** `StepRecord.request` of a delegation. */
export interface DelegationStepRequest {
  /** Role of the coworker, or what the model wrote where it fits none. */
  readonly coworker: string;
  readonly task: string;
  readonly context: string;
}

/** `StepRecord.request` of a guardrail check. */
export interface GuardrailStepRequest {
  /** 1-based: which answer of the work it was. */
  readonly attempt: number;
}

/** `StepRecord.response` of a guardrail check. */
export interface GuardrailStepResponse {
  readonly passed: boolean;
  /** Why not; for people and for the model that tries again. */
  readonly reason: string | null;
  /** The output as the guardrail wants it, where it changed it. */
  readonly output?: string;
}

/** `StepRecord.request` of a question to a person. */
export type HumanStepRequest = Pick<HumanQuestion, 'kind' | 'text' | 'rule'>;

/** `StepRecord.request` of a plan. */
export interface PlanStepRequest {
  /** Keys of the tasks to be planned. */
  readonly tasks: readonly string[];
}

/** `StepRecord.response` of a plan: what to do, by task key. */
export interface PlanStepResponse {
  readonly plan: Readonly<Record<string, string>>;
}

/** `StepRecord.response` of a condition. */
export interface ConditionStepResponse {
  readonly runs: boolean;
  /** Why not. */
  readonly reason: string | null;
}

/** Result of a call of which nobody knows how it ended, where a person said that it was done. */
export const ASSUMED_DONE_RESULT =
  'This call was under way when the work was interrupted. It was done; its result is not known.';

/** The result of a step as a conversation that was shortened has it. */
export function cutResult(result: string, step: string, { cuts = [] }: Shortening = {}): string {
  return cuts
    .filter((cut) => cut.step === step)
    .reduce((text, { from, to, note }) => text.slice(0, from) + note + text.slice(to), result);
}
