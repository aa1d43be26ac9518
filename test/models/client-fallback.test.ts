import { expect, it } from 'vitest';
import { failure, text, type ChatRequestBody, type ServerAnswer } from '../helpers/provider-server.js';
import { modelOf, openScene, shown } from './scene.js';

const MODELS = [modelOf('openai/gpt-4o', { maxRetries: 0 }), modelOf('openai/gpt-4.1', { maxRetries: 0 })];

function answerByModel(answers: Readonly<Record<string, ServerAnswer>>) {
  return ({ model }: ChatRequestBody): ServerAnswer => answers[model] ?? failure(500, `no answer for ${model}`);
}

it.each([
  ['a server that fails', failure(503), 'openai/gpt-4o: 503 Service Unavailable; going on with openai/gpt-4.1'],
  ['a rate limit', failure(429), 'openai/gpt-4o: 429 Too Many Requests; going on with openai/gpt-4.1'],
  ['a lack of quota', failure(402), 'openai/gpt-4o: 402 Payment Required; going on with openai/gpt-4.1'],
])('goes on with the next model after %s, and says so', async (_trouble, answer, notice) => {
  await using scene = await openScene(answerByModel({ 'gpt-4o': answer, 'gpt-4.1': text('Hi.') }));
  const { model } = await scene.call({ models: MODELS });
  expect(model).toBe('openai/gpt-4.1');
  expect(scene.notices).toEqual([notice]);
});

it.each([
  ['a refused key', failure(401)],
  ['a refused request', failure(400)],
  ['an unknown model', failure(404)],
  ['a content filter', text('', { finishReason: 'content_filter' })],
])('does not go on after %s', async (_trouble, answer) => {
  await using scene = await openScene(answerByModel({ 'gpt-4o': answer, 'gpt-4.1': text('Hi.') }));
  await scene.fail({ models: MODELS });
  expect(scene.server.requests).toHaveLength(1);
});

it('tries a model as often as it may before it goes on', async () => {
  await using scene = await openScene(answerByModel({ 'gpt-4o': failure(500), 'gpt-4.1': text('Hi.') }));
  await scene.call({ models: [modelOf('openai/gpt-4o', { maxRetries: 1 }), modelOf('openai/gpt-4.1')] });
  expect(scene.notices).toMatchInlineSnapshot(`
    [
      "openai/gpt-4o: 500 Internal Server Error; trying again in 500 ms (2 of 2)",
      "openai/gpt-4o: 500 Internal Server Error; going on with openai/gpt-4.1",
    ]
  `);
});

it('names all models when none answered', async () => {
  await using scene = await openScene(answerByModel({ 'gpt-4o': failure(503), 'gpt-4.1': failure(401, 'No.') }));
  expect(shown(await scene.fail({ models: MODELS }))).toMatchInlineSnapshot(`
    "openai/gpt-4.1: access was refused (401 Unauthorized): No.; tried before: openai/gpt-4o (503 Service Unavailable)
    → Check OPENAI_API_KEY."
  `);
});

it('begins with the first model again at the next call', async () => {
  await using scene = await openScene([failure(503), text('one'), text('two')]);
  await scene.call({ models: MODELS });
  await scene.call({ models: MODELS });
  expect(scene.server.requests.map(({ body }) => body.model)).toEqual(['gpt-4o', 'gpt-4.1', 'gpt-4o']);
});
