import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDuration } from '../util/duration.js';
import type { ValuePath as Path } from '../util/format-path.js';
import type { PathOptions } from './code-files.js';
import type { McpServerFields } from './mcp-schema.js';
import type { McpServerDefinition } from './tool-types.js';
import { missingInside, type Variables } from './variables.js';

/** The servers of a definition. */
export interface McpServerShape {
  /** All names under `mcp_servers`, sound or not. */
  readonly names: readonly string[];
  /** Those that are sound. */
  readonly definitions: Readonly<Record<string, McpServerDefinition>>;
}

const OF_PROGRAMS = ['args', 'env', 'cwd'] as const;
const OF_ADDRESSES = ['headers', 'transport', 'allow_private'] as const;

/** The servers under `mcp_servers`; what is wrong with one is reported. */
export function resolveMcpServers(
  written: Readonly<Record<string, McpServerFields>>,
  names: readonly string[],
  options: PathOptions & { readonly variables: Variables },
): McpServerShape {
  const definitions = Object.entries(written).flatMap(([name, fields]) => {
    const connection = resolveConnection(fields, ['mcp_servers', name], options);
    if (!connection) return [];
    const { tools, timeout, required } = fields;
    const definition = { name, connection, tools, timeoutMs: parseDuration(timeout) ?? 0, required };
    return [[name, definition] as const];
  });
  return { names, definitions: Object.fromEntries(definitions) };
}

function resolveConnection(
  fields: McpServerFields,
  path: Path,
  { directory, report, variables }: PathOptions & { readonly variables: Variables },
): McpServerDefinition['connection'] | undefined {
  const { command, url } = fields;
  const isProgram = command !== undefined;
  if (isProgram === (url !== undefined)) {
    const message = isProgram ? 'command is there too; a server has one of them' : 'command or url is missing';
    report.error(isProgram ? [...path, 'url'] : path, message, {
      target: 'key',
      hint: isProgram ? 'remove one of the two' : 'write { command: npx, args: […] }, or { url: https://… }',
    });
    return undefined;
  }
  for (const key of isProgram ? OF_ADDRESSES : OF_PROGRAMS) {
    if (fields[key] === undefined) continue;
    const hint = isProgram ? 'it is for servers with a url' : 'it is for servers with a command';
    report.error([...path, key], `means nothing beside ${isProgram ? 'command' : 'url'}`, { target: 'key', hint });
  }
  if (command !== undefined) {
    const { args = [], env = {}, cwd = '.' } = fields;
    const [program = '', ...words] = command.trim().split(/\s+/);
    if (words.length > 0 && fields.args === undefined && !existsSync(resolve(directory, command.trim()))) {
      const list = words.map((word) => (/^[\w./-]+$/.test(word) ? word : `'${word}'`)).join(', ');
      report.error([...path, 'command'], 'must be the program alone; its arguments are args', {
        hint: `write { command: ${program}, args: [${list}] }`,
      });
      return undefined;
    }
    return { kind: 'stdio', command: command.trim(), args, env, cwd: resolve(directory, cwd.trim()) };
  }
  const address = (url ?? '').trim();
  const isKnown = missingInside(variables, path).every((missing) => missing.path.at(-1) !== 'url');
  if (isKnown && !(/^https?:\/\//i.test(address) && URL.canParse(address))) {
    report.error([...path, 'url'], 'must be a URL that starts with http:// or https://');
    return undefined;
  }
  const { headers = {}, transport: kind = 'http', allow_private: allowPrivate = false } = fields;
  return { kind, url: address, headers, allowPrivate };
}
