import { createAzure } from '@ai-sdk/azure';
import { PLACEHOLDER_KEY, type Connection } from '../connection.js';
import { openAIOptions } from './openai-options.js';
import type { Provider } from './provider.js';

/** Azure's OpenAI service; the model's name is the deployment's. */
export function createProvider({ baseUrl, apiKey = PLACEHOLDER_KEY, api, apiVersion, fetch }: Connection): Provider {
  // A dated version belongs to the older address, which names the deployment: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
  const isDated = /^\d{4}-\d\d-\d\d/.test(apiVersion ?? '') && api === 'chat';
  const azure = createAzure({
    baseURL: completeAzureUrl(baseUrl),
    apiKey,
    fetch,
    ...(isDated && apiVersion !== undefined && { apiVersion, useDeploymentBasedUrls: true }),
  });
  return {
    // The package hands chat calls to OpenAI's classes, which look under their own name.
    optionsName: api === 'responses' ? 'azure' : 'openai',
    namesOptionsItself: true,
    strictSchemas: true,
    ...openAIOptions(api),
    createModel: (modelId) => (api === 'responses' ? azure.responses(modelId) : azure.chat(modelId)),
  };
}

/** An endpoint as Azure's portal shows it is only a host; a deployment's address holds more than the package wants. */
function completeAzureUrl(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (!url.hostname.endsWith('.azure.com')) return baseUrl;
  const path = url.pathname.replace(/\/openai\/deployments\/.*$/, '/openai').replace(/\/+$/, '');
  return `${url.origin}${path === '' ? '/openai' : path}`;
}
