import type { Environment } from '../../definition/environment.js';
import type { McpServerDefinition } from '../../definition/tool-types.js';
import { messageOf, UsageError } from '../../errors.js';
import { suggestHint } from '../../util/suggest.js';
import { matchesWildcard } from '../../util/wildcard.js';
import type { McpConnection } from './connection.js';
import type { McpTool } from './mcp-tool.js';
import type { OfferedTools } from './offered-tools.js';

/** The connections of one run to its MCP servers. What they offer is what they offered first, whatever they say later. */
export interface McpServers {
  /**
   * The tools of a server, within its allow-list, whose names match a pattern in which `*` stands for any characters; sorted
   * by name. Default: all. Connects when first asked; several at once connect at once. Rejects with UsageError that says what
   * the server wrote, or what it offers instead; gives none, and warns, where the server is not required.
   */
  toolsOf(server: string, pattern?: string): Promise<readonly McpTool[]>;
  /** Ends all connections and the programs behind them. Never rejects. May be called twice. */
  close(): Promise<void>;
}

export interface McpServersOptions {
  readonly servers: Readonly<Record<string, McpServerDefinition>>;
  readonly environment: Environment;
  readonly warn: (message: string) => void;
}

/** Connections that are made when they are first needed. */
export function openMcpServers({ servers, environment, warn }: McpServersOptions): McpServers {
  const offers = new Map<string, Promise<OfferedTools | undefined>>();
  const connections: McpConnection[] = [];
  const warned = new Set<string>();
  let isClosed = false;

  /** Undefined where the server is not there and not required. */
  const connectTo = async (server: McpServerDefinition): Promise<OfferedTools | undefined> => {
    const [{ createMcpConnection }, { readOffer }] = await Promise.all([
      import('./connection.js'),
      import('./offered-tools.js'),
    ]);
    if (isClosed) throw new UsageError(`MCP server ${server.name} is asked after the end of the run`);
    const connection = createMcpConnection(server, { environment });
    connections.push(connection);
    try {
      return await readOffer(server, connection);
    } catch (error) {
      await connection.close();
      if (server.required || isClosed) throw error;
      warn(`${messageOf(error)}\nGoing on without its tools.`);
      return undefined;
    }
  };
  const offerOf = (server: McpServerDefinition): Promise<OfferedTools | undefined> => {
    const known = offers.get(server.name) ?? connectTo(server);
    offers.set(server.name, known);
    return known;
  };

  return {
    async toolsOf(name, pattern = '*') {
      const server = Object.hasOwn(servers, name) ? servers[name] : undefined;
      if (!server) {
        throw new UsageError(`there is no MCP server "${name}"`, { hint: suggestHint(name, Object.keys(servers)) });
      }
      const offer = await offerOf(server);
      if (!offer) return [];
      const { tools, broken } = choose(server, offer, pattern);
      for (const problem of broken) {
        if (!warned.has(problem)) warn(`${problem}; it is left out`);
        warned.add(problem);
      }
      return tools;
    },
    async close() {
      isClosed = true;
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

/** What a reference gets. Throws UsageError where that is nothing. */
function choose(
  server: McpServerDefinition,
  { tools, broken }: OfferedTools,
  pattern: string,
): { readonly tools: readonly McpTool[]; readonly broken: readonly string[] } {
  const { name, tools: allowed = ['*'] } = server;
  const names = [...tools.map(({ origin }) => origin.tool), ...broken.keys()];
  if (names.length === 0) throw new UsageError(`MCP server ${name} offers no tools`);
  const isIn = (patterns: readonly string[], tool: string): boolean =>
    patterns.some((one) => matchesWildcard(one, tool));
  for (const entry of allowed) {
    if (!names.some((tool) => isIn([entry], tool))) {
      throw new UsageError(`mcp_servers.${name}.tools: MCP server ${name} offers no tool "${entry}"`, {
        hint: namesHint(entry, names),
      });
    }
  }
  const chosen = names.filter((tool) => isIn(allowed, tool) && matchesWildcard(pattern, tool));
  if (chosen.length === 0) {
    const isHidden = names.some((tool) => matchesWildcard(pattern, tool));
    throw new UsageError(
      isHidden
        ? `mcp:${name}/${pattern} is not among mcp_servers.${name}.tools`
        : `MCP server ${name} offers no tool "${pattern}"`,
      {
        hint: namesHint(
          pattern,
          names.filter((tool) => isIn(allowed, tool)),
        ),
      },
    );
  }
  const problem = broken.get(pattern);
  if (problem !== undefined) throw new UsageError(problem);
  return {
    tools: tools.filter(({ origin }) => chosen.includes(origin.tool)),
    broken: chosen.flatMap((tool) => broken.get(tool) ?? []),
  };
}

/** Names that a hint lists; more are not read. */
const MOST_NAMES = 20;

function namesHint(word: string, names: readonly string[]): string {
  const listed = names.slice(0, MOST_NAMES).join(', ');
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
  return suggestHint(word, names) ?? `there are ${listed}${more}`;
}
