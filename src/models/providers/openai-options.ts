import type { Connection } from '../connection.js';
import type { Provider } from './provider.js';

/** What holds wherever OpenAI's models are served. */
export function openAIOptions(api: Connection['api']): Pick<Provider, 'defaultOptions' | 'strictTools'> {
  return {
    defaultOptions: {
      // The API takes `system` for every model; many servers that are compatible know no `developer`.
      systemMessageMode: 'system',
      // The journal holds the conversation: nothing may depend on what the provider keeps.
      ...(api === 'responses' && { store: false }),
    },
    // The responses API makes tools strict by itself, and optional arguments required, where nothing is said.
    strictTools: api === 'responses' ? 'always-said' : 'where-possible',
  };
}
