import { expect, it } from 'vitest';
import { NO_SPEND, type Spend } from '../../src/util/spend.js';
import { failure, raw, text } from '../helpers/provider-server.js';
import { modelOf, openScene } from './scene.js';

/** Dollars are tokens: one for each of the request, ten for each of the answer. */
const PRICE = { input: 1_000_000, output: 10_000_000 };

/** An answer without anything in it, which DeepSeek counts all the same. */
function exhausted(usage: object | undefined = { prompt_tokens: 7, completion_tokens: 1 }) {
  const message = { role: 'assistant', content: '' };
  return raw({ choices: [{ index: 0, message, finish_reason: 'insufficient_system_resource' }], usage });
}

const deepseek = (baseUrl: string, more = {}) =>
  modelOf('deepseek/deepseek-chat', { baseUrl, apiKey: 'test-key', price: PRICE, maxRetries: 1, ...more });

function spend(inputTokens: number, outputTokens: number, costUsd: number, requests = 0): Spend {
  return { ...NO_SPEND, costUsd, usage: { ...NO_SPEND.usage, inputTokens, outputTokens, requests } };
}

it('of attempts whose answers cannot be used is part of what the call took', async () => {
  await using scene = await openScene([exhausted(), text('Hi.')]);
  const answer = await scene.call({ models: [deepseek(scene.server.url)] });
  expect(answer.spend).toEqual(spend(17, 6, 77, 1));
  scene.server.assertDone();
});

it('of a model that gave up is part of what its fallback took', async () => {
  await using scene = await openScene([exhausted(), exhausted(), text('Hi.')]);
  const models = [deepseek(scene.server.url), modelOf('openai/gpt-4o', { price: PRICE })];
  expect((await scene.call({ models })).spend).toEqual(spend(24, 7, 94, 1));
});

it('stands on the error of a call that failed, fallbacks included', async () => {
  await using scene = await openScene([exhausted(), exhausted(), failure(401)]);
  const error = await scene.fail({ models: [deepseek(scene.server.url), modelOf('openai/gpt-4o')] });
  expect(error.trouble).toBe('auth');
  expect(error.spend).toEqual(spend(14, 2, 34));
});

it('is kept where the fallback could not be called at all', async () => {
  await using scene = await openScene([exhausted()]);
  const models = [deepseek(scene.server.url, { maxRetries: 0 }), modelOf('groq/llama')];
  expect((await scene.fail({ models })).spend).toEqual(spend(7, 1, 17));
});

it.each([
  ['a content filter', text('', { finishReason: 'content_filter' })],
  [
    'a refusal in words',
    raw({
      choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: 'No.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    }),
  ],
])('of %s is that of its tokens', async (_answer, given) => {
  await using scene = await openScene([given]);
  expect((await scene.fail({ model: { price: PRICE } })).spend).toEqual(spend(10, 5, 60));
});

it('is unknown where the provider does not say, and none where nothing was answered', async () => {
  await using scene = await openScene([text('', { finishReason: 'content_filter', usage: null }), failure(401)]);
  expect((await scene.fail()).spend).toEqual({ ...NO_SPEND, unpricedRequests: 1 });
  expect((await scene.fail()).spend).toBeUndefined();
});

it('is told to whoever admits the next attempt', async () => {
  const asked: string[] = [];
  await using scene = await openScene([exhausted(), failure(500), exhausted(), text('Hi.')]);
  await scene.call({
    models: [deepseek(scene.server.url, { maxRetries: 2 }), modelOf('openai/gpt-4o', { price: PRICE })],
    admit: async ({ modelId }, spent) => void asked.push(`${modelId} after $${spent.costUsd}`),
  });
  expect(asked).toEqual(['deepseek-chat after $0', 'deepseek-chat after $17', 'gpt-4o after $34']);
});
