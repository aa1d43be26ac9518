import { describe, expect, it } from 'vitest';
import { createModelClient } from '../../src/models/client.js';
import type { AnswerListener, ModelAnswer } from '../../src/models/model.js';
import {
  chunkOf,
  createGate,
  event,
  failure,
  inParts,
  raw,
  type ServerAnswer,
  startProviderServer,
  STREAM_END,
  text,
  toolCalls,
} from '../helpers/provider-server.js';
import { ask, modelOf, openScene, shown, WEATHER_TOOL } from './scene.js';

/** What a listener was told: `|` for the beginning of an attempt. */
function createListener(): AnswerListener & { readonly told: string[] } {
  const told: string[] = [];
  return { told, onBegin: () => void told.push('|'), onText: (piece) => void told.push(piece) };
}

const SSE = { headers: { 'content-type': 'text/event-stream' } };

describe('a streamed call', () => {
  it.each<[string, ServerAnswer]>([
    ['a text', text('The sun is a star.', { usage: { input: 100, output: 6, cached: 40, reasoning: 2 } })],
    ['a text that was cut', text('The sun', { finishReason: 'length' })],
    [
      'a text and tool calls',
      toolCalls([{ id: 'a', name: 'weather', arguments: { city: 'Ulm' } }], { content: 'Wait.' }),
    ],
    [
      'tool calls',
      toolCalls([
        { id: 'a', name: 'weather', arguments: { city: 'Ulm' } },
        { id: 'b', name: 'weather', arguments: '' },
      ]),
    ],
    ['nothing', text('')],
    ['a text whose tokens the server does not count', text('Yes.', { usage: null })],
  ])('gives the same as one that is not: %s', async (_, answer) => {
    for (const model of ['openai/gpt-4o', 'ollama/qwen']) {
      const server = await startProviderServer(() => answer);
      const client = createModelClient({ env: {} });
      const models = [modelOf(model, { baseUrl: server.url, apiKey: 'key' })];
      const options = { signal: new AbortController().signal, onNotice: () => undefined };
      const request = ask('Weather?', { tools: [WEATHER_TOOL] });
      const whole = await client.call(models, request, options);
      const streamed = await client.call(models, request, { ...options, listener: createListener() });
      expect([model, streamed]).toEqual([model, whole]);
      await server.close();
    }
  });

  it('gives the same as one that is not where the messages have a form of their own', async () => {
    const usage = { input_tokens: 10, output_tokens: 5 };
    const message = { id: 'm', type: 'message', role: 'assistant', model: 'claude', stop_sequence: null };
    const thinking = { type: 'thinking', thinking: 'Hm.', signature: 'abc' };
    const call = { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Ulm' } };
    const content = [thinking, { type: 'text', text: 'Wait.' }, call];
    const whole = raw({ ...message, content, stop_reason: 'tool_use', usage });
    const events = [
      { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } },
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'abc' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Wait.' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'content_block_start', index: 2, content_block: { ...call, input: {} } },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"city":"Ulm"}' } },
      { type: 'content_block_stop', index: 2 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage },
      { type: 'message_stop' },
    ];
    const server = await startProviderServer([whole, raw(events.map(event).join(''), SSE)]);
    const client = createModelClient({ env: {} });
    const models = [modelOf('anthropic/claude-sonnet-4-5', { baseUrl: server.url, apiKey: 'key' })];
    const options = { signal: new AbortController().signal, onNotice: () => undefined };
    const request = ask('Weather?', { tools: [WEATHER_TOOL] });
    const answer = await client.call(models, request, options);
    const listener = createListener();
    expect(await client.call(models, request, { ...options, listener })).toEqual(answer);
    expect(answer.content.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool-call']);
    expect(listener.told).toEqual(['|', 'Wait.']);
    await server.close();
  });

  it('tells the text piece by piece as it comes, and asks the server to count the tokens', async () => {
    const gate = createGate();
    await using scene = await openScene([inParts(chunkOf('The '), gate.opened, chunkOf('sun.') + STREAM_END)]);
    const listener = createListener();
    const onText = (piece: string): void => {
      listener.onText(piece);
      gate.open();
    };
    const answer = await scene.call({ listener: { ...listener, onText } });
    expect(listener.told).toEqual(['|', 'The ', 'sun.']);
    expect(answer.content).toEqual([{ type: 'text', text: 'The sun.' }]);
    expect(scene.server.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('asks servers that are compatible with OpenAI to count the tokens too', async () => {
    await using scene = await openScene([text('Yes.')]);
    const models = [modelOf('ollama/qwen', { baseUrl: scene.server.url })];
    const answer = await scene.call({ models, listener: createListener() });
    expect(scene.server.requests[0]?.body['stream_options']).toEqual({ include_usage: true });
    expect(answer.spend.usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
  });

  it('keeps reasoning apart from the text', async () => {
    const stream = chunkOf({ reasoning_content: 'Let me ' }) + chunkOf({ reasoning_content: 'see.' }) + chunkOf('Yes.');
    await using scene = await openScene([raw(stream + STREAM_END, SSE)]);
    const listener = createListener();
    const models = [modelOf('ollama/qwen', { baseUrl: scene.server.url })];
    expect((await scene.call({ models, listener })).content).toEqual([
      { type: 'reasoning', text: 'Let me see.' },
      { type: 'text', text: 'Yes.' },
    ]);
    expect(listener.told).toEqual(['|', 'Yes.']);
  });
});

describe('a stream that goes wrong', () => {
  const broken: readonly [string, ServerAnswer, string][] = [
    [
      'ends in the middle',
      raw(chunkOf('The ') + chunkOf('su'), SSE),
      'openai/gpt-4o: the answer cannot be read; trying again in 500 ms (2 of 4)',
    ],
    [
      'breaks off',
      { kind: 'cut-off', body: chunkOf('The '), ending: 'close' },
      'openai/gpt-4o: the connection failed; trying again in 500 ms (2 of 4)',
    ],
    [
      'holds what is no chunk',
      raw(`${chunkOf('The ')}data: {"choices":[{\n\n${STREAM_END}`, SSE),
      'openai/gpt-4o: the answer cannot be read; trying again in 500 ms (2 of 4)',
    ],
    [
      'holds an error',
      raw(chunkOf('The ') + event({ error: { message: 'The engine is overloaded', type: 'server_error' } }), SSE),
      'openai/gpt-4o: the provider failed; trying again in 500 ms (2 of 4)',
    ],
    [
      'holds an error about the rate',
      raw(chunkOf('The ') + event({ error: { message: 'Slow down', type: 'x', code: 'rate_limit_exceeded' } }), SSE),
      'openai/gpt-4o: the rate limit was reached; trying again in 500 ms (2 of 4)',
    ],
    ['is refused at first', failure(503), 'openai/gpt-4o: 503 Service Unavailable; trying again in 500 ms (2 of 4)'],
  ];

  it.each(broken)('is made again as a whole where it %s', async (_, answer, notice) => {
    await using scene = await openScene([answer, text('A star.')]);
    const listener = createListener();
    expect((await scene.call({ listener })).content).toEqual([{ type: 'text', text: 'A star.' }]);
    expect(scene.notices).toEqual([notice]);
    expect(listener.told.join('').split('|').at(-1)).toBe('A star.');
    expect(listener.told.filter((piece) => piece === '|')).toHaveLength(2);
    scene.server.assertDone();
  });

  it('fails with what the provider said, without another try where that is of no use', async () => {
    const error = {
      message: 'You exceeded your current quota',
      type: 'insufficient_quota',
      code: 'insufficient_quota',
    };
    await using scene = await openScene([raw(chunkOf('The ') + event({ error }), SSE)]);
    expect(shown(await scene.fail({ listener: createListener() }))).toMatchInlineSnapshot(`
      "openai/gpt-4o: the account is over its quota: You exceeded your current quota
      → Check plan and billing of the openai account, or name a second model: llm: [openai/gpt-4o, …]"
    `);
  });

  it('says that it ended too early where it always does', async () => {
    await using scene = await openScene(() => raw(chunkOf('The '), SSE));
    expect(shown(await scene.fail({ listener: createListener(), model: { maxRetries: 0 } }))).toMatchInlineSnapshot(`
      "openai/gpt-4o: the answer cannot be read: its stream ended before the answer did
      → Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1)."
    `);
  });

  it('goes on with the next model', async () => {
    await using scene = await openScene([raw(chunkOf('The '), SSE), text('A star.')]);
    const models = [modelOf('openai/gpt-4o', { maxRetries: 0 }), modelOf('openai/gpt-4.1')];
    const listener = createListener();
    expect((await scene.call({ models, listener })).model).toBe('openai/gpt-4.1');
    expect(listener.told).toEqual(['|', 'The ', '|', 'A ', 'star.']);
  });

  it('ends with the time that a call has, also where it never stops', async () => {
    const server = await startProviderServer(() => inParts(chunkOf('The '), new Promise(() => undefined), ''));
    const client = createModelClient({ env: { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: server.url } });
    const models = [modelOf('openai/gpt-4o', { timeoutMs: 50, maxRetries: 0 })];
    const options = { signal: new AbortController().signal, onNotice: () => undefined, listener: createListener() };
    await expect(client.call(models, ask('Sun?'), options)).rejects.toThrow('openai/gpt-4o: no answer in time (50 ms)');
    await server.waitUntilIdle();
    await server.close();
  });

  it('stops with the run, and tells nothing more', async () => {
    const gate = createGate();
    await using scene = await openScene([inParts(chunkOf('The '), gate.opened, chunkOf('sun.') + STREAM_END)]);
    const controller = new AbortController();
    const told: string[] = [];
    const onText = (piece: string): void => {
      told.push(piece);
      controller.abort(new Error('stopped'));
      gate.open();
    };
    const call: Promise<ModelAnswer> = scene.call({
      signal: controller.signal,
      listener: { onBegin: () => undefined, onText },
    });
    await expect(call).rejects.toThrow('stopped');
    await scene.server.waitUntilIdle();
    expect(told).toEqual(['The ']);
  });
});
