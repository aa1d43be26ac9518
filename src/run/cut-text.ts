import { formatCount } from '../util/amounts.js';
import { loadTokenizer, mostTokens, type Tokenizer } from '../util/count-tokens.js';
import type { Prompts } from './prompts.js';

/** A text that is short enough, and how many tokens of the whole were left out for it. */
export interface CutText {
  readonly text: string;
  readonly leftOut: number;
}

/** The beginning of a text, with a note of what is left out; the whole where it has no more than so many tokens. */
export async function cutEnd(prompts: Prompts, text: string, tokens: number): Promise<CutText> {
  if (mostTokens(text) <= tokens) return { text, leftOut: 0 };
  const tokenizer = await loadTokenizer();
  const all = tokenizer.count(text);
  if (all <= tokens) return { text, leftOut: 0 };
  const length = tokenizer.beginningOf(text, roomBeside(tokenizer, noteOf(prompts, all), tokens));
  const leftOut = tokenizer.count(text.slice(length));
  return { text: `${text.slice(0, length).trimEnd()}\n${noteOf(prompts, leftOut)}`, leftOut };
}

/** Where to cut the middle out of a text that has more than so many tokens, and the note that takes its place. */
export function findMiddle(
  prompts: Prompts,
  tokenizer: Tokenizer,
  text: string,
  tokens: number,
): { readonly from: number; readonly to: number; readonly note: string; readonly leftOut: number } {
  const half = Math.floor(roomBeside(tokenizer, noteOf(prompts, mostTokens(text)), tokens) / 2);
  const from = tokenizer.beginningOf(text, half);
  const to = tokenizer.endingOf(text, half);
  const leftOut = tokenizer.count(text.slice(from, to));
  return { from, to, note: `\n${noteOf(prompts, leftOut)}\n`, leftOut };
}

function noteOf(prompts: Prompts, count: number): string {
  return prompts.say('cut', { count: formatCount(count) });
}

function roomBeside(tokenizer: Tokenizer, note: string, tokens: number): number {
  return Math.max(0, tokens - tokenizer.count(note) - 2);
}
