import { hasKeyHeader } from '../definition/missing-keys.js';
import type { FetchFunction } from '@ai-sdk/provider-utils';
import {
  AZURE_RESOURCE_VARIABLE,
  findApiKey,
  findProvider,
  needsApiKey,
  resolveBaseUrl,
} from '../definition/providers.js';
import type { ModelDefinition } from '../definition/types.js';
import { ProviderError } from '../errors.js';
import { keyHint } from './provider-hint.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a provider's server is reached. */
export interface Connection {
  readonly provider: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Undefined: the server needs none. */
  readonly apiKey: string | undefined;
  readonly api: 'chat' | 'responses';
  /** Azure only. */
  readonly apiVersion: string | undefined;
  readonly fetch: FetchFunction;
}

/** Sent where a package insists on a key and the server does not. */
export const PLACEHOLDER_KEY = 'none';

/** How to reach the model's server. Throws ProviderError where the address or a needed key is missing. */
export function resolveConnection(model: ModelDefinition, env: Environment, fetch: FetchFunction): Connection {
  const { provider, reference, api = 'chat' } = model;
  const baseUrl =
    resolveBaseUrl(provider, model.baseUrl, env) ?? (provider === 'azure' ? azureResourceUrl(env) : undefined);
  if (baseUrl === undefined || !URL.canParse(baseUrl)) {
    const variable = provider === 'azure' ? 'AZURE_API_BASE' : findProvider(provider)?.baseUrlVariables[0];
    throw new ProviderError(
      `${reference}: ${baseUrl === undefined ? 'no base URL is set' : 'the base URL is not a URL'}`,
      {
        trouble: 'not-found',
        model: reference,
        hint: `Set the model's base_url${variable === undefined ? '' : ` or ${variable}`}.`,
      },
    );
  }
  const apiKey = model.apiKey ?? (mayHaveKeyOf(model, baseUrl) ? findApiKey(provider, env) : undefined);
  if (apiKey === undefined && needsApiKey(provider, baseUrl) && !hasKeyHeader(model)) {
    throw new ProviderError(`${reference}: there is no API key`, {
      trouble: 'auth',
      model: reference,
      hint: keyHint(model, 'Set'),
    });
  }
  return { provider, baseUrl, apiKey, api, apiVersion: env['AZURE_API_VERSION'], fetch };
}

/**
 * A key of the environment goes to the provider's own host, to an address that the environment names too, and to this
 * machine. An address in a file, which may be somebody else's, gets only the key that the file names for it.
 */
function mayHaveKeyOf({ provider, baseUrl: written }: ModelDefinition, baseUrl: string): boolean {
  return written === undefined || needsApiKey(provider, baseUrl) || isLoopback(new URL(baseUrl).hostname);
}

/** True for the name of this machine, as URLs have it. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function azureResourceUrl(env: Environment): string | undefined {
  const name = env[AZURE_RESOURCE_VARIABLE];
  return name ? `https://${name}.openai.azure.com` : undefined;
}
