import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../util/json.js';
import { crewSchema } from './schema.js';
import { createToolDefinitionSchemas } from './tool-definition-schema.js';

/** The JSON Schema (draft 7, which editors know best) of a definition as it is written, for editors and for checks elsewhere. */
export function createDefinitionSchema(): JsonObject {
  const schema = withTools(
    loosen(z.toJSONSchema(crewSchema, { io: 'input', target: 'draft-7' }) as JsonObject) as JsonObject,
  );
  return { ...schema, allOf: [requireOneOf('agents'), requireOneOf('tasks')] };
}

/** The schema with what each tool may be given. */
function withTools({ definitions, properties, ...schema }: JsonObject): JsonObject {
  const known = definitions as { readonly Tool: { readonly description: string } };
  const fields = properties as { readonly tools: JsonObject };
  const { type: _type, additionalProperties: _items, propertyNames: _names, ...told } = fields.tools;
  const tools = createToolDefinitionSchemas(known.Tool.description);
  return {
    ...schema,
    definitions: { ...known, ...tools.definitions },
    properties: { ...fields, tools: { ...told, ...tools.map } },
  } as JsonObject;
}

/** They may stand elsewhere too. */
function requireOneOf(key: string): JsonObject {
  return { anyOf: [key, 'extends', 'config'].map((name) => ({ required: [name] })) };
}

/** What is required beside a `config` may stand in it. */
function loosen(part: JsonValue): JsonValue {
  if (Array.isArray(part)) return part.map(loosen);
  if (!isJsonObject(part)) return part;
  const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, loosen(value)]));
  const { required, ...rest } = inner;
  if (!Array.isArray(required) || !isJsonObject(rest['properties']) || !Object.hasOwn(rest['properties'], 'config')) {
    return inner;
  }
  return { ...rest, if: { required: ['config'] }, else: { required } };
}
