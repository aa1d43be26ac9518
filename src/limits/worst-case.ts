import type { LanguageModelV3FilePart } from '@ai-sdk/provider';
import type { ModelDefinition } from '../definition/types.js';
import type { ModelRequest, TokenCounts } from '../models/model.js';
import { TOKENS_OF_FILE } from '../models/request-tokens.js';

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

/** Bytes of a PDF file for each token, and most tokens of one: a hundred pages, each as text and as an image. */
const PDF_BYTES_PER_TOKEN = 3;
const MOST_PDF_TOKENS = 300_000;

/** The tokens that an image or a PDF file is reckoned with. */
function fileTokens({ mediaType, data }: Pick<LanguageModelV3FilePart, 'mediaType' | 'data'>): number {
  if (mediaType !== 'application/pdf' || !(data instanceof Uint8Array)) return TOKENS_OF_FILE;
  return Math.min(Math.ceil(data.byteLength / PDF_BYTES_PER_TOKEN), MOST_PDF_TOKENS);
}

/** The most tokens that a call is likely to take, from the size of its request; no tokenizer is loaded for it. */
export function worstCaseTokens(request: ModelRequest, { maxTokens }: Pick<ModelDefinition, 'maxTokens'>): TokenCounts {
  const files = request.messages.flatMap(({ role, content }) =>
    role === 'user' ? content.filter((part) => part.type === 'file') : [],
  );
  const text = JSON.stringify(request, files.length === 0 ? undefined : withoutData);
  return {
    inputTokens: files.reduce(
      (sum, file) => sum + fileTokens(file),
      Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN),
    ),
    outputTokens: maxTokens ?? ASSUMED_OUTPUT_TOKENS,
  };
}

function withoutData(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? null : value;
}
