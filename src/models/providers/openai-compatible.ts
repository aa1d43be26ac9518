import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { Connection } from '../connection.js';
import type { Provider } from './provider.js';

/**
 * Any server that speaks OpenAI's chat completions: Ollama, OpenRouter, or one given by its base URL. Servers without
 * structured outputs pass over the response schema; the answer is validated anyway.
 */
export function createProvider({ provider, baseUrl, apiKey, fetch }: Connection): Provider {
  const server = createOpenAICompatible({
    name: provider,
    baseURL: baseUrl,
    fetch,
    supportsStructuredOutputs: true,
    // Without it a stream tells no tokens.
    includeUsage: true,
    ...(apiKey !== undefined && { apiKey }),
  });
  return {
    optionsName: provider,
    namesOptionsItself: false,
    strictSchemas: true,
    createModel: (modelId) => server.chatModel(modelId),
  };
}
