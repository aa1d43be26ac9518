import { type CallToolResult, CallToolResultSchema, type Progress } from '@modelcontextprotocol/sdk/types.js';
import type { Environment } from '../../definition/environment.js';
import type { McpServerDefinition } from '../../definition/tool-types.js';
import { messageOf, UsageError } from '../../errors.js';
import { orAbort } from '../../util/or-abort.js';
import { withinTime } from '../../util/within-time.js';
import { ToolError } from '../tool-error.js';
import { type ListedTool, listTools } from './list-tools.js';
import { callError, connectError, errorWords, lossOf, TimeOverError } from './server-errors.js';
import { type McpSession, NO_TIMEOUT_MS, openSession } from './session.js';

/** Connections that are lost in a row, without an answer in between, before no other one is made. */
const MOST_LOSSES = 2;
/** Lines of progress that one call may show. */
const MOST_PROGRESS_LINES = 100;

/** A connection to one server, made when it is first needed, and anew where it was lost. */
export interface McpConnection {
  /** All tools of the server, in its order. Rejects with UsageError. */
  listTools(): Promise<ListedTool[]>;
  /**
   * What a tool gives. Where the connection is lost meanwhile, a repeatable call is made once more; the outcome of another
   * one is unknown. Rejects with ToolError, and with the signal's reason.
   */
  callTool(call: McpCall): Promise<CallToolResult>;
  /** Ends the connection for good. Never rejects; may be called twice. */
  close(): Promise<void>;
}

export interface McpCall {
  /** As the server calls it. */
  readonly tool: string;
  readonly arguments: Record<string, unknown>;
  readonly signal: AbortSignal;
  /** Whether it may be made twice. */
  readonly isRepeatable: boolean;
  readonly onProgress: (line: string) => void;
}

/** A connection that is not made yet. */
export function createMcpConnection(
  server: McpServerDefinition,
  { environment }: { readonly environment: Environment },
): McpConnection {
  const ending = new AbortController();
  const { timeoutMs: ms } = server;
  const limit = { signal: ending.signal, ms, makeError: () => new TimeOverError(ms) };
  let current: Promise<McpSession> | undefined;
  let losses = 0;

  const connect = (): Promise<McpSession> => {
    current ??= withinTime(limit, (signal) => openSession(server, { environment, signal }));
    return current;
  };
  /** Whoever finds it out first counts. */
  const lose = (session: Promise<McpSession>): void => {
    if (current !== session) return;
    current = undefined;
    losses += 1;
  };

  const callTool = async (call: McpCall, isRepeated: boolean): Promise<CallToolResult> => {
    const { signal, isRepeatable } = call;
    if (losses >= MOST_LOSSES) throw new ToolError(`the MCP server ${server.name} is gone; go on without its tools`);
    const connecting = connect();
    const session = await orAbort(connecting, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      lose(connecting);
      throw new ToolError(messageOf(error), { cause: error });
    });
    if (session.isLost()) {
      lose(connecting);
      await session.close();
      return callTool(call, isRepeated);
    }
    try {
      const result = await requestTool(session, call);
      losses = 0;
      return result;
    } catch (error) {
      signal.throwIfAborted();
      const loss = lossOf(error) ?? (session.isLost() ? 'sent' : undefined);
      if (loss === undefined) {
        losses = 0;
        throw callError(error);
      }
      lose(connecting);
      const trouble = session.trouble() || errorWords(error);
      await session.close();
      if (!isRepeated && (isRepeatable || loss === 'unsent')) return callTool(call, true);
      throw lostError(server.name, { trouble, isOutcomeKnown: isRepeatable || loss === 'unsent' });
    }
  };

  return {
    async listTools() {
      const session = await connect();
      try {
        return await withinTime(limit, (signal) => listTools(session.client, signal));
      } catch (error) {
        throw connectError(server, error, session.trouble());
      }
    },
    callTool: (call) => callTool(call, false),
    async close() {
      ending.abort(new UsageError(`the connection to MCP server ${server.name} was closed`));
      const session = await current?.catch(() => undefined);
      await session?.close();
    },
  };
}

function requestTool(
  { client }: McpSession,
  { tool, arguments: args, signal, onProgress }: McpCall,
): Promise<CallToolResult> {
  const request = { method: 'tools/call' as const, params: { name: tool, arguments: args } };
  const onprogress = progressLines(onProgress);
  return client.request(request, CallToolResultSchema, { signal, timeout: NO_TIMEOUT_MS, onprogress });
}

function progressLines(show: (line: string) => void): (progress: Progress) => void {
  let count = 0;
  return ({ progress, total, message }) => {
    count += 1;
    if (count > MOST_PROGRESS_LINES) return;
    const done = total === undefined ? String(progress) : `${progress} of ${total}`;
    show(message ? `${done}: ${message}` : done);
  };
}

function lostError(
  server: string,
  { trouble, isOutcomeKnown }: { readonly trouble: string; readonly isOutcomeKnown: boolean },
): ToolError {
  const outcome = isOutcomeKnown
    ? 'the call gave nothing'
    : 'whether it was carried out is unknown, so find that out before you call it again';
  return new ToolError(`the MCP server ${server} was lost during the call: ${outcome}`, { outside: trouble });
}
