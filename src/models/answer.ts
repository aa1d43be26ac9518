import type { LanguageModelV3Content, LanguageModelV3GenerateResult, LanguageModelV3Usage } from '@ai-sdk/provider';
import type { TokenUsage } from '../util/spend.js';
import { UnusableAnswer } from './failure.js';
import type { ModelAnswer } from './model.js';
import { toOneLine } from './provider-words.js';

/** What of an answer's packages counts here. */
export type RawAnswer = Pick<LanguageModelV3GenerateResult, 'content' | 'finishReason' | 'usage'>;

/** The providers' own words where the model refuses in words: OpenAI's, beside a field of its own, and Anthropic's. */
const REFUSED = new Set(['stop', 'refusal']);

/**
 * The parts of an answer that a run goes on with: text, reasoning and tool calls, with the provider's signatures.
 * Throws UnusableAnswer where a filter or an error of the provider left nothing, or a refusal.
 */
export function readAnswer(result: RawAnswer): Pick<ModelAnswer, 'content' | 'finishReason'> {
  const finishReason = result.finishReason.unified;
  const parts = result.content.flatMap(readPart);
  if (!parts.some(({ type }) => type === 'tool-call')) {
    const text = toOneLine(parts.map((part) => (part.type === 'text' ? part.text : '')).join(' '));
    const isRefusal = text === '' || REFUSED.has(result.finishReason.raw ?? '');
    if (finishReason === 'content-filter' && isRefusal) throw new UnusableAnswer('content-filter', text);
    if (finishReason === 'error' && text === '') throw new UnusableAnswer('bad-response', 'it ended with an error');
  }
  // The packages leave undefined fields in their metadata; stored and read back, the answer has to be the same.
  return { content: JSON.parse(JSON.stringify(parts)) as LanguageModelV3Content[], finishReason };
}

function readPart(part: LanguageModelV3Content): LanguageModelV3Content[] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [part];
    case 'tool-call':
      // Some servers send no arguments at all for a tool that takes none.
      return [{ ...part, input: part.input?.trim() ? part.input : '{}' }];
    default:
      return [];
  }
}

/** Tokens of one answered call; 0 where the provider does not say. */
export function toTokenUsage({ inputTokens, outputTokens }: LanguageModelV3Usage): TokenUsage {
  return {
    inputTokens: inputTokens.total ?? 0,
    outputTokens: outputTokens.total ?? 0,
    cachedInputTokens: inputTokens.cacheRead ?? 0,
    reasoningTokens: outputTokens.reasoning ?? 0,
    requests: 1,
  };
}
