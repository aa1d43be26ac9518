import { isJsonObject, type JsonSchema, type JsonValue } from '../util/json.js';

/** Keywords that the short form can express; any other one makes a schema stand as JSON. */
const EXPRESSED = new Set([
  'type',
  'properties',
  'required',
  'items',
  'enum',
  'const',
  'anyOf',
  'oneOf',
  'description',
  'title',
  'default',
  'additionalProperties',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'pattern',
  'format',
]);

const LIMITS: Readonly<Record<string, string>> = {
  minimum: 'at least',
  maximum: 'at most',
  minLength: 'min length',
  maxLength: 'max length',
  minItems: 'min items',
  maxItems: 'max items',
  pattern: 'matching',
  format: 'format',
};

/**
 * A JSON Schema for a prompt, in a third of its tokens: `{name: string, tags?: [string], size: "s" | "m" (the cut)}`.
 * What the short form cannot say stands as JSON Schema.
 */
export function shortenSchema(schema: JsonSchema): string {
  return isExpressible(schema) ? typeWords(schema) : JSON.stringify(schema);
}

function isExpressible(schema: JsonValue | undefined): boolean {
  if (!isJsonObject(schema)) return false;
  const { properties, items, anyOf, oneOf, additionalProperties } = schema;
  return (
    Object.keys(schema).every((key) => EXPRESSED.has(key)) &&
    !isJsonObject(additionalProperties) &&
    Object.values(isJsonObject(properties) ? properties : {}).every(isExpressible) &&
    [...listOf(anyOf), ...listOf(oneOf), ...(items === undefined ? [] : [items])].every(isExpressible)
  );
}

function typeWords(schema: JsonSchema): string {
  const { description } = schema;
  const limits = Object.entries(LIMITS).flatMap(([key, words]) =>
    schema[key] === undefined ? [] : [`${words} ${String(schema[key])}`],
  );
  const notes = [...(typeof description === 'string' && !schema['properties'] ? [description] : []), ...limits];
  return notes.length > 0 ? `${bareType(schema)} (${notes.join('; ')})` : bareType(schema);
}

function bareType(schema: JsonSchema): string {
  const { type, properties, items, const: constant } = schema;
  const choices = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  if (choices.length > 0) return choices.map((choice) => typeWords(choice as JsonSchema)).join(' | ');
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join(' | ');
  if (isJsonObject(properties)) {
    const required = listOf(schema['required']);
    const fields = Object.entries(properties).map(
      ([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${typeWords(field as JsonSchema)}`,
    );
    return `{${fields.join(', ')}}`;
  }
  if (type === 'array') return `[${isJsonObject(items) ? typeWords(items) : 'any'}]`;
  return Array.isArray(type) ? type.join(' | ') : String(type ?? 'any');
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
