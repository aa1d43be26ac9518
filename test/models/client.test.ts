import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ModelDefinition } from '../../src/definition/types.js';
import { after, createGate, startProviderServer, text, toolCalls } from '../helpers/provider-server.js';
import { createModelClient } from '../../src/models/client.js';
import { ask, modelOf, openScene, WEATHER_TOOL } from './scene.js';

describe('an answer', () => {
  it('is plain JSON with text, reason, model, tokens and cost', async () => {
    await using scene = await openScene([
      text('Hi.', { usage: { input: 1000, output: 100, cached: 800, reasoning: 20 } }),
    ]);
    const answer = await scene.call();
    expect(answer).toStrictEqual({
      content: [{ type: 'text', text: 'Hi.' }],
      finishReason: 'stop',
      model: 'openai/gpt-4o',
      spend: {
        usage: { inputTokens: 1000, outputTokens: 100, cachedInputTokens: 800, reasoningTokens: 20, requests: 1 },
        costUsd: 0.0025,
        unpricedRequests: 0,
      },
    });
    expect(JSON.parse(JSON.stringify(answer))).toStrictEqual(answer);
    expect(scene.notices).toEqual([]);
    scene.server.assertDone();
  });

  it('holds parallel tool calls in the order of the model, arguments as they were sent', async () => {
    await using scene = await openScene([
      toolCalls(
        [
          { id: 'call_a', name: 'weather', arguments: { city: 'Oslo' } },
          { id: 'call_b', name: 'weather', arguments: '{"city": bad' },
          { id: 'call_c', name: 'now', arguments: '' },
        ],
        { content: 'Let me look.' },
      ),
    ]);
    const answer = await scene.call({ request: ask('Weather?', { tools: [WEATHER_TOOL] }) });
    expect(answer.finishReason).toBe('tool-calls');
    expect(answer.content).toStrictEqual([
      { type: 'text', text: 'Let me look.' },
      { type: 'tool-call', toolCallId: 'call_a', toolName: 'weather', input: '{"city":"Oslo"}' },
      { type: 'tool-call', toolCallId: 'call_b', toolName: 'weather', input: '{"city": bad' },
      { type: 'tool-call', toolCallId: 'call_c', toolName: 'now', input: '{}' },
    ]);
  });

  it('says that it was cut', async () => {
    await using scene = await openScene([text('Once upon', { finishReason: 'length' })]);
    expect((await scene.call()).finishReason).toBe('length');
  });

  it('keeps what was said before a content filter stepped in, with the reason', async () => {
    await using scene = await openScene([text('It is', { finishReason: 'content_filter' })]);
    expect(await scene.call()).toMatchObject({
      content: [{ type: 'text', text: 'It is' }],
      finishReason: 'content-filter',
    });
  });

  it('counts 0 tokens and no price where the server does not say', async () => {
    await using scene = await openScene([text('Hi.', { usage: null })]);
    expect((await scene.call()).spend).toEqual({
      usage: { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0, requests: 1 },
      costUsd: 0,
      unpricedRequests: 1,
    });
  });
});

describe('a request', () => {
  it('sends the conversation, tools and nothing that was not asked for', async () => {
    await using scene = await openScene([text('Mild.')]);
    await scene.call({
      request: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: [{ type: 'text', text: 'Weather in Oslo?' }] },
          {
            role: 'assistant',
            content: [{ type: 'tool-call', toolCallId: 'call_a', toolName: 'weather', input: { city: 'Oslo' } }],
          },
          {
            role: 'tool',
            content: [
              {
                type: 'tool-result',
                toolCallId: 'call_a',
                toolName: 'weather',
                output: { type: 'text', value: '12 degrees' },
              },
            ],
          },
        ],
        tools: [WEATHER_TOOL],
        toolChoice: 'required',
        responseSchema: { name: 'ignored', schema: { type: 'object' } },
      },
    });
    const [request] = scene.server.requests;
    expect(request?.path).toBe('/v1/chat/completions');
    expect(request?.headers.authorization).toBe('Bearer sk-test-key-1234567890');
    expect(request?.body).toStrictEqual({
      model: 'gpt-4o',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Weather in Oslo?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ type: 'function', id: 'call_a', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
        },
        { role: 'tool', tool_call_id: 'call_a', content: '12 degrees' },
      ],
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'Weather of a city',
            parameters: WEATHER_TOOL.inputSchema,
            strict: true,
          },
        },
      ],
      tool_choice: 'required',
    });
  });

  it('asks for JSON of a schema, strict where OpenAI can be', async () => {
    await using scene = await openScene([text('{}'), text('{}')]);
    const closed = {
      type: 'object',
      properties: { title: { type: 'string' } },
      required: ['title'],
      additionalProperties: false,
    };
    const open = { type: 'object', properties: { title: { type: 'string' }, note: { type: 'string' } } };
    await scene.call({ request: ask('Title?', { responseSchema: { name: 'article', schema: closed } }) });
    await scene.call({ request: ask('Title?', { responseSchema: { name: 'article', schema: open } }) });
    expect(scene.server.requests.map(({ body }) => body['response_format'])).toStrictEqual([
      { type: 'json_schema', json_schema: { name: 'article', schema: closed, strict: true } },
      { type: 'json_schema', json_schema: { name: 'article', schema: open, strict: false } },
    ]);
  });

  it('leaves out `strict` for a tool with optional arguments', async () => {
    await using scene = await openScene([text('Hi.')]);
    const tool = {
      ...WEATHER_TOOL,
      inputSchema: { type: 'object', properties: { city: { type: 'string' } } } as const,
    };
    await scene.call({ request: ask('Hi?', { tools: [tool] }) });
    expect(scene.server.requests[0]?.body.tools?.[0]?.function).toStrictEqual({
      name: 'weather',
      description: 'Weather of a city',
      parameters: tool.inputSchema,
    });
  });

  it('passes on every setting', async () => {
    await using scene = await openScene([text('Hi.')]);
    await scene.call({
      model: {
        temperature: 0.2,
        topP: 0.9,
        maxTokens: 300,
        seed: 7,
        stop: ['END', 'STOP'],
        headers: { 'X-Team': 'research', authorization: 'Bearer gateway' },
        options: { parallel_tool_calls: false, user: 'someone' },
      },
    });
    const [request] = scene.server.requests;
    expect(request?.body).toStrictEqual({
      model: 'gpt-4o',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello?' },
      ],
      temperature: 0.2,
      top_p: 0.9,
      max_tokens: 300,
      seed: 7,
      stop: ['END', 'STOP'],
      parallel_tool_calls: false,
      user: 'someone',
    });
    expect(request?.headers['x-team']).toBe('research');
    expect(request?.headers.authorization).toBe('Bearer gateway');
  });

  it('sends the system message as such to reasoning models too', async () => {
    await using scene = await openScene([text('Hi.')]);
    await scene.call({ models: [modelOf('openai/o4-mini', { maxTokens: 50, options: { reasoningEffort: 'low' } })] });
    expect(scene.server.requests[0]?.body).toStrictEqual({
      model: 'o4-mini',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello?' },
      ],
      max_completion_tokens: 50,
      reasoning_effort: 'low',
    });
  });

  it('needs no key for a server that is not the provider’s own', async () => {
    await using scene = await openScene([text('Hi.')], { env: { OPENAI_API_KEY: undefined } });
    await scene.call();
    expect(scene.server.requests[0]?.headers.authorization).toBe('Bearer none');
  });

  it('goes to the model’s own base URL with its own key', async () => {
    await using scene = await openScene([]);
    const other = await startProviderServer([text('Hi.')]);
    await scene.call({ model: { baseUrl: other.url, apiKey: 'sk-other' } });
    await other.close();
    expect(other.requests[0]?.headers.authorization).toBe('Bearer sk-other');
    expect(scene.server.requests).toEqual([]);
  });

  it('is refused without a key before anything is sent', async () => {
    const client = createModelClient({ env: {} });
    const calling = client.call([modelOf('openai/gpt-4o')], ask('Hi?'), {
      signal: new AbortController().signal,
      onNotice: () => undefined,
    });
    await expect(calling).rejects.toMatchObject({
      trouble: 'auth',
      message: 'openai/gpt-4o: there is no API key',
      hint: 'Set OPENAI_API_KEY.',
    });
  });
});

describe('calls at the same time', () => {
  it('do not wait for each other', async () => {
    const gate = createGate();
    await using scene = await openScene(() => after(gate.opened, text('Hi.')));
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const calls = Promise.all(Array.from({ length: 40 }, () => scene.call({ signal })));
    await scene.server.waitForRequests(40);
    gate.open();
    expect(await calls).toHaveLength(40);
    expect(scene.server.peakInFlight).toBe(40);
  });
});

it('sends a key of the environment to no address that a file names on another machine', async () => {
  const seen: (string | null)[] = [];
  const fetch: typeof globalThis.fetch = async (_input, init) => {
    seen.push(new Headers(init?.headers).get('authorization'));
    throw new TypeError('fetch failed');
  };
  const env = { OPENAI_API_KEY: 'sk-test-key-1234567890' };
  const client = createModelClient({ env, fetch });
  const call = (model: ModelDefinition) =>
    client
      .call([model], ask('Hi.'), { signal: new AbortController().signal, onNotice: () => undefined })
      .catch((error: unknown) => error);
  const foreign = { baseUrl: 'https://models.example.com/v1', maxRetries: 0 };
  await call(modelOf('openai/x', foreign));
  await call(modelOf('openai/x', { ...foreign, apiKey: 'mine' }));
  await call(modelOf('openai/x', { baseUrl: 'http://localhost:1234/v1', maxRetries: 0 }));
  await call(modelOf('openai/x', { maxRetries: 0 }));
  expect(seen).toEqual([
    'Bearer none',
    'Bearer mine',
    'Bearer sk-test-key-1234567890',
    'Bearer sk-test-key-1234567890',
  ]);
});
