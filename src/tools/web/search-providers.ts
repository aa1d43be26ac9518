import type { ToolSettings } from '../../definition/tool-settings.js';
import type { JsonObject } from '../../util/json.js';
import type { WebRequest } from './fetcher.js';

export interface SearchRequest {
  readonly query: string;
  readonly maxResults: number;
  /** Empty where the provider has none. */
  readonly key: string;
}

/** Somebody who searches the web. */
export interface SearchProvider {
  /** Undefined: the definition has to give it. */
  readonly baseUrl: string | undefined;
  /** Most results of one search that it gives. */
  readonly mostResults: number;
  /** Without the address, whose path below the base is `path`. */
  toRequest(request: SearchRequest): Omit<WebRequest, 'url'> & {
    readonly path: string;
    readonly query?: Readonly<Record<string, string>>;
  };
  /** Where the results stand in its answer. */
  readonly results: readonly string[];
  /** Names of a result's fields. */
  readonly fields: { readonly address: string; readonly snippet: string };
}

export type SearchProviderName = NonNullable<ToolSettings['web_search']['provider']>;

/** The providers that can be asked. */
export const SEARCH_PROVIDERS: Readonly<Record<SearchProviderName, SearchProvider>> = {
  // https://serper.dev
  serper: {
    baseUrl: 'https://google.serper.dev',
    mostResults: 50,
    toRequest: ({ query, maxResults, key }) => ({
      path: 'search',
      ...post({ q: query, num: maxResults }),
      credentials: { 'x-api-key': key },
    }),
    results: ['organic'],
    fields: { address: 'link', snippet: 'snippet' },
  },
  // https://docs.tavily.com/documentation/api-reference/endpoint/search
  tavily: {
    baseUrl: 'https://api.tavily.com',
    mostResults: 20,
    toRequest: ({ query, maxResults, key }) => ({
      path: 'search',
      ...post({ query, max_results: maxResults }),
      credentials: { authorization: `Bearer ${key}` },
    }),
    results: ['results'],
    fields: { address: 'url', snippet: 'content' },
  },
  // https://api-dashboard.search.brave.com/app/documentation/web-search
  brave: {
    baseUrl: 'https://api.search.brave.com/res/v1',
    mostResults: 20,
    toRequest: ({ query, maxResults, key }) => ({
      path: 'web/search',
      query: { q: query, count: String(maxResults), text_decorations: 'false' },
      headers: JSON_HEADERS,
      credentials: { 'x-subscription-token': key },
    }),
    results: ['web', 'results'],
    fields: { address: 'url', snippet: 'description' },
  },
  // https://docs.searxng.org/dev/search_api.html
  searxng: {
    baseUrl: undefined,
    mostResults: 50,
    toRequest: ({ query, key }) => ({
      path: 'search',
      query: { q: query, format: 'json' },
      headers: JSON_HEADERS,
      ...(key !== '' && { credentials: { authorization: `Bearer ${key}` } }),
    }),
    results: ['results'],
    fields: { address: 'url', snippet: 'content' },
  },
};

const JSON_HEADERS = { accept: 'application/json' };

function post(body: JsonObject): Pick<WebRequest, 'method' | 'headers' | 'body'> {
  return {
    method: 'POST',
    headers: { ...JSON_HEADERS, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
