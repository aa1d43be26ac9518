import { createMistral } from '@ai-sdk/mistral';
import { PLACEHOLDER_KEY, type Connection } from '../connection.js';
import type { Provider } from './provider.js';

/** Mistral's chat-completions API. */
export function createProvider({ baseUrl, apiKey = PLACEHOLDER_KEY, fetch }: Connection): Provider {
  const mistral = createMistral({ baseURL: baseUrl, apiKey, fetch });
  return {
    optionsName: 'mistral',
    namesOptionsItself: true,
    strictSchemas: true,
    createModel: (modelId) => mistral.chat(modelId),
  };
}
