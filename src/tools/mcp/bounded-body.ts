import { MOST_MESSAGE_BYTES } from './server-link.js';

const LINE_END = 0x0a;

/**
 * The response with a body that fails where it has more than 10 MB; of a stream of events that goes for each line, as the
 * stream itself has no end.
 */
export function withBoundedBody(response: Response): Response {
  if (!response.body) return response;
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const { status, statusText, headers } = response;
  return new Response(ReadableStream.from(bounded(response.body, isStream)), { status, statusText, headers });
}

async function* bounded(body: ReadableStream<Uint8Array>, isStream: boolean): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    const lineEnd = isStream ? chunk.lastIndexOf(LINE_END) : -1;
    bytes = lineEnd === -1 ? bytes + chunk.length : chunk.length - lineEnd - 1;
    if (bytes > MOST_MESSAGE_BYTES) throw new RangeError('it answered with more than 10 MB');
    yield chunk;
  }
}
