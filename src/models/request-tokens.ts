import type { LanguageModelV3Message } from '@ai-sdk/provider';
import { loadTokenizer, mostTokens } from '../util/count-tokens.js';
import type { ModelRequest } from './model.js';

/** What providers add to a message for its role and its bounds. */
const TOKENS_BESIDE_TEXT = 4;

/**
 * Tokens that a file is reckoned with: what a large image takes at most models
 * (https://platform.claude.com/docs/en/build-with-claude/vision, https://platform.openai.com/docs/guides/images-vision).
 * How many a PDF file has, only the provider knows; it says so where they are too many.
 */
export const TOKENS_OF_FILE = 1600;

/** What counts stray by, from one provider's tokenizer to another's: added to a count. */
const MARGIN = 1.1;

/** What a request is made of, as far as its size goes. */
export type SizedRequest = Pick<ModelRequest, 'messages' | 'tools' | 'responseSchema'>;

interface Size {
  /** No tokenizer makes more of it. */
  readonly most: number;
  readonly count: () => Promise<number>;
}

// Messages and lists of tools never change, and each is sent again with every call that follows.
const sizes = new WeakMap<object, Size>();

/** The most tokens that a request can have. Costs next to nothing. */
export function mostTokensOf(request: SizedRequest): number {
  return partsOf(request).reduce((sum, part) => sum + sizeOf(part).most, 0);
}

/** Tokens that a request is likely to have, a margin of a tenth included. Loads the tokenizer. */
export async function countTokensOf(request: SizedRequest): Promise<number> {
  return withMargin(await sumOf(partsOf(request)));
}

/** The same for some messages of a request. */
export async function countMessageTokens(messages: readonly LanguageModelV3Message[]): Promise<number> {
  return withMargin(await sumOf(messages));
}

/** A number of tokens as it is reckoned with: the margin added. */
export function withMargin(tokens: number): number {
  return Math.ceil(tokens * MARGIN);
}

/** The most tokens that can be counted where no more than so many may be reckoned with. */
export function withoutMargin(tokens: number): number {
  return Math.max(0, Math.floor(tokens / MARGIN));
}

function partsOf({ messages, tools, responseSchema }: SizedRequest): object[] {
  return [...messages, ...(tools.length > 0 ? [tools] : []), ...(responseSchema ? [responseSchema] : [])];
}

async function sumOf(parts: readonly object[]): Promise<number> {
  let sum = 0;
  for (const part of parts) sum += await sizeOf(part).count();
  return sum;
}

function sizeOf(part: object): Size {
  const size = sizes.get(part) ?? measure(part);
  sizes.set(part, size);
  return size;
}

function measure(part: object): Size {
  const { text, files } =
    'role' in part ? textOf(part as LanguageModelV3Message) : { text: JSON.stringify(part), files: 0 };
  const beside = TOKENS_BESIDE_TEXT + files * TOKENS_OF_FILE;
  let counted: Promise<number> | undefined;
  return {
    most: mostTokens(text) + beside,
    count: () => (counted ??= loadTokenizer().then((tokenizer) => tokenizer.count(text) + beside)),
  };
}

/** The texts of a message in one, and the number of its files. */
function textOf({ content }: LanguageModelV3Message): { readonly text: string; readonly files: number } {
  if (typeof content === 'string') return { text: content, files: 0 };
  const texts: string[] = [];
  let files = 0;
  for (const part of content) {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        texts.push(part.text);
        break;
      case 'file':
        files += 1;
        break;
      case 'tool-call':
        texts.push(part.toolName, JSON.stringify(part.input));
        break;
      case 'tool-result':
        texts.push('value' in part.output ? wordsOf(part.output.value) : '');
    }
  }
  return { text: texts.join('\n'), files };
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
