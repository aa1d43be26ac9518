import { countOf } from '../util/amounts.js';
import { ToolError } from './tool-error.js';
import type { DetailedResult } from './tool.js';

/** Most characters that one call gives: some ten thousand tokens. */
const MOST_CHARACTERS = 40_000;

export interface TextPartOptions {
  /** What the text is of, for people and models. */
  readonly name: string;
  /** Where the part starts. */
  readonly offset: number;
  /** Most characters of it; at least 2, so that every part has some. */
  readonly most?: number;
  /** Stand before what is said of the next part. Default: none. */
  readonly notes?: readonly string[];
}

/**
 * A part of a text with a note how to get the next one; it ends with a whole line where that takes not too much away. Throws
 * ToolError for an offset past the end.
 */
export function textPart(
  text: string,
  { name, offset, most = MOST_CHARACTERS, notes = [] }: TextPartOptions,
): DetailedResult {
  if (offset > 0 && offset >= text.length) {
    throw new ToolError(`offset ${offset} is past the end: ${name} has ${countOf(text.length, 'character')} of text`);
  }
  const end = endOfPart(text, offset, Math.max(most, 2));
  const left = text.length - end;
  const all = [...notes, ...(left > 0 ? [`[${countOf(left, 'character')} left; call again with offset ${end}]`] : [])];
  return { text: text.slice(offset, end), ...(all.length > 0 && { note: all.join('\n') }) };
}

function endOfPart(text: string, offset: number, most: number): number {
  const end = offset + most;
  if (end >= text.length) return text.length;
  const lineEnd = text.lastIndexOf('\n', end - 1) + 1;
  if (lineEnd > offset + most / 2) return lineEnd;
  return /[\ud800-\udbff]/.test(text[end - 1] ?? '') ? end - 1 : end;
}
