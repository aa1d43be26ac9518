import type { BuiltinToolName } from '../../src/definition/tool-settings.js';
import type { ToolOptions, ToolReference } from '../../src/definition/tool-types.js';
import type { LoadToolsOptions } from '../../src/tools/load-tools.js';
import { openMcpServers } from '../../src/tools/mcp/servers.js';
import type { JsonObject } from '../../src/util/json.js';

/** A built-in tool as a definition names it. */
export function builtinReference(name: string, settings: JsonObject = {}, options: ToolOptions = {}): ToolReference {
  return { kind: 'builtin', name: name as BuiltinToolName, settings, options, label: name } as ToolReference;
}

/** A tool of a user's file as a definition names it. */
export function moduleReference(path: string, exportName?: string, options: ToolOptions = {}): ToolReference {
  return { kind: 'module', path, exportName, options, label: exportName ? `${path}#${exportName}` : path };
}

/** Everything is in that folder; there are no variables and no servers. */
export function loadOptions(folder: string, overrides: Partial<LoadToolsOptions> = {}): LoadToolsOptions {
  const mcpServers = openMcpServers({ servers: {}, environment: {}, warn: () => undefined });
  return { workingDirectory: folder, definitionDirectory: folder, environment: {}, mcpServers, ...overrides };
}
