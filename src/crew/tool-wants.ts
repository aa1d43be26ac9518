import { resolve } from 'node:path';
import { keyVariablesOf } from '../definition/missing-tool-keys.js';
import { toKnownTool } from '../definition/tool-settings.js';
import type { McpServerDefinition, ToolReference } from '../definition/tool-types.js';
import { fileTrouble } from '../util/file-trouble.js';
import { isInside, realPathOf } from '../util/real-path.js';
import { describeSentSecrets } from './sent-secrets.js';
import { codeWants, filesIn, type FoundWant, type WantSources } from './want.js';

/** What a tool does beside using the working directory; its server, where it has one, is for `serverWants`. */
export async function toolWants(tool: ToolReference, place: string, at: WantSources): Promise<FoundWant[]> {
  const wants = codeWants(place, [tool.options.cacheFunction], at);
  switch (tool.kind) {
    case 'module':
      return [...wants, ...codeWants(place, [tool], at)];
    case 'command': {
      const { directory } = at.definition.source;
      const files = filesIn(tool.command, directory, at);
      return [...wants, { place, text: `starts ${commandLine(tool.command)}${withVariables(tool.env)}`, files }];
    }
    case 'builtin':
      return [...wants, ...(await builtinWants(tool, place, at))];
    case 'mcp':
      return wants;
  }
}

async function builtinWants(
  tool: ToolReference & { readonly kind: 'builtin' },
  place: string,
  at: WantSources,
): Promise<FoundWant[]> {
  const { workingDirectory } = at;
  const known = toKnownTool(tool);
  const { name } = known;
  const wants: FoundWant[] = [];
  const { settings } = tool;
  if (known.name === 'run_command') {
    const { programs, env = [], cwd } = known.settings;
    const where = cwd === undefined ? '' : `, in ${cwd}`;
    const files = programs.filter((program) => program.includes('/')).map((path) => resolve(workingDirectory, path));
    const text = `runs ${programs.join(', ')} with arguments of a model${where}${withVariables(env)}`;
    wants.push({ place, text, files });
  }
  for (const key of ['root', 'database', 'cwd']) {
    const path = settings[key];
    const outside = typeof path === 'string' ? await findOutside(path, workingDirectory) : undefined;
    if (outside !== undefined) wants.push({ place, text: `${name} uses ${outside}, outside the working directory` });
  }
  if (settings['allow_private'] === true) {
    wants.push({ place, text: `${name} may ask addresses of this machine and of private networks` });
  }
  if (known.name === 'query_sql' && known.settings.url !== undefined) {
    wants.push({ place, text: `query_sql asks the database at ${databaseHostOf(known.settings.url)}` });
  }
  const keys = keyVariablesOf(tool).map((variable) => at.definition.environment[variable] ?? '');
  for (const text of describeSentSecrets(sentBy(tool.settings as SendingSettings, keys), at.definition))
    wants.push({ place, text });
  return wants;
}

/** What the servers of these tools do, each once. */
export function serverWants(tools: readonly ToolReference[], at: WantSources): FoundWant[] {
  const { mcpServers } = at.definition;
  const names = new Set(tools.flatMap((tool) => (tool.kind === 'mcp' ? tool.server : [])));
  return [...names].flatMap((name) => (mcpServers[name] ? serverWant(mcpServers[name], at) : []));
}

function serverWant(server: McpServerDefinition, at: WantSources): FoundWant[] {
  const { connection, name } = server;
  const place = `mcp_servers.${name}`;
  if (connection.kind === 'stdio') {
    const { command, args, env, cwd } = connection;
    const words = [command, ...args];
    const variables = Object.entries(env).map(([key, value]) => [key, at.redact(value)] as const);
    const where = cwd === at.definition.source.directory ? '' : `, in ${cwd}`;
    const setting = variables.length === 0 ? '' : `, which is given ${Object.keys(env).join(', ')}`;
    const text = `starts ${at.redact(commandLine(words))}${where}${setting}`;
    // A program may do another thing by another argument or variable, also where that is not shown.
    return [{ place, text, details: JSON.stringify([words, cwd, variables]), files: filesIn(words, cwd, at) }];
  }
  const { url, headers, allowPrivate } = connection;
  return [
    ...(allowPrivate
      ? [{ place, text: `asks ${hostOf(url)}, which may be this machine or in a private network` }]
      : []),
    ...describeSentSecrets({ to: hostOf(url), values: [url, ...Object.values(headers)] }, at.definition).map(
      (text) => ({ place, text }),
    ),
  ];
}

function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}

function withVariables(names: readonly string[]): string {
  return names.length === 0 ? '' : `, with ${names.join(', ')} of the environment`;
}

/** Where a path, which starts at a folder, leads to that is not in it; undefined where it stays in it. */
export async function findOutside(path: string, folder: string): Promise<string | undefined> {
  const full = resolve(folder, path);
  try {
    const real = await realPathOf(full);
    return isInside(await realPathOf(folder), real) ? undefined : real;
  } catch (error) {
    return `${full} (${fileTrouble(error)})`;
  }
}

interface SendingSettings {
  readonly base_url?: string;
  readonly domains?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly api_key?: string;
}

/** Those texts of a tool's settings that may hold keys, and where they are sent to. */
function sentBy(
  settings: SendingSettings,
  keys: readonly string[],
): { readonly to: string; readonly values: readonly string[] } {
  const { base_url: url, domains, headers = {}, api_key: key } = settings;
  const values = Object.values(headers);
  if (url === undefined) return { to: domains?.join(', ') ?? 'whatever address it asks', values };
  // The address that a service has by itself needs no word; another one does.
  return { to: hostOf(url), values: [...values, url, ...(key === undefined ? keys : [key])] };
}

/** With the hosts that its query names instead, as clients of PostgreSQL read it. */
function databaseHostOf(url: string): string {
  if (!URL.canParse(url)) return 'an address that is not known yet';
  const { host, searchParams } = new URL(url);
  const others = ['host', 'hostaddr', 'port'].flatMap((name) => searchParams.getAll(name));
  return others.length === 0 ? host : `${host} or ${others.join(', ')}`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is not known yet';
}
