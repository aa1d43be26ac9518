import { withMargin, withoutMargin } from '../models/request-tokens.js';
import { loadTokenizer } from '../util/count-tokens.js';
import type { Conversation } from './conversation.js';
import { findMiddle } from './cut-text.js';
import type { Prompts } from './prompts.js';

/** Least tokens that are left of a result: fewer say nothing. */
const LEAST_RESULT_TOKENS = 50;

/** A result that lost its middle. */
export interface CutToolResult {
  readonly toolName: string;
  readonly leftOut: number;
  /** Of the whole. */
  readonly tokens: number;
}

/**
 * Takes the middle out of the longest tool results in the messages from `from` on, until there are `excess` tokens less:
 * all that are cut are then of one length. Undefined, and nothing is cut, where they do not hold so much.
 */
export async function cutResults(
  prompts: Prompts,
  conversation: Conversation,
  { from, excess }: { readonly from: number; readonly excess: number },
): Promise<CutToolResult[] | undefined> {
  const tokenizer = await loadTokenizer();
  const results = conversation.messages.slice(from).flatMap((message) => {
    if (message.role !== 'tool') return [];
    return message.content.flatMap((part) => {
      if (part.type !== 'tool-result') return [];
      const { toolCallId, toolName, output } = part;
      if (output.type !== 'text' && output.type !== 'error-text') return [];
      return [{ toolCallId, toolName, text: output.value, tokens: tokenizer.count(output.value) }];
    });
  });
  const sizes = results.map(({ tokens }) => withMargin(tokens));
  const level = findLevel(sizes, sizes.reduce((sum, size) => sum + size, 0) - excess);
  if (level < LEAST_RESULT_TOKENS) return undefined;
  return results
    .filter(({ tokens }) => withMargin(tokens) > level)
    .map(({ toolCallId, toolName, text, tokens }) => {
      const { leftOut, ...cut } = findMiddle(prompts, tokenizer, text, withoutMargin(level));
      conversation.cutResult(toolCallId, cut);
      return { toolName, leftOut, tokens };
    });
}

/** The size that the larger ones of these have to be cut to, so that all together have no more than so much. */
function findLevel(sizes: readonly number[], most: number): number {
  let left = most;
  let count = sizes.length;
  for (const size of sizes.toSorted((a, b) => a - b)) {
    if (size * count > left) return Math.floor(left / count);
    left -= size;
    count -= 1;
  }
  return sizes.length === 0 ? 0 : Math.max(...sizes);
}
