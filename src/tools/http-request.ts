import { UsageError } from '../errors.js';
import { formatBytes } from '../util/amounts.js';
import type { JsonObject } from '../util/json.js';
import { parseJson } from '../util/parse-json.js';
import type { BuiltinTool } from './builtin-tool.js';
import { createRecent } from './recent.js';
import { textPart } from './text-part.js';
import { ToolError } from './tool-error.js';
import { allowHosts } from './web/allowed-hosts.js';
import { describeMedia, statusText, textOf } from './web/answer-content.js';
import { type BaseUrl, openBaseUrl } from './web/base-url.js';
import { readHeaderSetting, readModelHeaders } from './web/credentials.js';
import { createFetcher, parseUrl, type WebAnswer } from './web/fetcher.js';

/** Most bytes of an answer that are read. */
const MOST_BYTES = 1_000_000;
const READING = ['GET', 'HEAD'] as const;

/** Headers of an answer that say something about what to do next. */
const TOLD_HEADERS = [
  'content-type',
  'content-length',
  'location',
  'link',
  'etag',
  'last-modified',
  'allow',
  'retry-after',
];

/** Asks services for what they have, and changes it where the definition lets it. */
export const httpRequestTool: BuiltinTool<'http_request'> = {
  description: 'Makes an HTTP request. A long answer comes in parts.',
  effects: ({ methods = READING }) => (methods.every(isReading) ? 'none' : 'external'),
  isOutside: true,
  parameters: ({ methods = READING, base_url: base }) => ({
    type: 'object',
    properties: {
      method: { enum: [...new Set(methods)] },
      url: base === undefined ? { type: 'string' } : { type: 'string', description: 'Path' },
      query: { type: 'object' },
      headers: { type: 'object' },
      ...(!methods.every(isReading) && { body: { type: 'string', description: 'JSON or text' } }),
      offset: { type: 'integer', minimum: 0 },
    },
    required: ['method', 'url'],
    additionalProperties: false,
  }),
  prepare: async (settings) => {
    const { domains, allow_private: allowPrivate = false, max_bytes: maxBytes = MOST_BYTES } = settings;
    const base = settings.base_url === undefined ? undefined : openBaseUrl(settings.base_url);
    const checkHost = allowHosts(domains);
    const isBoundToHosts = domains !== undefined || base !== undefined;
    const credentials = readHeaderSetting(settings.headers, { isBoundToHosts });
    if (base) orUsageError(() => checkHost(base.url));
    const check = (url: URL): void => {
      checkHost(url);
      base?.check(url);
    };
    const fetch = createFetcher({ allowPrivate, maxBytes, check });
    const recent = createRecent<WebAnswer>();

    return async ({ offset, ...args }, { signal }) => {
      const method = args.method as (typeof READING)[number];
      const key = JSON.stringify(args);
      const from = (offset as number | undefined) ?? 0;
      const url = withQuery(addressOf(args.url as string, base), args.query);
      const kept = from > 0 ? recent.get(key) : undefined;
      if (from > 0 && !kept && !isReading(method)) {
        throw new ToolError('the answer is not kept any more, and the request is not made again for its rest');
      }
      const { headers, body } = contentOf(args, method);
      const sent = { method, url, headers: { ...headers, ...readModelHeaders(objectOf(args.headers), credentials) } };
      const answer = kept ?? (await fetch({ ...sent, credentials, body }, signal));
      recent.set(key, answer);
      const text = answer.bytes.length === 0 ? '' : (textOf(answer) ?? `[${describeMedia(answer)}]`);
      const notes = answer.isCut
        ? [`[only the first ${formatBytes(maxBytes)} of the body were read; there are more]`]
        : [];
      const part = textPart(text, { name: 'the answer', offset: from, notes });
      const isKept = (): Promise<boolean> => Promise.resolve(answer.status < 400);
      return { ...part, text: from > 0 ? part.text : `${headOf(answer)}\n\n${part.text}`.trimEnd(), mayKeep: isKept };
    };
  },
};

function isReading(method: string): boolean {
  return READING.some((reading) => reading === method);
}

function addressOf(text: string, base: BaseUrl | undefined): URL {
  return base ? base.resolve(text) : parseUrl(text);
}

function withQuery(url: URL, query: unknown): URL {
  for (const [name, value] of Object.entries(objectOf(query))) {
    for (const item of Array.isArray(value) ? value : [value]) {
      url.searchParams.append(name, typeof item === 'object' ? JSON.stringify(item) : String(item));
    }
  }
  return url;
}

function contentOf({ body }: JsonObject, method: string): { headers: Record<string, string>; body?: string } {
  if (typeof body !== 'string') return { headers: {} };
  if (isReading(method)) throw new ToolError(`${method} has no body; give what it asks for in query`);
  return {
    headers: { 'content-type': parseJson(body) === undefined ? 'text/plain; charset=utf-8' : 'application/json' },
    body,
  };
}

function headOf({ status, headers }: WebAnswer): string {
  const told = TOLD_HEADERS.filter((name) => headers[name] !== undefined).map((name) => `${name}: ${headers[name]}`);
  return [`HTTP ${statusText(status)}`, ...told].join('\n');
}

function objectOf(value: unknown): JsonObject {
  return (value ?? {}) as JsonObject;
}

function orUsageError(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UsageError(`http_request: base_url and domains do not fit: ${error.message}`, { cause: error });
  }
}
