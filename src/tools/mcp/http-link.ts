import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { McpServerDefinition } from '../../definition/tool-types.js';
import { UsageError } from '../../errors.js';
import { hasCredentials } from '../web/credentials.js';
import { type HttpFetch, openFetch } from './http-fetch.js';
import type { ServerLink } from './server-link.js';
import { watchAnswers } from './watch-answers.js';

/** How long the end of a session is told to the server, milliseconds. */
const GRACE_MS = 1000;
/** What the SDK says when it gives up to open a stream again. */
const GIVEN_UP = /^Maximum reconnection attempts/;

/**
 * The way to a server at an address. Redirects are followed within its origin only, so that headers go nowhere else.
 * Rejects with UsageError for what is no address.
 */
export async function openHttpLink(
  connection: McpServerDefinition['connection'] & { readonly kind: 'http' | 'sse' },
): Promise<ServerLink> {
  const { kind, headers, allowPrivate } = connection;
  if (!URL.canParse(connection.url)) throw new UsageError(`"${connection.url}" is not a URL`);
  const url = new URL(connection.url);
  if (url.protocol === 'http:' && !allowPrivate && hasCredentials(headers)) {
    throw new UsageError(`${url.host} may only be asked by https:, because of the headers that go along`);
  }
  const fetch = openFetch({ allowPrivate });
  const link = kind === 'http' ? await openStreamable(url, fetch, headers) : await openEvents(url, fetch, headers);
  let closing: Promise<void> | undefined;
  return {
    transport: link.transport,
    trouble: () => '',
    close: () => (closing ??= link.close().finally(fetch.close)),
  };
}

type Headers = Readonly<Record<string, string>>;
type HttpLink = Pick<ServerLink, 'transport' | 'close'>;

async function openStreamable(url: URL, { fetch }: HttpFetch, headers: Headers): Promise<HttpLink> {
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const lose = (): void => void streamable.close();
  const watched = watchAnswers(fetch, lose);
  const streamable = new StreamableHTTPClientTransport(url, { fetch: watched.fetch, requestInit: { headers } });
  const onerror = (error: Error): void => {
    if (GIVEN_UP.test(error.message)) lose();
  };
  const transport = Object.assign(streamable as Transport, { onmessage: watched.note, onerror });
  return {
    transport,
    async close() {
      const timer = setTimeout(lose, GRACE_MS);
      // It may have gone already, which is as well.
      await streamable.terminateSession().catch(() => undefined);
      clearTimeout(timer);
      await streamable.close();
    },
  };
}

async function openEvents(url: URL, { fetch, trouble }: HttpFetch, headers: Headers): Promise<HttpLink> {
  const { SSEClientTransport } = await import('@modelcontextprotocol/sdk/client/sse.js');
  const events = new SSEClientTransport(url, { fetch, requestInit: { headers } });
  // The stream is the session: one that is opened again is another one, which the server was never told who it is for.
  const onerror = (error: Error): void => {
    if (error.message.startsWith('SSE error: ')) void events.close();
  };
  const start = async (): Promise<void> => {
    try {
      await SSEClientTransport.prototype.start.call(events);
    } catch (error) {
      // The event stream's own words are poorer.
      throw trouble() ?? error;
    }
  };
  const transport = Object.assign(events as Transport, { onerror, start });
  return { transport, close: () => events.close() };
}
