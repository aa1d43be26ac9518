import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a caller may send; the rest of the body is there under its own names. */
export interface ChatRequestBody {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content?: unknown;
    readonly tool_calls?: readonly unknown[];
    readonly tool_call_id?: string;
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: unknown } }[];
  readonly stream?: boolean;
  readonly [field: string]: unknown;
}

export interface RecordedRequest {
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: ChatRequestBody;
}

export interface UsageCounts {
  readonly input: number;
  readonly output: number;
  readonly cached?: number;
  readonly reasoning?: number;
}

export interface ToolCallAnswer {
  readonly name: string;
  readonly arguments: unknown;
  readonly id?: string;
}

interface MessageAnswer {
  readonly kind: 'message';
  readonly text: string | null;
  readonly toolCalls: readonly (ToolCallAnswer & { readonly id: string })[];
  readonly finishReason: string;
  readonly usage: UsageCounts | null;
}

/** What the server does with one request. */
export type ServerAnswer =
  | MessageAnswer
  | { readonly kind: 'raw'; readonly status: number; readonly headers: Record<string, string>; readonly body: string }
  | { readonly kind: 'cut-off'; readonly body: string; readonly ending: 'close' | 'reset' | 'stall' }
  | { readonly kind: 'parts'; readonly first: string; readonly gate: Promise<unknown>; readonly rest: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'after'; readonly gate: Promise<unknown>; readonly answer: ServerAnswer };

export interface MessageOptions {
  /** Default: `stop`, or `tool_calls` where there are some. */
  readonly finishReason?: 'stop' | 'length' | 'content_filter' | 'tool_calls';
  /** Default: 10 in, 5 out. Null: the server does not say. */
  readonly usage?: UsageCounts | null;
}

const DEFAULT_USAGE: UsageCounts = { input: 10, output: 5 };
let toolCallCount = 0;

/** A text as the whole answer. */
export function text(
  content: string,
  { finishReason = 'stop', usage = DEFAULT_USAGE }: MessageOptions = {},
): ServerAnswer {
  return { kind: 'message', text: content, toolCalls: [], finishReason, usage };
}

/** Tool calls, with a text before them where `content` is given. Arguments that are a string are sent as they are. */
export function toolCalls(
  calls: readonly ToolCallAnswer[],
  { content, finishReason = 'tool_calls', usage = DEFAULT_USAGE }: MessageOptions & { readonly content?: string } = {},
): ServerAnswer {
  const withIds = calls.map((call) => ({ ...call, id: call.id ?? `call_${(toolCallCount += 1)}` }));
  return { kind: 'message', text: content ?? null, toolCalls: withIds, finishReason, usage };
}

/** A status with OpenAI's form of an error, or with any other body. */
export function failure(
  status: number,
  body: string | object = `failure ${status}`,
  headers: Record<string, string> = {},
): ServerAnswer {
  const content =
    typeof body === 'string' ? { error: { message: body, type: 'error', param: null, code: null } } : body;
  return raw(content, { status, headers });
}

/** Any body: an object as JSON, a string as it is. */
export function raw(
  body: string | object,
  { status = 200, headers = {} }: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): ServerAnswer {
  const isText = typeof body === 'string';
  const type = isText ? (/^\s*</.test(body) ? 'text/html' : 'text/plain') : 'application/json';
  return {
    kind: 'raw',
    status,
    headers: { 'content-type': type, ...headers },
    body: isText ? body : JSON.stringify(body),
  };
}

const HALF_AN_ANSWER = '{"id":"x","choices":[{"index":0,"mess';

/** Sends the beginning of an answer and closes the connection. */
export function cutOff(body = HALF_AN_ANSWER): ServerAnswer {
  return { kind: 'cut-off', body, ending: 'close' };
}

/** Sends the beginning of an answer and resets the connection. */
export const resetHalfway: ServerAnswer = { kind: 'cut-off', body: HALF_AN_ANSWER, ending: 'reset' };

/** Sends the beginning of an answer and nothing more. */
export const stall: ServerAnswer = { kind: 'cut-off', body: HALF_AN_ANSWER, ending: 'stall' };

/** Sends the beginning of a stream, and the rest when the promise has settled. */
export function inParts(first: string, gate: Promise<unknown>, rest: string): ServerAnswer {
  return { kind: 'parts', first, gate, rest };
}

/** A piece of a streamed answer as it goes over the wire: text, or anything else that a chunk's choice may have. */
export function chunkOf(delta: string | object, finishReason: string | null = null): string {
  const choice = {
    index: 0,
    delta: typeof delta === 'string' ? { content: delta } : delta,
    finish_reason: finishReason,
  };
  return event({ ...head('chat.completion.chunk', 'm'), choices: [choice] });
}

/** Any object as an event of a stream. */
export function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** How a stream ends: the reason, the tokens and the mark that it is all. */
export const STREAM_END = `${chunkOf({}, 'stop')}${event({ choices: [], usage: toWireUsage(DEFAULT_USAGE) })}data: [DONE]\n\n`;

/** Closes the connection without an answer. */
export const reset: ServerAnswer = { kind: 'reset' };

/** Never answers. */
export const hang: ServerAnswer = { kind: 'hang' };

/** 200, and nothing in it. */
export const emptyChoices: ServerAnswer = raw({
  id: 'x',
  object: 'chat.completion',
  created: 0,
  model: 'm',
  choices: [],
});

/** A promise for `after`, and the function that settles it. */
export function createGate(): { readonly opened: Promise<void>; open(): void } {
  let settle: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => (settle = resolve));
  return { opened, open: () => settle?.() };
}

/** Answers when the promise has settled. */
export function after(gate: Promise<unknown>, answer: ServerAnswer): ServerAnswer {
  return { kind: 'after', gate, answer };
}

/** Answers in order, or a function of the request and its 0-based index. */
export type ServerScript =
  | readonly ServerAnswer[]
  | ((body: ChatRequestBody, index: number, request: RecordedRequest) => ServerAnswer | Promise<ServerAnswer>);

export interface ProviderServer {
  /** Ends in `/v1`. */
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** Most requests that were unanswered at the same time. */
  readonly peakInFlight: number;
  /** What came without an answer for it, one sentence each. */
  readonly unexpected: readonly string[];
  /** Answers of the script that nobody came for. */
  readonly owed: number;
  /** Throws where a request was unexpected or an answer is owed. */
  assertDone(): void;
  /** Resolves when so many requests have arrived. */
  waitForRequests(count: number): Promise<void>;
  /** Resolves when no request is open: each one was answered, or its caller has closed the connection. */
  waitUntilIdle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A real HTTP server on the loopback that speaks OpenAI's chat completions, whole or as server-sent events. The script
 * says what it answers; a request beyond the script is answered with 500 and recorded.
 */
export async function startProviderServer(script: ServerScript): Promise<ProviderServer> {
  const requests: RecordedRequest[] = [];
  const unexpected: string[] = [];
  const waiters: { readonly count: number; readonly resolve: () => void }[] = [];
  const idleWaiters: (() => void)[] = [];
  let inFlight = 0;
  let peakInFlight = 0;

  function countOwed(): number {
    return typeof script === 'function' ? 0 : Math.max(0, script.length - requests.length);
  }

  async function chooseAnswer(request: RecordedRequest, index: number): Promise<ServerAnswer> {
    const answer = typeof script === 'function' ? await script(request.body, index, request) : script[index];
    if (answer !== undefined) return answer;
    const sentence = `request ${index + 1} to ${request.path} is unexpected: the script has ${script.length} answers`;
    unexpected.push(sentence);
    return failure(500, sentence);
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    inFlight += 1;
    peakInFlight = Math.max(peakInFlight, inFlight);
    response.on('close', () => {
      inFlight -= 1;
      if (inFlight === 0) for (const resolve of idleWaiters.splice(0)) resolve();
    });
    const body = await readBody(incoming);
    const request = { path: incoming.url ?? '', headers: incoming.headers, body };
    const index = requests.push(request) - 1;
    for (const waiter of waiters) if (requests.length >= waiter.count) waiter.resolve();
    await send(await chooseAnswer(request, index), request.body, response);
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      unexpected.push(String(error));
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    unexpected,
    get peakInFlight() {
      return peakInFlight;
    },
    get owed() {
      return countOwed();
    },
    assertDone() {
      const problems = [
        ...unexpected,
        ...(countOwed() > 0 ? [`${countOwed()} answers of the script are still owed`] : []),
      ];
      if (problems.length > 0) throw new Error(problems.join('\n'));
    },
    async waitForRequests(count) {
      if (requests.length >= count) return;
      await new Promise<void>((resolve) => waiters.push({ count, resolve }));
    },
    async waitUntilIdle() {
      if (inFlight > 0) await new Promise<void>((resolve) => idleWaiters.push(resolve));
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<ChatRequestBody> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const content = Buffer.concat(chunks).toString('utf8');
  return (content === '' ? {} : JSON.parse(content)) as ChatRequestBody;
}

async function send(answer: ServerAnswer, request: ChatRequestBody, response: ServerResponse): Promise<void> {
  switch (answer.kind) {
    case 'after':
      await answer.gate;
      return send(answer.answer, request, response);
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'cut-off':
      response.writeHead(200, { 'content-type': request.stream ? 'text/event-stream' : 'application/json' });
      response.write(answer.body, () => {
        if (answer.ending === 'close') response.socket?.destroy();
        if (answer.ending === 'reset') response.socket?.resetAndDestroy();
      });
      return;
    case 'parts':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(answer.first);
      await answer.gate;
      response.end(answer.rest);
      return;
    case 'raw':
      response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    case 'message':
      if (request.stream) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const chunk of toChunks(answer, request.model)) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
        response.end('data: [DONE]\n\n');
      } else {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(toCompletion(answer, request.model)));
      }
  }
}

function toCompletion(answer: MessageAnswer, model: string): object {
  const calls = answer.toolCalls.map(toWireCall);
  const message = { role: 'assistant', content: answer.text, ...(calls.length > 0 && { tool_calls: calls }) };
  return {
    ...head('chat.completion', model),
    choices: [{ index: 0, message, finish_reason: answer.finishReason }],
    ...(answer.usage && { usage: toWireUsage(answer.usage) }),
  };
}

function* toChunks(answer: MessageAnswer, model: string): Generator<object> {
  const chunk = (delta: object, finishReason: string | null = null): object => ({
    ...head('chat.completion.chunk', model),
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });
  yield chunk({ role: 'assistant', content: '' });
  for (const content of answer.text?.match(/\S*\s*/g)?.filter((word) => word !== '') ?? []) yield chunk({ content });
  for (const [index, call] of answer.toolCalls.map(toWireCall).entries()) {
    const { name, arguments: input } = call.function;
    const middle = Math.ceil(input.length / 2);
    yield chunk({ tool_calls: [{ ...call, index, function: { name, arguments: input.slice(0, middle) } }] });
    yield chunk({ tool_calls: [{ index, function: { arguments: input.slice(middle) } }] });
  }
  yield chunk({}, answer.finishReason);
  if (answer.usage) yield { ...head('chat.completion.chunk', model), choices: [], usage: toWireUsage(answer.usage) };
}

function head(object: string, model: string): object {
  return { id: 'chatcmpl-test', object, created: 1_700_000_000, model };
}

function toWireCall({ id, name, arguments: input }: ToolCallAnswer): {
  id: string | undefined;
  type: 'function';
  function: { name: string; arguments: string };
} {
  const json = typeof input === 'string' ? input : JSON.stringify(input);
  return { id, type: 'function', function: { name, arguments: json } };
}

function toWireUsage({ input, output, cached = 0, reasoning = 0 }: UsageCounts): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
