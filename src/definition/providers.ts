/** What has to be known of a model provider before its package is loaded. */
export interface ProviderInfo {
  /** Environment variables that may hold the API key, the first one set wins. Empty: no key is used. */
  readonly keyVariables: readonly string[];
  /** Environment variables that may hold the base URL, the first one set wins. */
  readonly baseUrlVariables: readonly string[];
  /** Undefined: there is none, each user has an address of their own. */
  readonly defaultBaseUrl: string | undefined;
  /** The provider's own hosts; subdomains belong to them. A base URL elsewhere is another server, which may need no key. */
  readonly hosts: readonly string[];
}

const GOOGLE: ProviderInfo = {
  keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
  baseUrlVariables: ['GEMINI_BASE_URL', 'GEMINI_API_BASE', 'GOOGLE_BASE_URL', 'GOOGLE_API_BASE'],
  defaultBaseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  hosts: ['googleapis.com'],
};

/** The providers a model reference may begin with. */
export const PROVIDERS = {
  openai: {
    keyVariables: ['OPENAI_API_KEY'],
    baseUrlVariables: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
    defaultBaseUrl: 'https://api.openai.com/v1',
    hosts: ['openai.com'],
  },
  anthropic: {
    keyVariables: ['ANTHROPIC_API_KEY'],
    baseUrlVariables: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_BASE'],
    defaultBaseUrl: 'https://api.anthropic.com/v1',
    hosts: ['anthropic.com'],
  },
  gemini: GOOGLE,
  google: GOOGLE,
  ollama: {
    keyVariables: [],
    baseUrlVariables: ['OLLAMA_BASE_URL', 'OLLAMA_API_BASE', 'OLLAMA_HOST'],
    defaultBaseUrl: 'http://127.0.0.1:11434/v1',
    hosts: [],
  },
  groq: {
    keyVariables: ['GROQ_API_KEY'],
    baseUrlVariables: ['GROQ_BASE_URL', 'GROQ_API_BASE'],
    defaultBaseUrl: 'https://api.groq.com/openai/v1',
    hosts: ['groq.com'],
  },
  openrouter: {
    keyVariables: ['OPENROUTER_API_KEY'],
    baseUrlVariables: ['OPENROUTER_BASE_URL', 'OPENROUTER_API_BASE'],
    defaultBaseUrl: 'https://openrouter.ai/api/v1',
    hosts: ['openrouter.ai'],
  },
  mistral: {
    keyVariables: ['MISTRAL_API_KEY'],
    baseUrlVariables: ['MISTRAL_BASE_URL', 'MISTRAL_API_BASE'],
    defaultBaseUrl: 'https://api.mistral.ai/v1',
    hosts: ['mistral.ai'],
  },
  deepseek: {
    keyVariables: ['DEEPSEEK_API_KEY'],
    baseUrlVariables: ['DEEPSEEK_BASE_URL', 'DEEPSEEK_API_BASE'],
    defaultBaseUrl: 'https://api.deepseek.com',
    hosts: ['deepseek.com'],
  },
  xai: {
    keyVariables: ['XAI_API_KEY'],
    baseUrlVariables: ['XAI_BASE_URL', 'XAI_API_BASE'],
    defaultBaseUrl: 'https://api.x.ai/v1',
    hosts: ['x.ai'],
  },
  azure: {
    keyVariables: ['AZURE_API_KEY'],
    baseUrlVariables: ['AZURE_API_BASE', 'AZURE_BASE_URL'],
    defaultBaseUrl: undefined,
    // Not all of azure.com: anybody can have a machine below cloudapp.azure.com.
    hosts: ['openai.azure.com', 'cognitiveservices.azure.com', 'services.ai.azure.com', 'models.ai.azure.com'],
  },
} as const satisfies Record<string, ProviderInfo>;

export type ProviderName = keyof typeof PROVIDERS;

/** The provider of a model whose server is named by `base_url` and whose prefix is none of ours. */
export const OPENAI_COMPATIBLE = 'openai-compatible';

/** Azure's other way to say where its server is: the resource's name in `https://<name>.openai.azure.com`. */
export const AZURE_RESOURCE_VARIABLE = 'AZURE_RESOURCE_NAME';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is known of a provider, or undefined where it is not one of ours. */
export function findProvider(name: string): ProviderInfo | undefined {
  return Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name as ProviderName] : undefined;
}

/** The provider's API key from the environment, or undefined. */
export function findApiKey(provider: string, environment: Environment): string | undefined {
  return firstSet(findProvider(provider)?.keyVariables ?? [], environment);
}

/**
 * Where calls for a model go: its own `base_url`, else the provider's variable, else the provider's default.
 * Without a trailing slash; for Ollama with `/v1` where only a host was given. Undefined for Azure without either.
 */
export function resolveBaseUrl(
  provider: string,
  baseUrl: string | undefined,
  environment: Environment,
): string | undefined {
  const info = findProvider(provider);
  const given = baseUrl ?? firstSet(info?.baseUrlVariables ?? [], environment);
  if (given === undefined) return info?.defaultBaseUrl;
  return (provider === 'ollama' ? completeOllamaUrl(given) : given).replace(/\/+$/, '');
}

/** True where the provider's server asks for a key: it has one, and `baseUrl` (as resolved) is its own host. */
export function needsApiKey(provider: string, baseUrl: string | undefined): boolean {
  const info = findProvider(provider);
  if (!info || info.keyVariables.length === 0) return false;
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return true;
  const { hostname } = new URL(baseUrl);
  return info.hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`));
}

function firstSet(names: readonly string[], environment: Environment): string | undefined {
  for (const name of names) {
    const value = environment[name]?.trim();
    if (value) return value;
  }
  return undefined;
}

/** `OLLAMA_HOST` may be `host`, `host:port` or a URL; `0.0.0.0` is where a server listens, not where it is called. */
function completeOllamaUrl(given: string): string {
  const isUrl = /^https?:\/\//i.test(given);
  const address = isUrl ? given : `http://${given.replace(/^:/, '127.0.0.1:')}`;
  if (!URL.canParse(address)) return given;
  const url = new URL(address);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (!isUrl && url.port === '') url.port = '11434';
  if (url.pathname === '/') url.pathname = '/v1';
  return url.href;
}
