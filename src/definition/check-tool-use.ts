import type { McpServerShape } from './resolve-mcp-servers.js';
import type { SourceTree } from './source-tree.js';
import type { ToolResolver } from './resolve-tools.js';
import { isJsonObject } from '../util/json.js';

/** Warns of sound tools and servers of the main file that nobody names. Those of extended files are for other crews too. */
export function checkToolUse(
  { used, named }: ToolResolver,
  { definitions }: McpServerShape,
  { root = {}, report }: SourceTree,
): void {
  const namedInUse = new Set(used.flatMap(({ paths }) => paths.slice(1).map((path) => path[1])));
  const references = [...Object.values(named), ...used.map(({ reference }) => reference)];
  const servers = new Set(references.flatMap((reference) => (reference.kind === 'mcp' ? reference.server : [])));
  for (const name of keysOf(root['tools']).filter((key) => Object.hasOwn(named, key) && !namedInUse.has(key))) {
    const hint = `write it under the tools of an agent: [${name}]`;
    report.warn(['tools', name], `no agent or task has the tool "${name}"`, { target: 'key', hint });
  }
  for (const name of keysOf(root['mcp_servers']).filter(
    (key) => Object.hasOwn(definitions, key) && !servers.has(key),
  )) {
    const hint = `name its tools under the tools of an agent: [mcp:${name}]`;
    report.warn(['mcp_servers', name], `nobody has a tool of the server "${name}"`, { target: 'key', hint });
  }
}

function keysOf(value: unknown): string[] {
  return isJsonObject(value) ? Object.keys(value) : [];
}
