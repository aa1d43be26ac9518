import { formatBytes } from './amounts.js';
import { formatPath, type ValuePath } from './format-path.js';
import type { JsonObject, JsonValue } from './json.js';

export type JsonConversion =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly reason: string };

/**
 * Gives any value as plain JSON, or says in words why it has none. What has a `toJSON` (dates, URLs) uses it, a bigint
 * becomes its digits, a Map an object, a Set a list; functions and undefined fields are left out, as JSON does.
 * Refused: circular references, binary data, and objects whose content JSON would silently drop.
 */
export function toJsonValue(value: unknown): JsonConversion {
  try {
    const converted = convert(value, [], []);
    return converted === undefined
      ? { ok: false, reason: `it is ${value === undefined ? 'undefined' : `a ${typeof value}`}` }
      : { ok: true, value: converted };
  } catch (error) {
    if (error instanceof NotJson) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Characters of a value that an error shows. */
const MOST_SHOWN = 80;

/** What a value is, for an error: the beginning of its JSON, or why it has none. */
export function describeValue(value: unknown): string {
  const json = toJsonValue(value);
  return json.ok ? JSON.stringify(json.value).slice(0, MOST_SHOWN) : json.reason.replace(/^it is /, '');
}

/** Ends a conversion; never leaves this file. */
class NotJson extends Error {}

function convert(value: unknown, path: ValuePath, ancestors: readonly object[]): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : convertObject(value, path, ancestors);
    default:
      return undefined;
  }
}

function convertObject(value: object, path: ValuePath, ancestors: readonly object[]): JsonValue | undefined {
  if (ancestors.includes(value)) throw new NotJson(`${placeOf(path)} refers back to itself`);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Blob) {
    const bytes = value instanceof Blob ? value.size : value.byteLength;
    throw new NotJson(`${placeOf(path)} is binary data (${nameOf(value)}, ${formatBytes(bytes)})`);
  }
  const inside = [...ancestors, value];
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const replaced: unknown = value.toJSON();
    return convert(replaced, path, inside);
  }
  if (value instanceof Set) return convertList([...(value as Set<unknown>)], path, inside);
  if (Array.isArray(value)) return convertList(value, path, inside);
  const entries = entriesOf(value);
  if (entries.length === 0 && !isPlain(value)) {
    throw new NotJson(`${placeOf(path)} is a ${nameOf(value)}, which has no JSON form`);
  }
  const result: JsonObject = {};
  for (const [key, item] of entries) {
    const converted = convert(item, [...path, key], inside);
    if (converted === undefined) continue;
    // Not by assignment: a key named __proto__ has to stay a key.
    Object.defineProperty(result, key, { value: converted, enumerable: true, writable: true, configurable: true });
  }
  return result;
}

function convertList(items: readonly unknown[], path: ValuePath, ancestors: readonly object[]): JsonValue[] {
  return items.map((item, index) => convert(item, [...path, index], ancestors) ?? null);
}

function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)].map(([key, item]) => [String(key), item]);
  return Object.entries(value as Record<string, unknown>);
}

/** True for `{}` objects, also of another realm, and for Maps: what may well be empty. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null || value instanceof Map;
}

/** The name of the value's class, or what it calls itself, such as `Generator`. */
function nameOf(value: object): string {
  const name = (value.constructor as { readonly name?: unknown } | undefined)?.name;
  return typeof name === 'string' && name !== '' ? name : Object.prototype.toString.call(value).slice(8, -1);
}

function placeOf(path: ValuePath): string {
  return path.length === 0 ? 'it' : formatPath(path);
}
