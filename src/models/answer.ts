import type { LanguageModelV3Content, LanguageModelV3GenerateResult, LanguageModelV3Usage } from '@ai-sdk/provider';
import type { TokenUsage } from '../util/spend.js';
import { UnusableAnswer } from './failure.js';
import type { ModelAnswer } from './model.js';

/**
 * The parts of an answer that a run goes on with: text, reasoning and tool calls, with the provider's signatures.
 * Throws UnusableAnswer where a filter or an error of the provider left nothing.
 */
export function readAnswer(result: LanguageModelV3GenerateResult): Pick<ModelAnswer, 'content' | 'finishReason'> {
  const finishReason = result.finishReason.unified;
  const parts = result.content.flatMap(readPart);
  if (!parts.some((part) => part.type === 'tool-call' || (part.type === 'text' && part.text !== ''))) {
    if (finishReason === 'content-filter') throw new UnusableAnswer('content-filter', '');
    if (finishReason === 'error') throw new UnusableAnswer('bad-response', 'it ended with an error');
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
