import { SEARCH_KEY_VARIABLES } from '../definition/missing-tool-keys.js';
import type { ToolSettings } from '../definition/tool-settings.js';
import { UsageError } from '../errors.js';
import { isJsonObject } from '../util/json.js';
import type { BuiltinTool, ToolEnvironment } from './builtin-tool.js';
import { ToolError } from './tool-error.js';
import { statusText } from './web/answer-content.js';
import { type BaseUrl, openBaseUrl } from './web/base-url.js';
import { createFetcher, type WebAnswer } from './web/fetcher.js';
import { plainPage } from './web/plain-page.js';
import { SEARCH_PROVIDERS, type SearchProvider, type SearchProviderName } from './web/search-providers.js';

const MOST_RESULTS = 10;
/** Most bytes of a provider's answer. */
const MOST_BYTES = 2_000_000;
const LONGEST_TITLE = 200;
const LONGEST_SNIPPET = 1000;

type Settings = ToolSettings['web_search'];
type Environment = ToolEnvironment['environment'];

/** Searches the web with the provider that the definition names, or whose key is there. */
export const webSearchTool: BuiltinTool<'web_search'> = {
  description: 'Searches the web; gives title, address and a few words of each page that it finds.',
  effects: 'none',
  isOutside: true,
  parameters: ({ max_results: most = MOST_RESULTS }) => ({
    type: 'object',
    properties: {
      query: { type: 'string', minLength: 1 },
      max_results: { type: 'integer', minimum: 1, maximum: most },
    },
    required: ['query'],
    additionalProperties: false,
  }),
  prepare: async (settings, { environment }) => {
    const name = nameOf(settings, environment);
    const provider = SEARCH_PROVIDERS[name];
    const key = keyOf(name, settings, environment);
    const base = openBase(name, settings);
    const fetch = createFetcher({ allowPrivate: settings.allow_private ?? false, maxBytes: MOST_BYTES });
    return async (args, { signal }) => {
      const asked = (args.max_results as number | undefined) ?? settings.max_results ?? MOST_RESULTS;
      const maxResults = Math.min(asked, provider.mostResults);
      const { path, query = {}, ...request } = provider.toRequest({ query: args.query as string, maxResults, key });
      const url = base.resolve(path);
      for (const [field, value] of Object.entries(query)) url.searchParams.set(field, value);
      const answer = await fetch({ ...request, url }, signal);
      const text = listResults(readResults(answer, name), provider, maxResults);
      return text === '' ? { text, note: '[nothing was found; try other words]' } : text;
    };
  },
};

function nameOf({ provider }: Settings, environment: Environment): SearchProviderName {
  const names = Object.keys(SEARCH_KEY_VARIABLES) as (keyof typeof SEARCH_KEY_VARIABLES)[];
  return provider ?? names.find((name) => environment[SEARCH_KEY_VARIABLES[name]]?.trim()) ?? 'serper';
}

/** Empty where none is given and none is needed. */
function keyOf(name: SearchProviderName, { api_key: given }: Settings, environment: Environment): string {
  const variable = name === 'searxng' ? undefined : SEARCH_KEY_VARIABLES[name];
  const key = (given ?? (variable === undefined ? '' : (environment[variable] ?? ''))).trim();
  if (key === '' && variable !== undefined) {
    throw new UsageError(`web_search: ${name} needs a key`, { hint: `set ${variable}` });
  }
  return key;
}

function openBase(name: SearchProviderName, { base_url: given }: Settings): BaseUrl {
  const base = given ?? SEARCH_PROVIDERS[name].baseUrl;
  if (base !== undefined) return openBaseUrl(base);
  throw new UsageError(`web_search: ${name} needs base_url`, { hint: 'give the address of the server' });
}

/** The list in the provider's answer. Throws ToolError that names the trouble, never the key. */
function readResults({ status, bytes, isCut }: WebAnswer, name: SearchProviderName): readonly unknown[] {
  const trouble = troubleOf(status, name);
  if (trouble !== undefined) throw new ToolError(`${name} ${trouble}`);
  let found: unknown;
  try {
    found = isCut ? undefined : JSON.parse(bytes.toString());
  } catch (error) {
    throw new ToolError(`${name} gave no JSON; go on without searching`, { cause: error });
  }
  for (const step of SEARCH_PROVIDERS[name].results) found = isJsonObject(found) ? found[step] : undefined;
  return Array.isArray(found) ? found : [];
}

function troubleOf(status: number, name: SearchProviderName): string | undefined {
  if (status === 403 && name === 'searxng') {
    return 'does not give JSON (403): its settings.yml has to name json under search.formats; go on without searching';
  }
  if (status === 401 || status === 403) return `refused the key (${statusText(status)}); go on without searching`;
  if (status === 402 || status === 432 || status === 433)
    return `has no searches left (${status}); go on without searching`;
  if (status === 429) return 'has had too many searches (429); wait, or go on without searching';
  if (status === 400 || status === 422) return `does not take the query (${status}); make it shorter and plainer`;
  if (status >= 500) return `has trouble (${statusText(status)}); try later, or go on without searching`;
  return status === 200 ? undefined : `answered ${statusText(status)}; go on without searching`;
}

function listResults(found: readonly unknown[], { fields }: SearchProvider, maxResults: number): string {
  const results = found.filter(isJsonObject).flatMap((result) => {
    const address = result[fields.address];
    if (typeof address !== 'string' || !/^https?:/i.test(address)) return [];
    const [title, snippet] = [oneLine(result.title, LONGEST_TITLE), oneLine(result[fields.snippet], LONGEST_SNIPPET)];
    return [[title || address, address, ...(snippet === '' ? [] : [snippet])]];
  });
  return results
    .slice(0, maxResults)
    .map((lines, index) => `${index + 1}. ${lines.join('\n   ')}`)
    .join('\n\n');
}

/** Providers mark the words that were searched for with tags. */
function oneLine(text: unknown, longest: number): string {
  return typeof text === 'string' ? plainPage(text).replaceAll(/\s+/g, ' ').slice(0, longest) : '';
}
