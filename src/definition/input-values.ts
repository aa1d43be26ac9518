import type { JsonValue } from '../util/json.js';
import { isJsonObject } from '../util/json.js';
import type { InputDefinition, InputType } from './types.js';
import { valueWords } from './value-words.js';

/** What a type asks for, in words that follow "must be". */
const TYPE_WORDS: Readonly<Record<InputType, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'a boolean (true or false)',
  list: 'a list, as JSON or separated by commas',
  object: 'an object, as JSON',
};

export type CoercedInput =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly reason: string };

/**
 * The value as the input's type has it: texts are read as that type, and numbers and booleans become text for a string.
 * Otherwise the reason, which names the input, its type and the value.
 */
export function coerceInput(input: InputDefinition, given: JsonValue): CoercedInput {
  const value = toType(given, input.type);
  if (value === undefined) {
    return { ok: false, reason: `input ${input.name} must be ${TYPE_WORDS[input.type]}, not ${valueWords(given)}` };
  }
  const { options } = input;
  if (options && !options.some((option) => isSameValue(option, value))) {
    const list = options.map((option) => (typeof option === 'string' ? option : JSON.stringify(option))).join(', ');
    return { ok: false, reason: `input ${input.name} must be one of ${list}; it is ${valueWords(value)}` };
  }
  return { ok: true, value };
}

/** The type that a value has; whole numbers are numbers. */
export function typeOfValue(value: JsonValue): InputType {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return isJsonObject(value) ? 'object' : 'string';
}

/** True where a value is of a type as it stands. */
export function isOfType(value: JsonValue, type: InputType): boolean {
  if (value === null) return false;
  return type === 'integer' ? Number.isInteger(value) : typeOfValue(value) === type;
}

function toType(given: JsonValue, type: InputType): JsonValue | undefined {
  if (isOfType(given, type)) return given;
  if (type === 'string' && (typeof given === 'number' || typeof given === 'boolean')) return String(given);
  if (typeof given !== 'string') return undefined;
  const text = given.trim();
  switch (type) {
    case 'number':
    case 'integer': {
      const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
      // A whole number that JavaScript cannot hold exactly would become another one.
      const isExact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
      return isExact && isOfType(number, type) ? number : undefined;
    }
    case 'boolean':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : undefined;
    case 'list':
      return text.startsWith('[') ? parseAs(text, type) : splitList(text);
    default:
      return parseAs(text, type);
  }
}

function parseAs(text: string, type: InputType): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isOfType(value, type) ? value : undefined;
  } catch {
    return undefined;
  }
}

function splitList(text: string): JsonValue {
  return text === '' ? [] : text.split(',').map((item) => item.trim());
}

/** True for values that are the same JSON. */
export function isSameValue(a: JsonValue, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
