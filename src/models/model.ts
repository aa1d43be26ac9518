import type {
  LanguageModelV3Content,
  LanguageModelV3FinishReason,
  LanguageModelV3FunctionTool,
  LanguageModelV3Prompt,
} from '@ai-sdk/provider';
import type { ModelDefinition } from '../definition/types.js';
import type { JsonSchema } from '../util/json.js';
import type { Spend, TokenUsage } from '../util/spend.js';

/** One request to a language model, in the AI SDK's provider format. */
export interface ModelRequest {
  readonly messages: LanguageModelV3Prompt;
  readonly tools: readonly LanguageModelV3FunctionTool[];
  readonly toolChoice?: 'required';
  /** The answer must be JSON of this schema; only used where no tools are offered. */
  readonly responseSchema?: { readonly name: string; readonly schema: JsonSchema };
}

/** A whole answer. Plain JSON, so that it can be stored and read back as it is. */
export interface ModelAnswer {
  readonly content: LanguageModelV3Content[];
  readonly finishReason: LanguageModelV3FinishReason['unified'];
  /** The reference of the model that answered: a fallback's, where one stepped in. */
  readonly model: string;
  /** With what attempts before it took whose answers could not be used, those on other models too. */
  readonly spend: Spend;
}

/** Told the text of an answer while it comes. */
export interface AnswerListener {
  /** An attempt begins: text of one before it does not count. */
  onBegin(): void;
  /** The next piece; neither reasoning nor arguments of tools. */
  onText(text: string): void;
}

export interface ModelCallOptions {
  /** Aborts the call; the rejection is then the signal's reason. */
  readonly signal: AbortSignal;
  /** Told in one sentence when a call is retried or a fallback steps in. */
  readonly onNotice: (notice: string) => void;
  /**
   * Awaited before the first attempt on a model, a fallback too, and before one that follows an answer that was paid for
   * and could not be used; `spent` is what all of those took. What it rejects with ends the call.
   */
  readonly admit?: (model: ModelDefinition, spent: Spend) => Promise<void>;
  /** Awaited before every attempt, retries too. What it rejects with ends the call. */
  readonly beforeAttempt?: (model: ModelDefinition) => Promise<Turn | undefined>;
  /** Makes the call as a stream. What it gives and rejects with stays the same. */
  readonly listener?: AnswerListener;
}

/** The permission to make one attempt. */
export interface Turn {
  /** Leaves it to somebody else, as the attempt is not made yet. Never rejects. */
  giveBack(): Promise<void>;
}

export type TokenCounts = Pick<TokenUsage, 'inputTokens' | 'outputTokens'>;

/** The door to model providers. */
export interface ModelClient {
  /**
   * Calls the first model; retries what may pass, then goes on with the next model when a provider is down or over quota.
   * Rejects with ProviderError, which says what was spent, when no model answered.
   */
  call(models: readonly ModelDefinition[], request: ModelRequest, options: ModelCallOptions): Promise<ModelAnswer>;
  /** What a call of that size costs now in US dollars, nothing of it read from a cache; null where the price is unknown. */
  price(model: ModelDefinition, tokens: TokenCounts): Promise<number | null>;
}
