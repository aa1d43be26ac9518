import { expect, it } from 'vitest';
import { LimitError } from '../../src/errors.js';
import { createModelClient } from '../../src/models/client.js';
import { createManualClock } from '../helpers/manual-clock.js';
import { failure, text } from '../helpers/provider-server.js';
import { modelOf, NOW, openScene } from './scene.js';

const MODELS = [modelOf('openai/gpt-4o', { maxRetries: 1 }), modelOf('openai/gpt-4.1')];

it('asks once for each model, and before every attempt', async () => {
  const asked: string[] = [];
  await using scene = await openScene(({ model }) => (model === 'gpt-4o' ? failure(500) : text('Hi.')));
  await scene.call({
    models: MODELS,
    admit: async ({ modelId }) => void asked.push(`admit ${modelId}`),
    beforeAttempt: async ({ modelId }) => void asked.push(`attempt ${modelId}`),
  });
  expect(asked).toEqual(['admit gpt-4o', 'attempt gpt-4o', 'attempt gpt-4o', 'admit gpt-4.1', 'attempt gpt-4.1']);
});

it.each(['admit', 'beforeAttempt'] as const)('ends with what %s rejects with: no retry, no fallback', async (hook) => {
  const refusal = new LimitError('enough');
  await using scene = await openScene([]);
  await expect(scene.call({ models: MODELS, [hook]: () => Promise.reject(refusal) })).rejects.toBe(refusal);
  expect(scene.notices).toEqual([]);
  scene.server.assertDone();
});

it('gives its turn back, and waits again, where the model was paused while it waited for it', async () => {
  const clock = createManualClock(NOW);
  const turns: number[] = [];
  const givenBack: number[] = [];
  let takeTurn = (): void => undefined;
  const turn = new Promise<void>((resolve) => (takeTurn = resolve));
  await using scene = await openScene([failure(429, 'slow down', { 'retry-after': '7' }), text('Hi.')], { clock });
  const calling = scene.call({
    beforeAttempt: async () => {
      turns.push(clock.now() - NOW);
      if (turns.length === 1) await turn;
      return { giveBack: async () => void givenBack.push(clock.now() - NOW) };
    },
  });
  await scene.fail({ model: { maxRetries: 0 } });
  takeTurn();
  await clock.untilAsleep(1);
  clock.advance(7000);
  await calling;
  expect(turns).toEqual([0, 7000]);
  expect(givenBack).toEqual([0]);
});

it('prices a call before it is made', async () => {
  const client = createModelClient({ env: {} });
  const tokens = { inputTokens: 1_000_000, outputTokens: 100_000 };
  expect(await client.price(modelOf('x/y', { price: { input: 3, output: 15, cachedInput: 0 } }), tokens)).toBe(4.5);
  expect(await client.price(modelOf('openai/gpt-4.1-mini'), tokens)).toBeCloseTo(0.56);
  expect(await client.price(modelOf('ollama/llama3'), tokens)).toBeNull();
});
