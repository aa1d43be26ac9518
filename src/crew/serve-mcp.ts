import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolRequestSchema, type CallToolResult, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../errors.js';
import { createPlainReporter } from '../reporters/plain-reporter.js';
import { suggestHint } from '../util/suggest.js';
import { VERSION } from '../version.js';
import type { Crew } from './load-crew.js';
import type { RunOptions, RunPlace } from './run-options.js';
import { createServedTools, type ServedCall } from './served-tools.js';

const INSTRUCTIONS =
  'Each crew is a tool that runs a team of LLM agents, which takes minutes and costs money; every answer is kept. ' +
  'get_output and list_runs read what earlier runs gave and cost nothing; resume goes on with a run that stopped, ' +
  'replay runs one again from a task on.';

/** What is offered, and how its runs are carried out. */
export interface ServeOptions {
  readonly crews: readonly Crew[];
  readonly place: RunPlace;
  /** Of every run. */
  readonly options: Omit<RunOptions, 'onEvent' | 'signal'>;
  /** Ends everything: runs under way are stopped, what is finished stays stored. */
  readonly signal: AbortSignal;
  /** Told of what is offered, once it is. */
  readonly onStart: (names: readonly string[]) => void;
  /** Told of what went wrong beside the calls. */
  readonly warn: (message: string) => void;
}

/**
 * Offers each crew as a tool over the Model Context Protocol (https://modelcontextprotocol.io), beside tools for runs there
 * were. Resolves when the client has gone, or `signal` is aborted, and every run has come to its end. Rejects with UsageError
 * where crews cannot be told apart by their names.
 */
export async function serveMcp(transport: Transport, options: ServeOptions): Promise<void> {
  const tools = createServedTools(options);
  const under = new Set<Promise<unknown>>();
  const stop = new AbortController();
  const server = new Server(
    { name: 'crew', version: VERSION },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...tools.values()].map(({ offer }) => offer) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra): Promise<CallToolResult> => {
    const tool = tools.get(params.name);
    if (!tool) {
      const hint = suggestHint(params.name, tools.keys()) ?? `there are ${[...tools.keys()].join(', ')}`;
      return { content: [{ type: 'text', text: `There is no tool ${params.name}: ${hint}` }], isError: true };
    }
    const call: ServedCall = {
      signal: AbortSignal.any([extra.signal, stop.signal, options.signal]),
      onEvent: tellProgress(params._meta?.progressToken, options.place, (notification) => {
        extra.sendNotification(notification).catch((error: unknown) => options.warn(messageOf(error)));
      }),
    };
    const work = tool.call(params.arguments ?? {}, call);
    under.add(work);
    const { text, isError, runId } = await work.finally(() => under.delete(work));
    return { content: [{ type: 'text', text }], isError, ...(runId !== undefined && { _meta: { run_id: runId } }) };
  });
  const closed = new Promise<void>((resolve) => {
    Object.assign(server, { onclose: resolve, onerror: (error: Error) => options.warn(messageOf(error)) });
  });
  const close = (): void => void server.close();
  options.signal.addEventListener('abort', close, { once: true });
  try {
    await server.connect(transport);
    options.onStart(options.crews.map(({ definition }) => definition.name));
    if (options.signal.aborted) close();
    await closed;
  } finally {
    options.signal.removeEventListener('abort', close);
    stop.abort();
    await Promise.allSettled(under);
  }
}

/** Hands the lines that a person would see on to the client, which asked for them with a token; nothing without one. */
function tellProgress(
  progressToken: string | number | undefined,
  { workingDirectory }: RunPlace,
  notify: (notification: {
    method: 'notifications/progress';
    params: { progressToken: string | number; progress: number; message: string };
  }) => void,
): ServedCall['onEvent'] {
  if (progressToken === undefined) return () => undefined;
  let progress = 0;
  const write = (line: string): void => {
    progress += 1;
    notify({ method: 'notifications/progress', params: { progressToken, progress, message: line.trimEnd() } });
  };
  const output = { write, isTTY: false, color: false, columns: 80 };
  return createPlainReporter({ output, verbose: false, workingDirectory }).onEvent;
}
