import { everyoneIn } from '../definition/crew-agents.js';
import type { CrewDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import type { ModelClient } from '../models/model.js';

/** Rejects with UsageError where the crew has a budget, and models whose price is unknown: it could not be kept. */
export async function checkBudgetPrices(
  {
    agents,
    manager,
    planning,
    limits,
  }: Pick<CrewDefinition, 'agents' | 'manager' | 'limits'> & Partial<Pick<CrewDefinition, 'planning'>>,
  client: Pick<ModelClient, 'price'>,
): Promise<void> {
  if (limits.budgetUsd === undefined) return;
  const models = everyoneIn({ agents, manager }).flatMap((agent) => [
    ...agent.models,
    ...(agent.functionCallingModels ?? []),
  ]);
  const unpriced = new Set<string>();
  for (const model of [...models, ...(planning?.models ?? [])]) {
    if ((await client.price(model, { inputTokens: 1, outputTokens: 1 })) === null) unpriced.add(model.reference);
  }
  if (unpriced.size === 0) return;
  throw new UsageError(`a budget needs prices, and none is known of ${[...unpriced].join(', ')}`, {
    hint: PRICE_HINT,
  });
}

/** How a model gets a price. */
export const PRICE_HINT =
  'Say what it costs under models, in US dollars per million tokens: price: { input: …, output: … } (0 where it is free).';
