import { isJsonObject, type JsonObject, type JsonSchema } from '../util/json.js';
import type { ValueSchema } from '../util/value-schema.js';

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Gives a model's arguments as the tool's schema parses them, or says in words for the model what is wrong with them.
 * Two harmless slips are mended, nothing else: the object written as JSON text, and, where the schema is JSON Schema,
 * a number written as a string in a top-level field that takes numbers only. With `fillsDefaults` a top-level field of a
 * JSON Schema that is left out gets its default.
 */
export async function parseArguments(
  schema: ValueSchema,
  value: unknown,
  { fillsDefaults = false }: { readonly fillsDefaults?: boolean } = {},
): Promise<{ readonly ok: true; readonly value: JsonObject } | { readonly ok: false; readonly reason: string }> {
  const given = typeof value === 'string' ? objectFromText(value) : value;
  if (given === undefined) return { ok: false, reason: 'they are not JSON' };
  const parsed = await schema.parse(schema.isPlain ? withNumbers(given, schema.jsonSchema) : given);
  if (!parsed.ok) return parsed;
  if (fillsDefaults && schema.isPlain) return { ok: true, value: withDefaults(parsed.value, schema.jsonSchema) };
  // A Zod transform may give what is no JSON; the tool that brings it also takes it.
  return { ok: true, value: parsed.value as JsonObject };
}

/** The object that a text holds as JSON, the text itself where it holds something else, undefined where it is no JSON. */
function objectFromText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : text;
  } catch {
    return undefined;
  }
}

function withDefaults(value: unknown, { properties }: JsonSchema): JsonObject {
  const given = value as JsonObject;
  if (!isJsonObject(properties)) return given;
  const missing = Object.entries(properties).flatMap(([name, property]) =>
    isJsonObject(property) && property['default'] !== undefined && !Object.hasOwn(given, name)
      ? [[name, property['default']] as const]
      : [],
  );
  return { ...given, ...structuredClone(Object.fromEntries(missing)) };
}

function withNumbers(value: unknown, { properties }: JsonSchema): unknown {
  if (!isJsonObject(value) || !isJsonObject(properties)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const takesNumbers = isJsonObject(property) && (property.type === 'number' || property.type === 'integer');
      return [name, takesNumbers && typeof item === 'string' && NUMBER.test(item) ? Number(item) : item];
    }),
  );
}
