import { formatCount } from '../util/amounts.js';
import type { JsonObject } from '../util/json.js';

/** Characters of one text among the arguments, and of all of them, that are shown. */
const MOST_OF_TEXT = 4000;
const MOST_OF_CALL = 20_000;
/** Arguments up to this many characters stand in one line. */
const LINE = 80;

/**
 * A call as a person is asked about it: the tool and all its arguments as JSON. Long texts lose their middle; characters that
 * do not show, or turn the direction of writing, stand as escapes.
 */
export function describeCall(tool: string, args: JsonObject): string {
  const line = visible(args);
  const text = line.length <= LINE ? line : visible(args, 2);
  return `${tool} ${withoutMiddle(text, MOST_OF_CALL)}`;
}

function visible(args: JsonObject, indent?: number): string {
  const text = JSON.stringify(
    args,
    (_name, value: unknown) => (typeof value === 'string' ? withoutMiddle(value, MOST_OF_TEXT) : value),
    indent,
  );
  return text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, escaped);
}

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

function withoutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const [head, tail] = [text.slice(0, (most * 3) / 4), text.slice(-most / 4)];
  return `${head} [… ${formatCount(text.length - most)} characters left out …] ${tail}`;
}
