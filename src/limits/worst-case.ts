import type { ModelDefinition } from '../definition/types.js';
import type { ModelRequest, TokenCounts } from '../models/model.js';

/**
 * Tokens that an answer is expected to have at most where the model has no `max_tokens`: what most models in use give,
 * such as gpt-4o (https://platform.openai.com/docs/models). Newer ones give more, and seldom do: reckoned with all of it,
 * small budgets would allow no call at all.
 */
export const ASSUMED_OUTPUT_TOKENS = 16_384;

/**
 * Bytes of a request for each token that is reckoned with. Texts of all languages have 2 or more, English 5, JSON 2.6
 * (measured with o200k_base); only random letters and digits, such as Base64, come down to 1.4.
 */
const BYTES_PER_TOKEN = 2;

/** The most tokens that a call is likely to take, from the size of its request; no tokenizer is loaded for it. */
export function worstCaseTokens(request: ModelRequest, { maxTokens }: Pick<ModelDefinition, 'maxTokens'>): TokenCounts {
  return {
    inputTokens: Math.ceil(Buffer.byteLength(JSON.stringify(request)) / BYTES_PER_TOKEN),
    outputTokens: maxTokens ?? ASSUMED_OUTPUT_TOKENS,
  };
}
