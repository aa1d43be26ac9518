import { z } from 'zod';
import type { JsonObject } from '../util/json.js';
import { commandToolSchema } from './command-tool-schema.js';
import { CREWAI_TOOLS } from './crewai-tools.js';
import { builtinOptionsSchema } from './resolve-builtin-tool.js';
import { TOOL_SETTINGS, toolOptionsSchema, type BuiltinToolName } from './tool-settings.js';

const NAMES = Object.keys(TOOL_SETTINGS) as BuiltinToolName[];

/** JSON Schemas (draft 7) of tools as a definition writes them, which its own checks know more exactly than Zod says. */
export interface ToolDefinitionSchemas {
  /** For `definitions`: `Tool`, and each built-in tool by its name. */
  readonly definitions: JsonObject;
  /** Of the top `tools`. */
  readonly map: JsonObject;
}

/** The schemas; `description` is what is said of a tool. */
export function createToolDefinitionSchemas(description: string): ToolDefinitionSchemas {
  const builtin = Object.fromEntries(NAMES.map((name) => [name, builtinSchema(name)]));
  const Tool = {
    description,
    anyOf: [
      { type: 'string', pattern: String.raw`\S` },
      ...NAMES.map((name) => ({ allOf: [reference(name), { required: ['use'] }] })),
      withUse(String.raw`^mcp:|[./\\]`, './file.ts#export, mcp:server or mcp:server/tool.', toolOptionsSchema),
      namedSchema(),
      toJsonSchema(commandToolSchema),
    ],
  };
  return {
    definitions: { Tool, ...builtin },
    map: {
      type: 'object',
      properties: Object.fromEntries(
        NAMES.map((name) => [
          name,
          { description: `Settings of ${name}.`, anyOf: [reference('Tool'), reference(name)] },
        ]),
      ),
      additionalProperties: reference('Tool'),
    },
  };
}

/** A built-in tool with any of its settings: under the top `tools` a part of them may stand. */
function builtinSchema(name: BuiltinToolName): JsonObject {
  const schema = TOOL_SETTINGS[name].extend(builtinOptionsSchema.shape).partial();
  const { properties, ...more } = toJsonSchema(schema);
  return {
    ...more,
    properties: {
      use: { description: 'Name of the tool.', enum: [name, ...aliasesOf(name)] },
      ...(properties as JsonObject),
    },
  };
}

function aliasesOf(name: BuiltinToolName): string[] {
  return Object.entries(CREWAI_TOOLS).flatMap(([alias, { use }]) => (use === name ? [alias] : []));
}

/** A tool of the top `tools`, by its name, with what is different here. */
function namedSchema(): JsonObject {
  const known = [...NAMES, ...Object.keys(CREWAI_TOOLS)];
  const { properties, ...more } = withUse('^[A-Za-z0-9_-]+$', 'A name under the top `tools`.', toolOptionsSchema);
  const { use, ...others } = properties as { use: JsonObject };
  return {
    ...more,
    properties: { use: { ...use, not: { enum: known } }, ...others },
    additionalProperties: true,
  };
}

function withUse(pattern: string, description: string, schema: z.ZodObject): JsonObject {
  const { properties, ...more } = toJsonSchema(schema);
  return {
    ...more,
    properties: { use: { description, type: 'string', pattern }, ...(properties as JsonObject) },
    required: ['use'],
  };
}

function toJsonSchema(schema: z.ZodObject): JsonObject {
  const { $schema: _, ...more } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as JsonObject;
  return more;
}

function reference(name: string): JsonObject {
  return { $ref: `#/definitions/${name}` };
}
