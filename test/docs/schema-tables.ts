import { z } from 'zod';
import { createDefinitionSchema } from '../../src/definition/definition-schema.js';
import { toolOptionsSchema } from '../../src/definition/tool-settings.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/util/json.js';
import { code, type ExpectedRow } from './readme.js';

/** Where each kind of map stands that a definition may hold. */
const LEVELS: Readonly<Record<string, (schema: JsonObject) => JsonValue | undefined>> = {
  crew: (schema) => schema,
  input: (schema) => objectAmong(at(schema, 'definitions', 'Input', 'anyOf')),
  model: (schema) => at(schema, 'definitions', 'Model'),
  price: (schema) => at(schema, 'definitions', 'Model', 'properties', 'price'),
  limits: (schema) => at(schema, 'properties', 'limits'),
  agent: (schema) => at(schema, 'definitions', 'Agent'),
  task: (schema) => at(schema, 'definitions', 'Task'),
  tool: () => z.toJSONSchema(toolOptionsSchema, { io: 'input' }) as JsonObject,
  server: (schema) => at(schema, 'definitions', 'McpServer'),
};

/** The kinds of maps, in the order in which README explains them. */
export const LEVEL_NAMES = Object.keys(LEVELS);

/** Type names of README for what the JSON Schema only refers to. */
const REFERENCES: Readonly<Record<string, string>> = {
  Input: '[input](#inputs)',
  ModelReference: '[model](#models)',
  Model: '[model](#models)',
  Agent: '[agent](#agents)',
  Task: '[task](#tasks)',
  Tool: '[tool](#tools)',
  McpServer: '[server](#mcp-servers)',
};

/** The table of a level, from the JSON Schema: field, type, default, meaning. */
export function fieldRows(level: string): ExpectedRow[] {
  const object = LEVELS[level]?.(createDefinitionSchema());
  const fields = at(object, 'properties');
  if (!isJsonObject(fields)) throw new Error(`the schema has no fields of ${level}`);
  // Where there can be a config, they may stand in that.
  const required = at(object, 'required') ?? at(object, 'else', 'required') ?? [];
  return Object.entries(fields).map(([name, field]) => [
    code(name),
    typeWords(field),
    Array.isArray(required) && required.includes(name) ? 'required' : defaultWords(at(field, 'default')),
    String(at(field, 'description')),
  ]);
}

function defaultWords(value: JsonValue | undefined): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? code(value) : code(JSON.stringify(value));
}

function typeWords(schema: JsonValue | undefined): string {
  if (!isJsonObject(schema)) return 'anything';
  const { $ref, type, enum: values, anyOf, allOf, items, additionalProperties, properties } = schema;
  if (typeof $ref === 'string') return REFERENCES[$ref.split('/').at(-1) ?? ''] ?? 'anything';
  if (Array.isArray(values)) return eitherOf(values.map((value) => code(String(value))));
  if (Array.isArray(anyOf)) return eitherOf([...new Set(anyOf.map(typeWords))]);
  if (Array.isArray(allOf) && type === undefined) return typeWords(allOf[0]);
  if (Array.isArray(type)) return eitherOf(type.map((one) => typeWords({ type: one })));
  switch (type) {
    case 'array':
      return collection('list', typeWords(items));
    case 'object':
      return properties ? 'map' : collection('map', typeWords(additionalProperties));
    case 'string':
      return 'text';
    case 'integer':
      return 'whole number';
    case 'boolean':
      return '`true` or `false`';
    default:
      return String(type ?? 'anything');
  }
}

/** `a`, `a or b`, `a, b or c`. */
function eitherOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function collection(kind: 'list' | 'map', item: string): string {
  if (item === 'anything') return kind;
  return `${kind} of ${item.startsWith('[') ? item.replace(']', 's]') : `${item}s`}`;
}

function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
}

function objectAmong(choices: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(choices) ? choices.find((choice) => at(choice, 'properties') !== undefined) : undefined;
}
