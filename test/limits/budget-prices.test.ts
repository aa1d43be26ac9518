import { expect, it } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { createModelClient } from '../../src/models/client.js';
import { checkBudgetPrices } from '../../src/limits/budget-prices.js';
import { createAgent, createDefinition } from '../helpers/definitions.js';
import { modelOf } from '../models/scene.js';

const client = createModelClient({ env: {} });
const local = createAgent({ key: 'local', models: [modelOf('openai/gpt-4.1-mini'), modelOf('ollama/llama3')] });
const manager = createAgent({ key: 'manager', models: [modelOf('openai/made-up-model')] });

it('names each model without a price, fallbacks and the manager too', async () => {
  const definition = createDefinition({ agents: [local], manager, limits: { budgetUsd: 1 } });
  const error: unknown = await checkBudgetPrices(definition, client).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  const { message, hint } = error as UsageError;
  expect(`\n${message}\n${hint}\n`).toMatchInlineSnapshot(`
    "
    a budget needs prices, and none is known of ollama/llama3, openai/made-up-model
    Say what it costs under models, in US dollars per million tokens: price: { input: …, output: … } (0 where it is free).
    "
  `);
});

it('is content where all prices are known, or there is no budget', async () => {
  const priced = createAgent({ key: 'a', models: [modelOf('ollama/llama3', { price: { input: 0, output: 0 } })] });
  await checkBudgetPrices(createDefinition({ agents: [priced], limits: { budgetUsd: 1 } }), client);
  await checkBudgetPrices(createDefinition({ agents: [local], manager }), client);
});
