import { McpError } from '@modelcontextprotocol/sdk/types.js';
import type { McpServerDefinition } from '../../definition/tool-types.js';
import { CrewError, messageOf, UsageError } from '../../errors.js';
import { formatTimeLimit } from '../../util/amounts.js';
import { errorCode } from '../../util/file-trouble.js';
import { excerpt } from '../../util/excerpt.js';
import { printable } from '../../util/printable.js';
import { ToolError } from '../tool-error.js';

/** Of what a server or its host answers. */
const MOST_WORDS = 500;
/** Nothing was listening, or the host is unknown: the request was never sent. */
const UNSENT = /^(?:ECONNREFUSED|ENOTFOUND|ENODATA|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/** Why work with a server was stopped that took longer than it may. */
export class TimeOverError extends Error {
  readonly ms: number;

  constructor(ms: number) {
    super(`not done within ${ms} ms`);
    this.ms = ms;
  }
}

/** The error that says why a server's tools cannot be had; `trouble` is what the way to it knows. */
export function connectError(server: McpServerDefinition, error: unknown, trouble: string): UsageError {
  const what =
    error instanceof TimeOverError
      ? `did not answer within ${formatTimeLimit(error.ms)}`
      : isClosed(error) && trouble !== ''
        ? 'cannot be used'
        : `cannot be used: ${errorWords(error)}`;
  const why = trouble === '' ? '' : `:${trouble.startsWith('\n') ? '' : ' '}${trouble}`;
  return new UsageError(`MCP server ${server.name} ${what}${why}`, {
    hint: hintFor(server, error) ?? (error instanceof CrewError ? error.hint : undefined),
    cause: error,
  });
}

/** Whether a call failed because the way to the server is lost, and then whether it may have reached the server. */
export function lossOf(error: unknown): 'sent' | 'unsent' | undefined {
  // By the protocol, a server answers so where it does not know the session: the call was not looked at.
  if (statusOf(error) === 404) return 'unsent';
  // Many say it so.
  if (statusOf(error) === 400 && /session/i.test(messageOf(error))) return 'unsent';
  const code = errorCode((error as { readonly cause?: unknown }).cause);
  if (code === undefined) return undefined;
  return UNSENT.test(code) ? 'unsent' : 'sent';
}

/** The error for the model of a call that came to no result though the way to the server is there. */
export function callError(error: unknown): ToolError {
  const said = errorWords(error);
  const isOfServer = error instanceof McpError || statusOf(error) !== undefined;
  if (isOfServer) return new ToolError('the server answered with an error', { outside: said, cause: error });
  return new ToolError(`the answer of the server cannot be used: ${said}`, { cause: error });
}

/** What a server, or the way to it, said of a request, in words. */
export function errorWords(error: unknown): string {
  if (error instanceof Error && error.name.endsWith('ZodError')) return 'it is not what the protocol says';
  const said = wordsOf(error);
  const status = statusOf(error);
  if (status === undefined) return said;
  return `it answered with status ${status}${said === '' ? '' : `: ${said}`}`;
}

/** Words of the SDK that say nothing to a person, or that stand elsewhere. */
const NOISE = [
  /^(?:MCP error -?\d+|SSE error|Streamable HTTP error): /,
  /^(?:Error POSTing to endpoint(?: \(HTTP \d+\))?|Failed to open SSE stream): /,
  /^Non-200 status code \(\d+\)$/,
  / \(redirectPolicy: '[^']*'\)$/,
];

function wordsOf(error: unknown): string {
  if (isRefusal(error)) return 'its address leads to this machine or into a private network';
  const said = NOISE.reduce((text, noise) => text.replace(noise, ''), messageOf(error));
  return excerpt(printable(said).trim(), MOST_WORDS);
}

function hintFor({ name, connection }: McpServerDefinition, error: unknown): string | undefined {
  const status = statusOf(error);
  const field = `mcp_servers.${name}`;
  if (connection.kind === 'stdio') return undefined;
  if (isRefusal(error)) return `where that is meant, set ${field}.allow_private: true`;
  if (status === 401 || status === 403) {
    return `set ${field}.headers, such as { Authorization: "Bearer \${TOKEN}" }`;
  }
  if (status === 404 || status === 405) {
    const other = connection.kind === 'http' ? 'sse' : 'http';
    return `check ${field}.url; a server of the other kind needs \`transport: ${other}\``;
  }
  return undefined;
}

/** What the SDK rejects requests with that are under way when the connection ends. */
function isClosed(error: unknown): boolean {
  return /^MCP error -32000: Connection closed$/.test(messageOf(error));
}

/** The status of HTTP that the SDK's transports tell of. */
function statusOf(error: unknown): number | undefined {
  const message = messageOf(error);
  const [, posted] = /^Error POSTing to endpoint \(HTTP (\d{3})\)/.exec(message) ?? [];
  if (posted !== undefined) return Number(posted);
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' && code >= 300 && /^(?:Streamable HTTP|SSE) error: /.test(message) ? code : undefined;
}

/** An address that the definition may not reach: what cannot be reached has a cause. */
function isRefusal(error: unknown): boolean {
  return error instanceof ToolError && error.cause === undefined;
}
