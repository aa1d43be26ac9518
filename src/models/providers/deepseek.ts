import { createDeepSeek } from '@ai-sdk/deepseek';
import { PLACEHOLDER_KEY, type Connection } from '../connection.js';
import type { Provider } from './provider.js';

/** DeepSeek's chat-completions API. */
export function createProvider({ baseUrl, apiKey = PLACEHOLDER_KEY, fetch }: Connection): Provider {
  const deepseek = createDeepSeek({ baseURL: baseUrl, apiKey, fetch });
  return {
    optionsName: 'deepseek',
    namesOptionsItself: true,
    strictSchemas: true,
    createModel: (modelId) => deepseek.chat(modelId),
  };
}
