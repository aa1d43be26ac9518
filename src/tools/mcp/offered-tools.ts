import type { McpServerDefinition } from '../../definition/tool-types.js';
import { messageOf } from '../../errors.js';
import { compareNames } from '../../util/compare-names.js';
import type { McpConnection } from './connection.js';
import { createMcpTool, type McpTool } from './mcp-tool.js';

/** What a server offers, without its allow-list. */
export interface OfferedTools {
  /** Sorted by name: servers may list them in another order each time, and models are told of them in this one. */
  readonly tools: readonly McpTool[];
  /** What is wrong with those that no model can be given, by name. */
  readonly broken: ReadonlyMap<string, string>;
}

/** The tools that a server lists, each once. Rejects with UsageError where it cannot be reached. */
export async function readOffer(server: McpServerDefinition, connection: McpConnection): Promise<OfferedTools> {
  const listed = new Map((await connection.listTools()).map((tool) => [tool.name, tool]));
  const tools: McpTool[] = [];
  const broken = new Map<string, string>();
  for (const [name, tool] of [...listed].toSorted(([a], [b]) => compareNames(a, b))) {
    try {
      tools.push(await createMcpTool(server, tool, connection));
    } catch (error) {
      broken.set(name, `tool ${name} of MCP server ${server.name}: its parameters are ${messageOf(error)}`);
    }
  }
  return { tools, broken };
}
