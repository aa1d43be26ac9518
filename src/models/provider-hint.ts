import { findProvider } from '../definition/providers.js';
import type { ModelDefinition } from '../definition/types.js';
import type { Failure } from './failure.js';

const SECOND_MODEL = (model: ModelDefinition) => `or name a second model: llm: [${model.reference}, …]`;

/** One sentence on what to do about a failure. */
export function hintFor(failure: Failure, model: ModelDefinition): string {
  switch (failure.trouble) {
    case 'auth':
      return keyHint(model, 'Check');
    case 'not-found':
      return model.provider === 'ollama'
        ? `Get the model with: ollama pull ${model.modelId}`
        : "Check the model's name, and base_url if one is set (most servers want it to end in /v1).";
    case 'bad-request':
      return 'Check the settings of the model in the crew file.';
    case 'context-length':
      return 'Shorten inputs and context, or choose a model with a larger context window.';
    case 'quota':
      return `Check plan and billing of the ${model.provider} account, ${SECOND_MODEL(model)}`;
    case 'rate-limit':
      return `Wait and go on later, lower --concurrency, ${SECOND_MODEL(model)}`;
    case 'server':
      return `Go on later, ${SECOND_MODEL(model)}`;
    case 'network':
      return networkHint(failure, model);
    case 'timeout':
      return `Raise the model's timeout, ${SECOND_MODEL(model)}`;
    case 'bad-response':
      return 'Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1).';
    case 'content-filter':
      return 'Change the words of the task, or choose another model.';
    case 'no-tools':
      return 'Choose a model that can call tools, or give this agent neither tools nor delegation.';
  }
}

/** One sentence that names where the model's key comes from. */
export function keyHint(model: ModelDefinition, verb: 'Check' | 'Set'): string {
  const variables = findProvider(model.provider)?.keyVariables ?? [];
  if (model.apiKey === undefined && model.baseUrl !== undefined) {
    return `Write api_key: \${NAME} beside base_url: a key of the environment is not sent to an address in a file by itself.`;
  }
  if (model.apiKey !== undefined || variables.length === 0) return `${verb} the model's api_key.`;
  return `${verb} ${variables.join(' or ')}.`;
}

function networkHint({ words }: Failure, model: ModelDefinition): string {
  if (model.provider === 'ollama') return 'Start the server with: ollama serve';
  if (words.startsWith('TLS')) {
    return 'Check that base_url says https only for a server that has it, and NODE_EXTRA_CA_CERTS for a certificate of your own.';
  }
  return 'Check the network connection, and base_url if one is set.';
}
