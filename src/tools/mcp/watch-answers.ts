import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

/** How long what came last is on its way through the SDK, milliseconds. */
const DELIVERY_MS = 100;

/**
 * A fetch that calls `lose` where the stream with the answer to a request ends without it, and cannot be taken up again: the
 * SDK would wait for ever. `note` is to be told of every message that comes.
 */
export function watchAnswers(
  fetch: FetchLike,
  lose: () => void,
): { readonly fetch: FetchLike; readonly note: (message: JSONRPCMessage) => void } {
  const open = new Set<unknown>();
  return {
    note(message) {
      if (!('method' in message)) open.delete(message.id);
    },
    async fetch(url, init) {
      const response = await fetch(url, init);
      const id = requestId(init?.body);
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
      if (id === undefined || !isStream || !response.body) return response;
      open.add(id);
      const passed = passOn(response.body, (hasEventIds) => {
        const check = (): void => {
          if (open.delete(id) && !hasEventIds) lose();
        };
        setTimeout(check, DELIVERY_MS).unref();
      });
      const { status, statusText, headers } = response;
      return new Response(ReadableStream.from(passed), { status, statusText, headers });
    },
  };
}

/** The id of the request that a body holds; undefined for none. */
function requestId(body: unknown): unknown {
  if (typeof body !== 'string') return undefined;
  const { id, method } = JSON.parse(body) as { readonly id?: unknown; readonly method?: unknown };
  return method === undefined ? undefined : id;
}

/** The stream as it is; `onEnd` is told at its end, however it ends, whether its events have ids to go on from. */
async function* passOn(
  stream: ReadableStream<Uint8Array>,
  onEnd: (hasEventIds: boolean) => void,
): AsyncGenerator<Uint8Array> {
  let hasEventIds = false;
  let lineStart = '';
  try {
    for await (const chunk of stream) {
      yield chunk;
      if (hasEventIds) continue;
      const text = lineStart + Buffer.from(chunk).toString('latin1');
      hasEventIds = /^id:/m.test(text);
      lineStart = text.slice(text.lastIndexOf('\n') + 1).slice(0, 3);
    }
  } finally {
    onEnd(hasEventIds);
  }
}
