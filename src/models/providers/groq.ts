import { createGroq } from '@ai-sdk/groq';
import { PLACEHOLDER_KEY, type Connection } from '../connection.js';
import type { Provider } from './provider.js';

/** Groq's chat-completions API. */
export function createProvider({ baseUrl, apiKey = PLACEHOLDER_KEY, fetch }: Connection): Provider {
  const groq = createGroq({ baseURL: baseUrl, apiKey, fetch });
  return {
    optionsName: 'groq',
    namesOptionsItself: true,
    strictSchemas: true,
    createModel: (modelId) => groq(modelId),
  };
}
