import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { McpServerDefinition, ToolOptions, ToolReference } from '../../../src/definition/tool-types.js';
import { CrewError } from '../../../src/errors.js';
import { loadTools } from '../../../src/tools/load-tools.js';
import { type McpServers, openMcpServers } from '../../../src/tools/mcp/servers.js';
import type { Tool } from '../../../src/tools/tool.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { loadOptions } from '../references.js';

const FIXTURE = resolve(import.meta.dirname, '../../fixtures/mcp/server.mjs');

type Definition = Omit<McpServerDefinition, 'name'>;
type Overrides = Partial<Definition> & { readonly env?: Readonly<Record<string, string>> };

/** The fixture server that does that; what it lives through is in `file`. */
export function fixtureServer(way = 'good', overrides: Overrides & { readonly file?: string } = {}): Definition {
  const { file, ...more } = overrides;
  return programServer(process.execPath, [FIXTURE, way, ...(file === undefined ? [] : [file])], more);
}

/** A server that is started by a command. */
export function programServer(
  command: string,
  args: readonly string[],
  { env = {}, ...overrides }: Overrides = {},
): Definition {
  return {
    connection: { kind: 'stdio', command, args, env, cwd: import.meta.dirname },
    tools: undefined,
    timeoutMs: 10_000,
    required: true,
    ...overrides,
  };
}

export interface McpScene extends McpServers {
  readonly warnings: readonly string[];
  /** The tools that references to `mcp:…` name, as a crew has them. */
  load(...references: readonly (string | readonly [string, ToolOptions])[]): Promise<Tool[]>;
}

/** Servers by name, whose connections are closed when the test ends. */
export function openScene(servers: Readonly<Record<string, Definition>>): McpScene {
  const warnings: string[] = [];
  const named = Object.entries(servers).map(([name, server]) => [name, { ...server, name }] as const);
  const { PATH, HOME } = process.env;
  const opened = openMcpServers({
    servers: Object.fromEntries(named),
    environment: { PATH, HOME, OPENAI_API_KEY: 'secret' },
    warn: (message) => warnings.push(message),
  });
  onTestFinished(() => opened.close());
  return {
    ...opened,
    warnings,
    load: (...references) => {
      const all = references.map((one) => (typeof one === 'string' ? mcpReference(one) : mcpReference(...one)));
      return loadTools(all, loadOptions('/project', { mcpServers: opened }));
    },
  };
}

/** `mcp:server/pattern` as a definition names it. */
export function mcpReference(label: string, options: ToolOptions = {}): ToolReference {
  const [, server = '', pattern = '*'] = /^mcp:([^/]+)(?:\/(.*))?$/.exec(label) ?? [];
  return { kind: 'mcp', server, pattern, options, label };
}

/** A file for the fixture server, and what it has lived through. */
export function openDiary(): { readonly file: string; readonly lines: () => string[] } {
  const file = join(temporaryFolder({}), 'diary.txt');
  return { file, lines: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []) };
}

/** Message and hint of what is refused with exit 2. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CrewError)) throw error;
  return [
    `exit ${error.exitCode}: ${error.message}`,
    ...(error.hint === undefined ? [] : [`hint: ${error.hint}`]),
  ].join('\n');
}
