import { createXai } from '@ai-sdk/xai';
import { PLACEHOLDER_KEY, type Connection } from '../connection.js';
import type { Provider } from './provider.js';

/** xAI's chat-completions API. */
export function createProvider({ baseUrl, apiKey = PLACEHOLDER_KEY, fetch }: Connection): Provider {
  const xai = createXai({ baseURL: baseUrl, apiKey, fetch });
  return {
    optionsName: 'xai',
    namesOptionsItself: true,
    strictSchemas: false,
    createModel: (modelId) => xai.chat(modelId),
  };
}
