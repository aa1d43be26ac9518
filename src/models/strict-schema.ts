import { isJsonObject, type JsonSchema, type JsonValue } from '../util/json.js';

const ALLOWED_KEYWORDS = new Set([
  '$schema',
  '$defs',
  '$ref',
  'definitions',
  'title',
  'description',
  'type',
  'enum',
  'const',
  'anyOf',
  'items',
  'properties',
  'required',
  'additionalProperties',
]);

/**
 * True where OpenAI takes the schema in strict mode: the root is an object, every object is closed and requires all
 * of its properties, and nothing but plain keywords is used. Anything else is refused by the API with a 400.
 * Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function isStrictSchema(schema: JsonSchema): boolean {
  return schema['type'] === 'object' && isStrict(schema);
}

function isStrict(schema: JsonValue | undefined): boolean {
  if (!isJsonObject(schema)) return false;
  if (!Object.keys(schema).every((keyword) => ALLOWED_KEYWORDS.has(keyword))) return false;
  const { type, properties, items, anyOf } = schema;
  const isObject = properties !== undefined || (Array.isArray(type) ? type.includes('object') : type === 'object');
  if (isObject && !isClosed(schema)) return false;
  if (items !== undefined && !isStrict(items)) return false;
  if (anyOf !== undefined && !(Array.isArray(anyOf) && anyOf.every(isStrict))) return false;
  return [properties, schema['$defs'], schema['definitions']].every(
    (schemas) => schemas === undefined || (isJsonObject(schemas) && Object.values(schemas).every(isStrict)),
  );
}

function isClosed({ properties, required, additionalProperties }: JsonSchema): boolean {
  if (additionalProperties !== false || !isJsonObject(properties)) return false;
  const names = Array.isArray(required) ? required : [];
  return Object.keys(properties).every((name) => names.includes(name));
}
