import { createAnthropic } from '@ai-sdk/anthropic';
import { PLACEHOLDER_KEY, type Connection } from '../connection.js';
import type { Provider } from './provider.js';

/** Anthropic's messages API. */
export function createProvider({ baseUrl, apiKey = PLACEHOLDER_KEY, fetch }: Connection): Provider {
  const anthropic = createAnthropic({ baseURL: baseUrl, apiKey, fetch });
  return {
    optionsName: 'anthropic',
    namesOptionsItself: true,
    strictSchemas: false,
    createModel: (modelId) => anthropic.chat(modelId),
  };
}
