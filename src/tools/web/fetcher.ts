import type { Agent, Dispatcher } from 'undici';
import { VERSION } from '../../version.js';
import { ToolError } from '../tool-error.js';
import { hasCredentials, type Headers, withoutCredentials } from './credentials.js';
import type { Lookup } from './guarded-agent.js';
import { networkError } from './network-trouble.js';
import { ACCEPTED_ENCODINGS, discardBody, readBody } from './read-body.js';

/** Most redirects that are followed, as browsers do it (https://fetch.spec.whatwg.org/#http-redirect-fetch has 20). */
const MOST_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const LONGEST_URL = 8000;
const USER_AGENT = `crew/${VERSION}`;

export interface FetcherOptions {
  /** Whether addresses of this machine and of private networks may be asked. */
  readonly allowPrivate: boolean;
  /** Most bytes of an answer that are read, unpacked. */
  readonly maxBytes: number;
  /** Throws ToolError for an address that may not be asked; also called for each redirect. Default: any may. */
  readonly check?: ((url: URL) => void) | undefined;
  /** Default: as the system resolves names. */
  readonly lookup?: Lookup | undefined;
}

export interface WebRequest {
  readonly url: URL;
  /** Default GET. Only GET and HEAD follow redirects. */
  readonly method?: Dispatcher.HttpMethod | undefined;
  /** By their names in lower case. */
  readonly headers?: Headers | undefined;
  /** Headers of the definition. Those that may hold a secret go to the origin of `url` alone, and only encrypted. */
  readonly credentials?: Headers | undefined;
  readonly body?: string | undefined;
}

export interface WebAnswer {
  /** Where it came from in the end. */
  readonly url: URL;
  readonly status: number;
  /** By their names in lower case; several of one name are joined by commas. */
  readonly headers: Headers;
  readonly bytes: Buffer<ArrayBuffer>;
  /** True where the body has more bytes than were read. */
  readonly isCut: boolean;
}

/** Asks for a page. Rejects with ToolError where that cannot or may not be done, and with the signal's reason. */
export type Fetcher = (request: WebRequest, signal: AbortSignal) => Promise<WebAnswer>;

/** The address that a text is. Throws ToolError for what is no http or https address, or has a password in it. */
export function parseUrl(text: string, base?: URL): URL {
  if (text.length > LONGEST_URL || !URL.canParse(text, base?.href)) {
    throw new ToolError(
      `${JSON.stringify(text.slice(0, 100))} is no address; give it in full, such as https://example.com/page`,
    );
  }
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ToolError(`${url.protocol.slice(0, 30)} addresses cannot be asked; only http: and https: can`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ToolError('an address with a user name or password in it is refused; give it without them');
  }
  url.hash = '';
  return url;
}

/**
 * A fetcher that asks public hosts only, unless told otherwise: every address is looked at when a connection to it is made,
 * also after a redirect. It reads bounded amounts, keeps no cookies and uses no proxy.
 */
export function createFetcher({ allowPrivate, maxBytes, check = () => undefined, lookup }: FetcherOptions): Fetcher {
  let agent: Promise<Agent> | undefined;
  const openAgent = async (): Promise<Agent> =>
    (await import('./guarded-agent.js')).createGuardedAgent({ allowPrivate, lookup });

  async function send(request: WebRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { url, method = 'GET', headers = {}, credentials = {}, body = null } = request;
    check(url);
    // A private network may do without encryption.
    if (url.protocol === 'http:' && !allowPrivate && hasCredentials(credentials)) {
      throw new ToolError(`${url.host} may only be asked by https:, because of the headers that go along`);
    }
    const dispatcher = await (agent ??= openAgent());
    return dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: {
        'user-agent': USER_AGENT,
        accept: '*/*',
        ...headers,
        ...credentials,
        'accept-encoding': ACCEPTED_ENCODINGS,
      },
      body,
      signal,
    });
  }

  async function follow(first: WebRequest, signal: AbortSignal): Promise<WebAnswer> {
    const { method = 'GET' } = first;
    const seen = new Set<string>();
    for (let request = first; ;) {
      seen.add(request.url.href);
      const { url } = request;
      const answer = await send(request, signal).catch((error: unknown) => {
        throw networkError(error, url);
      });
      const next = method === 'GET' || method === 'HEAD' ? redirectOf(answer, url) : undefined;
      if (next === undefined) {
        const headers = joinHeaders(answer.headers);
        // What answers HEAD tells how it would pack the body that it does not have.
        const encoding = method === 'HEAD' ? undefined : headers['content-encoding'];
        const read = readBody(answer.body, { encoding, maxBytes });
        const body = await read.catch((error: unknown) => {
          throw networkError(error, url);
        });
        return { url, status: answer.statusCode, headers, ...body };
      }
      discardBody(answer.body);
      if (seen.has(next.href)) {
        throw new ToolError(`${url.host} redirects in a circle, perhaps because it wants cookies; go on without it`);
      }
      if (seen.size > MOST_REDIRECTS) {
        throw new ToolError(`${first.url.host} redirects more than ${MOST_REDIRECTS} times; go on without it`);
      }
      request = { ...(url.origin === next.origin ? request : forStrangers(request)), url: next };
    }
  }

  return async (request, signal) => {
    try {
      signal.throwIfAborted();
      return await follow(request, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  };
}

/** What may go to another origin than the one that it was meant for. */
function forStrangers({ headers = {}, credentials = {}, ...request }: WebRequest): WebRequest {
  return { ...request, headers: withoutCredentials(headers), credentials: withoutCredentials(credentials) };
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData, url: URL): URL | undefined {
  const { location } = headers;
  if (!REDIRECTS.has(statusCode) || location === undefined) return undefined;
  try {
    return parseUrl(String(location), url);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(`${url.host} redirects to what cannot be asked; go on without it`, { cause: error });
  }
}

function joinHeaders(headers: Dispatcher.ResponseData['headers']): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
