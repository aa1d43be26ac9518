import type { McpServerDefinition } from '../../definition/tool-types.js';
import { excerpt } from '../../util/excerpt.js';
import { UsageError } from '../../errors.js';
import { fingerprintOf } from '../../util/fingerprint.js';
import { toIdentifier } from '../../util/identifier.js';
import { isJsonObject, type JsonSchema } from '../../util/json.js';
import { printable } from '../../util/printable.js';
import { valueWords } from '../../util/schema-words.js';
import { toValueSchema } from '../../util/value-schema.js';
import { parseArguments } from '../parse-arguments.js';
import type { Tool, ToolEffects } from '../tool.js';
import { ToolError } from '../tool-error.js';
import { callResultText } from './call-result-text.js';
import type { McpConnection } from './connection.js';
import type { ListedTool } from './list-tools.js';

/** A tool of an MCP server. */
export interface McpTool extends Tool {
  /** `mcp:server/tool`. */
  readonly id: string;
  /** As the definition calls the server, and as the server calls the tool. */
  readonly origin: { readonly server: string; readonly tool: string };
  /** The same with other effects than the server says it has; they decide whether a call may be made twice. */
  withEffects(effects: ToolEffects): McpTool;
}

/** What OpenAI takes for the description of a function; every model call pays for it. */
const MOST_DESCRIPTION_CHARACTERS = 1024;

/** A tool that a server lists, ready for a model. Rejects with UsageError where its schema is none that a model can be given. */
export async function createMcpTool(
  server: McpServerDefinition,
  { name, title, description, inputSchema, annotations }: ListedTool,
  connection: McpConnection,
): Promise<McpTool> {
  const schema = await toValueSchema(asObjectSchema(inputSchema));
  const id = `mcp:${server.name}/${name}`;
  const words = printable(description?.trim() || title || annotations?.title || name);
  const shown = excerpt(words, MOST_DESCRIPTION_CHARACTERS);
  const parameters = schema.jsonSchema;
  const withEffects = (effects: ToolEffects): McpTool => ({
    id,
    origin: { server: server.name, tool: name },
    name: toIdentifier(name),
    description: shown,
    parameters,
    effects,
    isOutside: true,
    // That it changes nothing does not say that it always gives the same.
    isCacheable: false,
    timeoutMs: server.timeoutMs,
    digest: fingerprintOf({ id, description: shown, parameters }),
    withEffects,
    parseArguments: (value) => parseArguments(schema, value),
    async execute(args, { signal, log }) {
      const isRepeatable = effects === 'none';
      const result = await connection.callTool({ tool: name, arguments: args, signal, isRepeatable, onProgress: log });
      const text = callResultText(result);
      if (result.isError) throw new ToolError('the server says that it failed', { outside: text });
      return text;
    },
  });
  return withEffects(annotations?.readOnlyHint === true ? 'none' : 'external');
}

/** Throws UsageError for what is no schema of an object. */
function asObjectSchema(schema: unknown): JsonSchema {
  if (!isJsonObject(schema)) throw new UsageError(`not a JSON Schema but ${valueWords(schema)}`);
  const { type = 'object', ...rest } = schema;
  if (type !== 'object') throw new UsageError(`of the type ${JSON.stringify(type)}, not an object`);
  return { type, ...rest };
}
