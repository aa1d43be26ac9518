import type { ValuePath as Path } from '../util/format-path.js';
import { suggestHint } from '../util/suggest.js';
import { matchesWildcard } from '../util/wildcard.js';
import { checkFields } from './check-shape.js';
import type { PathOptions } from './code-files.js';
import type { McpServerShape } from './resolve-mcp-servers.js';
import { toToolOptions } from './tool-options.js';
import { toolOptionsSchema } from './tool-settings.js';
import type { ToolOptions, ToolReference } from './tool-types.js';

const START = 'mcp:';
const SEVERAL_SCHEMA = toolOptionsSchema.omit({ name: true, description: true });

/** Tools of a server as a definition writes them: their name, and what else the map says. */
interface McpToolText {
  readonly label: string;
  readonly written: Readonly<Record<string, unknown>>;
}

/** True for what names tools of an MCP server: `mcp:server`, `mcp:server/tool`, `mcp:server/prefix_*`. */
export function isMcpPath(text: string): boolean {
  return text.startsWith(START);
}

/** The tools of a server that a text means; undefined, and reported, where there is no such server. */
export function resolveMcpTool(
  { label, written }: McpToolText,
  { path, namePath }: { readonly path: Path; readonly namePath: Path },
  { servers, ...options }: PathOptions & { readonly servers: McpServerShape },
): ToolReference | undefined {
  const { report } = options;
  const [server = '', ...rest] = label.slice(START.length).split('/');
  const pattern = rest.length === 0 ? '*' : rest.join('/');
  if (server === '' || pattern === '') {
    report.error(namePath, `"${label}" names no ${server === '' ? 'server' : 'tool'}`, {
      hint: 'write mcp:server, mcp:server/tool or mcp:server/prefix_*',
    });
    return undefined;
  }
  const toolOptions = resolveMcpOptions({ label, pattern, written }, path, options);
  if (!servers.names.includes(server)) {
    const hint =
      servers.names.length === 0
        ? `write it under mcp_servers: { ${server}: { command: …, args: […] } }`
        : (suggestHint(server, servers.names) ?? `servers: ${servers.names.join(', ')}`);
    report.error(namePath, `there is no MCP server "${server}"`, { hint, find: server });
    return undefined;
  }
  const offered = servers.definitions[server]?.tools;
  if (isForOne(pattern) && offered && !offered.some((one) => matchesWildcard(one, pattern))) {
    const hint = suggestHint(pattern, offered) ?? `add it there: mcp_servers.${server}.tools`;
    report.error(namePath, `"${pattern}" is not among the tools of the server "${server}"`, { hint, find: pattern });
    return undefined;
  }
  return { kind: 'mcp', server, pattern, options: toolOptions, label };
}

/** The options that a map gives tools of a server; what several tools cannot have in common is reported. */
export function resolveMcpOptions(
  { label, pattern, written }: McpToolText & { readonly pattern: string },
  path: Path,
  options: PathOptions,
): ToolOptions {
  const { report } = options;
  if (isForOne(pattern)) {
    return toToolOptions(checkFields(toolOptionsSchema, written, path, report).fields, path, options);
  }
  const { name, description, ...more } = written;
  for (const [key, value] of Object.entries({ name, description })) {
    if (value === undefined) continue;
    const hint = 'name one of them: mcp:server/tool';
    report.error([...path, key], `${label} may mean several tools, which have their own`, { target: 'key', hint });
  }
  return toToolOptions(checkFields(SEVERAL_SCHEMA, more, path, report).fields, path, options);
}

/** True where a pattern means one tool at most. */
export function isForOne(pattern: string): boolean {
  return !pattern.includes('*');
}
