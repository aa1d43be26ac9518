import { describe, expect, it } from 'vitest';
import { createModelClient } from '../../src/models/client.js';
import type { ModelAnswer } from '../../src/models/model.js';
import { PROVIDERS } from '../../src/models/providers/registry.js';
import type { ModelDefinition } from '../../src/definition/types.js';
import { raw, startProviderServer, text, type RecordedRequest, type ServerAnswer } from '../helpers/provider-server.js';
import { ask, modelOf, WEATHER_TOOL } from './scene.js';

const SCHEMA = {
  type: 'object',
  properties: { title: { type: 'string' }, note: { type: 'string' } },
  required: ['title'],
};

interface Exchange {
  readonly requests: readonly RecordedRequest[];
  readonly answers: readonly ModelAnswer[];
}

/** One call with a tool and one with a response schema. */
async function exchange(
  reference: string,
  answer: ServerAnswer,
  model: Partial<ModelDefinition> = {},
  env: Record<string, string> = {},
): Promise<Exchange> {
  const server = await startProviderServer(() => answer);
  const client = createModelClient({ env });
  const options = { signal: new AbortController().signal, onNotice: () => undefined };
  const settings = { baseUrl: server.url, apiKey: 'test-key', maxTokens: 50, ...model };
  const models = [modelOf(reference, settings)];
  try {
    const answers = [
      await client.call(models, ask('Weather?', { tools: [WEATHER_TOOL], toolChoice: 'required' }), options),
      await client.call(models, ask('Title?', { responseSchema: { name: 'article', schema: SCHEMA } }), options),
    ];
    return { requests: server.requests, answers };
  } finally {
    await server.close();
  }
}

const HELLO = [{ type: 'text', text: 'Hello.' }];
const MESSAGES = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Weather?' },
];

describe('providers that speak chat completions', () => {
  it.each([
    [
      'openai',
      '/v1/chat/completions',
      { type: 'json_schema', json_schema: { name: 'article', schema: SCHEMA, strict: false } },
    ],
    [
      'ollama',
      '/v1/chat/completions',
      { type: 'json_schema', json_schema: { name: 'article', schema: SCHEMA, strict: false } },
    ],
    [
      'openrouter',
      '/v1/chat/completions',
      { type: 'json_schema', json_schema: { name: 'article', schema: SCHEMA, strict: false } },
    ],
    [
      'openai-compatible',
      '/v1/chat/completions',
      { type: 'json_schema', json_schema: { name: 'article', schema: SCHEMA, strict: false } },
    ],
    [
      'groq',
      '/v1/chat/completions',
      { type: 'json_schema', json_schema: { name: 'article', schema: SCHEMA, strict: false } },
    ],
    [
      'mistral',
      '/v1/chat/completions',
      { type: 'json_schema', json_schema: { name: 'article', schema: SCHEMA, strict: false } },
    ],
    ['deepseek', '/v1/chat/completions', { type: 'json_object' }],
    [
      'xai',
      '/v1/chat/completions',
      { type: 'json_schema', json_schema: { name: 'article', schema: SCHEMA, strict: true } },
    ],
    [
      'azure',
      '/v1/chat/completions',
      { type: 'json_schema', json_schema: { name: 'article', schema: SCHEMA, strict: false } },
    ],
  ])('%s sends its request and reads the answer', async (provider, path, responseFormat) => {
    const { requests, answers } = await exchange(`${provider}/some-model`, text('Hello.'));
    expect(answers.map(({ content }) => content)).toStrictEqual([HELLO, HELLO]);
    expect(answers[0]?.spend.usage).toMatchObject({ inputTokens: 10, outputTokens: 5, requests: 1 });
    const [withTool, withSchema] = requests;
    expect(withTool?.path).toBe(path);
    expect(withTool?.body).toMatchObject({
      model: 'some-model',
      [provider === 'xai' ? 'max_completion_tokens' : 'max_tokens']: 50,
    });
    const messages = withTool?.body.messages.map(({ role, content }) => ({ role, content: plain(content) }));
    expect(messages).toEqual(MESSAGES);
    expect(withTool?.body.tools?.map((tool) => tool.function.name)).toEqual(['weather']);
    expect(withTool?.body['response_format']).toBeUndefined();
    expect(withSchema?.body['response_format']).toStrictEqual(responseFormat);
    const { authorization, 'api-key': apiKey } = withTool?.headers ?? {};
    expect(provider === 'azure' ? apiKey : authorization).toBe(provider === 'azure' ? 'test-key' : 'Bearer test-key');
  });

  it('Ollama needs neither a key nor /v1', async () => {
    const server = await startProviderServer([text('Hello.')]);
    const client = createModelClient({ env: { OLLAMA_HOST: server.url.slice('http://'.length, -'/v1'.length) } });
    await client.call([modelOf('ollama/llama3')], ask('Hi?'), {
      signal: new AbortController().signal,
      onNotice: () => undefined,
    });
    await server.close();
    expect(server.requests[0]?.path).toBe('/v1/chat/completions');
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('a server that is only compatible gets options in its body as they are written', async () => {
    const { requests } = await exchange('ollama/llama3', text('Hello.'), { options: { keep_alive: '5m' } });
    expect(requests[0]?.body['keep_alive']).toBe('5m');
  });

  it('keeps the reasoning of an answer', async () => {
    const message = { role: 'assistant', content: 'Hello.', reasoning_content: 'They greet.' };
    const { answers } = await exchange(
      'deepseek/deepseek-reasoner',
      raw({ id: 'x', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] }),
    );
    expect(answers[0]?.content).toStrictEqual([{ type: 'reasoning', text: 'They greet.' }, ...HELLO]);
  });

  it('Azure’s older addresses name deployment and version', async () => {
    const { requests } = await exchange('azure/my-deployment', text('Hello.'), {}, { AZURE_API_VERSION: '2024-10-21' });
    expect(requests[0]?.path).toBe('/v1/deployments/my-deployment/chat/completions?api-version=2024-10-21');
  });
});

describe('OpenAI’s responses API', () => {
  const answer = raw({
    id: 'resp_1',
    created_at: 1_700_000_000,
    model: 'gpt-5',
    output: [
      { type: 'reasoning', id: 'rs_1', encrypted_content: 'sealed', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      {
        type: 'message',
        role: 'assistant',
        id: 'msg_1',
        content: [{ type: 'output_text', text: 'Hello.', annotations: [] }],
      },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' },
    ],
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 3 },
    },
  });

  it.each(['openai', 'azure'])(
    'is used by %s with `api: responses`; nothing is left at the provider',
    async (provider) => {
      const { requests, answers } = await exchange(`${provider}/gpt-5`, answer, { api: 'responses' });
      expect(requests[0]?.path).toBe('/v1/responses');
      expect(requests[0]?.body).toMatchObject({
        model: 'gpt-5',
        store: false,
        include: ['reasoning.encrypted_content'],
        max_output_tokens: 50,
        tool_choice: 'required',
        input: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
        ],
        tools: [{ type: 'function', name: 'weather', strict: true }],
      });
      expect(requests[1]?.body['text']).toMatchObject({ format: { type: 'json_schema', strict: false } });
      expect(answers[0]?.content.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool-call']);
      expect(answers[0]?.content[0]).toMatchObject({
        text: 'Hm.',
        providerMetadata: { [provider]: { itemId: 'rs_1', reasoningEncryptedContent: 'sealed' } },
      });
      expect(answers[0]?.spend.usage).toEqual({
        inputTokens: 10,
        outputTokens: 5,
        cachedInputTokens: 4,
        reasoningTokens: 3,
        requests: 1,
      });
    },
  );

  it('says of every tool that is not strict that it is not', async () => {
    const server = await startProviderServer([answer]);
    const client = createModelClient({ env: {} });
    const tool = { ...WEATHER_TOOL, inputSchema: { type: 'object', properties: { city: {} } } as const };
    const model = modelOf('openai/gpt-5', { baseUrl: server.url, api: 'responses' });
    await client.call([model], ask('Weather?', { tools: [tool] }), {
      signal: new AbortController().signal,
      onNotice: () => undefined,
    });
    await server.close();
    expect(server.requests[0]?.body.tools).toMatchObject([{ name: 'weather', strict: false }]);
  });
});

describe('Anthropic', () => {
  it('speaks its messages API and keeps the signatures of reasoning', async () => {
    const { requests, answers } = await exchange(
      'anthropic/claude-sonnet-4-5',
      raw({
        type: 'message',
        id: 'msg_1',
        model: 'claude-sonnet-4-5',
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'They ask.', signature: 'signed' },
          { type: 'text', text: 'Hello.' },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 6, cache_read_input_tokens: 3, cache_creation_input_tokens: 1, output_tokens: 5 },
      }),
    );
    const [request] = requests;
    expect(request?.path).toBe('/v1/messages');
    expect(request?.headers['x-api-key']).toBe('test-key');
    expect(request?.body).toMatchObject({
      model: 'claude-sonnet-4-5',
      max_tokens: 50,
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Weather?' }] }],
      tools: [{ name: 'weather', input_schema: WEATHER_TOOL.inputSchema }],
      tool_choice: { type: 'any' },
    });
    expect(answers[0]).toMatchObject({
      finishReason: 'tool-calls',
      content: [
        { type: 'reasoning', text: 'They ask.', providerMetadata: { anthropic: { signature: 'signed' } } },
        { type: 'text', text: 'Hello.' },
        { type: 'tool-call', toolCallId: 'toolu_1', toolName: 'weather', input: '{"city":"Oslo"}' },
      ],
      spend: { usage: { inputTokens: 10, cachedInputTokens: 3, outputTokens: 5 }, unpricedRequests: 0 },
    });
  });
});

describe('Google', () => {
  it.each(['google', 'gemini'])(
    'speaks the Gemini API as %s and keeps the signatures of thoughts',
    async (provider) => {
      const { requests, answers } = await exchange(
        `${provider}/gemini-2.5-flash`,
        raw({
          candidates: [
            {
              content: {
                role: 'model',
                parts: [
                  { text: 'Hello.' },
                  { functionCall: { name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: 'signed' },
                ],
              },
              finishReason: 'STOP',
            },
          ],
          usageMetadata: {
            promptTokenCount: 10,
            candidatesTokenCount: 5,
            totalTokenCount: 15,
            cachedContentTokenCount: 4,
          },
        }),
      );
      const [request] = requests;
      expect(request?.path).toBe('/v1/models/gemini-2.5-flash:generateContent');
      expect(request?.headers['x-goog-api-key']).toBe('test-key');
      expect(request?.body).toMatchObject({
        generationConfig: { maxOutputTokens: 50 },
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
        contents: [{ role: 'user', parts: [{ text: 'Weather?' }] }],
        tools: [{ functionDeclarations: [{ name: 'weather' }] }],
        toolConfig: { functionCallingConfig: { mode: 'ANY' } },
      });
      expect(requests[1]?.body['generationConfig']).toMatchObject({ responseMimeType: 'application/json' });
      expect(answers[0]?.content).toMatchObject([
        { type: 'text', text: 'Hello.' },
        {
          type: 'tool-call',
          toolName: 'weather',
          input: '{"city":"Oslo"}',
          providerMetadata: { google: { thoughtSignature: 'signed' } },
        },
      ]);
      expect(answers[0]?.spend).toMatchObject({
        usage: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 5 },
        unpricedRequests: 0,
      });
    },
  );
});

it('every provider of the definition has a file, and the tests above call it', () => {
  expect(Object.keys(PROVIDERS).toSorted()).toEqual([
    'anthropic',
    'azure',
    'deepseek',
    'gemini',
    'google',
    'groq',
    'mistral',
    'ollama',
    'openai',
    'openai-compatible',
    'openrouter',
    'xai',
  ]);
});

/** Some packages send a text as a list of one part. */
function plain(content: unknown): unknown {
  return Array.isArray(content) && content.length === 1 ? (content[0] as { text: unknown }).text : content;
}
