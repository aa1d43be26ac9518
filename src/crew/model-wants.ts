import { everyoneIn, fieldOf } from '../definition/crew-agents.js';
import { findApiKey, findProvider, needsApiKey, resolveBaseUrl } from '../definition/providers.js';
import type { CrewDefinition, GuardrailDefinition, ModelDefinition } from '../definition/types.js';
import { isLoopback } from '../models/connection.js';
import { describeSentSecrets } from './sent-secrets.js';
import type { FoundWant, WantSources } from './want.js';

interface UsedModels {
  readonly place: string;
  readonly models: readonly ModelDefinition[] | undefined;
}

/** What it is to send secrets of the user along with calls of models, to hosts that only the definition, or its `.env`, names. */
export function modelWants(at: WantSources): FoundWant[] {
  return listModels(at.definition).flatMap(({ place, models = [] }) =>
    models.flatMap((model) => sentWith(model, at).map((text) => ({ place, text }))),
  );
}

function sentWith(model: ModelDefinition, { definition, processEnvironment }: WantSources): string[] {
  const { environment } = definition;
  const { provider, baseUrl: written, modelId, headers = {} } = model;
  const url = resolveBaseUrl(provider, written, environment);
  if (url === undefined || !URL.canParse(url)) return [];
  const { hostname, host } = new URL(url);
  if (isLoopback(hostname) || needsApiKey(provider, url)) return [];
  const values = [url, modelId, ...Object.values(headers)];
  if (written !== undefined)
    return describeSentSecrets({ to: host, values: [...values, model.apiKey ?? ''] }, definition);
  const isOfUser = findProvider(provider)?.baseUrlVariables.some((name) => processEnvironment[name]?.trim());
  if (isOfUser) return [];
  // A key that stands in that very file was put there for that address.
  const key = model.apiKey ?? findApiKey(provider, processEnvironment) ?? '';
  return describeSentSecrets({ to: host, values: [...values, key] }, definition);
}

function listModels(definition: CrewDefinition): UsedModels[] {
  const { tasks, planning, chatModels } = definition;
  const judges = (holder: string, guardrails: readonly GuardrailDefinition[]): UsedModels[] =>
    guardrails.flatMap((guardrail) =>
      guardrail.kind === 'sentence' ? [{ place: `${holder}.guardrails`, models: guardrail.models }] : [],
    );
  return [
    ...everyoneIn(definition).flatMap((agent) => {
      const field = fieldOf(agent, definition);
      const { models, functionCallingModels, guardrails } = agent;
      return [
        { place: `${field}.llm`, models },
        { place: `${field}.function_calling_llm`, models: functionCallingModels },
        ...judges(field, guardrails),
      ];
    }),
    ...tasks.flatMap(({ key, guardrails }) => judges(`tasks.${key}`, guardrails)),
    { place: 'planning_llm', models: planning?.models },
    { place: 'chat_llm', models: chatModels },
  ];
}
