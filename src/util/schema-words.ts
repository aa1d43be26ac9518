import type { OutputUnit } from '@cfworker/json-schema';

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

/** One problem of a value; `below` is where in the value it is. */
export interface SchemaProblem {
  readonly below: readonly string[];
  readonly text: string;
}

/**
 * What is wrong, in words for a model or a person. `rule` is what the schema says at the keyword that failed,
 * undefined where it is not known; `value` is what did not fit.
 */
export function schemaWords(error: OutputUnit, rule: unknown, value: unknown): SchemaProblem[] {
  if (error.keyword === 'required' && Array.isArray(rule) && typeof value === 'object' && value !== null) {
    const missing = (rule as string[]).filter((name) => !Object.hasOwn(value, name));
    return missing.map((name) => ({ below: [name], text: 'is missing' }));
  }
  return [{ below: [], text: ruleWords(error.keyword, rule, value) ?? error.error }];
}

function ruleWords(keyword: string, rule: unknown, value: unknown): string | undefined {
  switch (keyword) {
    case 'type':
      return `must be ${typeWords(rule)}, got ${valueWords(value)}`;
    case 'false':
      return 'is not allowed here';
    case 'enum':
      return Array.isArray(rule) ? `must be one of ${rule.map((item) => JSON.stringify(item)).join(', ')}` : undefined;
    case 'const':
      return `must be ${JSON.stringify(rule)}`;
    case 'minimum':
      return `must be at least ${String(rule)}, got ${String(value)}`;
    case 'maximum':
      return `must be at most ${String(rule)}, got ${String(value)}`;
    case 'exclusiveMinimum':
      return `must be more than ${String(rule)}, got ${String(value)}`;
    case 'exclusiveMaximum':
      return `must be less than ${String(rule)}, got ${String(value)}`;
    case 'multipleOf':
      return `must be a multiple of ${String(rule)}, got ${String(value)}`;
    case 'minLength':
      return `must have at least ${count(rule, 'character')}, has ${String(value).length}`;
    case 'maxLength':
      return `must have at most ${count(rule, 'character')}, has ${String(value).length}`;
    case 'minItems':
      return `must have at least ${count(rule, 'item')}, has ${(value as unknown[]).length}`;
    case 'maxItems':
      return `must have at most ${count(rule, 'item')}, has ${(value as unknown[]).length}`;
    case 'minProperties':
      return `must have at least ${count(rule, 'field')}`;
    case 'maxProperties':
      return `must have at most ${count(rule, 'field')}`;
    case 'uniqueItems':
      return 'must not hold the same item twice';
    case 'pattern':
      return `must match /${String(rule)}/`;
    case 'format':
      return `must be in the format "${String(rule)}"`;
    case 'not':
      return 'has a form that is not allowed';
    default:
      return undefined;
  }
}

function typeWords(types: unknown): string {
  const names = [...new Set(Array.isArray(types) ? (types as string[]) : [types as string])];
  const words = names.map((name) => TYPE_WORDS[name] ?? name);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A value as a sentence names it: `a string`, `a list`, `1.5`. */
export function valueWords(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return TYPE_WORDS[typeof value] ?? typeof value;
}

function count(rule: unknown, word: string): string {
  return `${String(rule)} ${word}${rule === 1 ? '' : 's'}`;
}
