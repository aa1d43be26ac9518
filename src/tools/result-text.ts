import { toJsonValue } from '../util/to-json.js';
import { formatCount } from '../util/amounts.js';
import { ToolError } from './tool-error.js';

/** Most characters of one result that a model is shown. */
const MOST_RESULT_CHARACTERS = 200_000;

/**
 * What a tool gave back, as text for a model: strings as they are, nothing as `done`, other values as JSON; cut at
 * `MOST_RESULT_CHARACTERS` with a note. Throws ToolError for what has no text form.
 */
export function resultText(value: unknown): string {
  return cut(toText(value));
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return 'done';
  if (value instanceof Error) throw value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  const json = toJsonValue(value);
  if (json.ok) return JSON.stringify(json.value);
  throw new ToolError(`the tool ran, but its result cannot be shown as text: ${json.reason}`);
}

function cut(text: string): string {
  if (text.length <= MOST_RESULT_CHARACTERS) return text;
  // Not through the middle of a character that takes two places.
  const end = /[\uD800-\uDBFF]/.test(text[MOST_RESULT_CHARACTERS - 1] ?? '')
    ? MOST_RESULT_CHARACTERS - 1
    : MOST_RESULT_CHARACTERS;
  return `${text.slice(0, end)}\n… [${formatCount(text.length - end)} more characters were cut]`;
}
