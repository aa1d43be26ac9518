import { createOpenAI } from '@ai-sdk/openai';
import { PLACEHOLDER_KEY, type Connection } from '../connection.js';
import { openAIOptions } from './openai-options.js';
import type { Provider } from './provider.js';

/** OpenAI, and servers that are called through it, over the chat-completions API; over the responses API with `api: responses`. */
export function createProvider({ baseUrl, apiKey = PLACEHOLDER_KEY, api, fetch }: Connection): Provider {
  const openai = createOpenAI({ baseURL: baseUrl, apiKey, fetch });
  return {
    optionsName: 'openai',
    namesOptionsItself: true,
    strictSchemas: true,
    ...openAIOptions(api),
    createModel: (modelId) => (api === 'responses' ? openai.responses(modelId) : openai.chat(modelId)),
  };
}
