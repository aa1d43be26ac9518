import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { PLACEHOLDER_KEY, type Connection } from '../connection.js';
import type { Provider } from './provider.js';

/** Google's Gemini API. */
export function createProvider({ baseUrl, apiKey = PLACEHOLDER_KEY, fetch }: Connection): Provider {
  const google = createGoogleGenerativeAI({ baseURL: baseUrl, apiKey, fetch });
  return {
    optionsName: 'google',
    namesOptionsItself: true,
    strictSchemas: false,
    createModel: (modelId) => google.chat(modelId),
  };
}
