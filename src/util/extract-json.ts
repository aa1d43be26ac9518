import { isJsonObject } from './json.js';

/** Openings tried in a text before it counts as having no JSON; bounds the work on pages of braces. */
const MOST_OPENINGS = 200;

/**
 * The JSON value in a model's answer: the whole text, else its one fenced block (```json or without a language), else its
 * one outermost `{…}` or `[…]` between other words. Undefined where there is none, or more than one that could be meant;
 * `[1]`, as texts cite, does not count beside another.
 */
export function extractJson(text: string): unknown {
  const whole = parseJson(text.replace(/^\uFEFF/, ''));
  if (whole !== undefined) return whole;
  const blocks = [...text.matchAll(/^[ \t]*```(?:json)?[ \t]*\r?\n([\s\S]*?)^[ \t]*```[ \t]*$/gim)];
  if (blocks.length === 1) {
    const value = parseJson(blocks[0]?.[1] ?? '');
    if (value !== undefined) return value;
  }
  const values = findOutermost(text);
  const meant = values.length === 1 ? values : values.filter((value) => !isCitation(value));
  return meant.length === 1 ? meant[0] : undefined;
}

function findOutermost(text: string): unknown[] {
  const values: unknown[] = [];
  const opening = /[{[]/g;
  for (let tries = 0; tries < MOST_OPENINGS; tries += 1) {
    const start = opening.exec(text)?.index;
    if (start === undefined) break;
    const end = findEnd(text, start);
    const value = end === undefined ? undefined : parseJson(text.slice(start, end));
    if (end === undefined || value === undefined) continue;
    values.push(value);
    opening.lastIndex = end;
  }
  return values;
}

/** Index after the bracket that closes the one at `start`; brackets inside strings do not count. */
function findEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isCitation(value: unknown): boolean {
  return !isJsonObject(value) && Array.isArray(value) && value.every((item) => typeof item === 'number');
}
