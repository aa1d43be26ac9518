import { expect, it } from 'vitest';
import { emptyChoices, failure, raw, reset, text, type ServerAnswer } from '../helpers/provider-server.js';
import { ask, modelOf, openScene, shown, WEATHER_TOOL } from './scene.js';

const HTML =
  '<!doctype html><html><head><title>502 Bad Gateway</title><style>a{}</style></head><body>nginx</body></html>';

async function read(answer: ServerAnswer): Promise<string> {
  await using scene = await openScene(() => answer);
  const error = await scene.fail();
  expect(scene.server.requests).toHaveLength(error.attempts);
  return `${error.trouble}\n${shown(error)}`;
}

it('names a refused key', async () => {
  const body = { error: { message: 'Incorrect API key provided: sk-test-key-1234567890.', code: 'invalid_api_key' } };
  expect(await read(failure(401, body))).toMatchInlineSnapshot(`
    "auth
    openai/gpt-4o: access was refused (401 Unauthorized): Incorrect API key provided: [redacted:api-key].
    → Check OPENAI_API_KEY."
  `);
});

it('names a key that is refused with a 400', async () => {
  expect(await read(failure(400, 'API key not valid. Please pass a valid API key.'))).toMatchInlineSnapshot(`
    "auth
    openai/gpt-4o: access was refused (400 Bad Request): API key not valid. Please pass a valid API key.
    → Check OPENAI_API_KEY."
  `);
});

it('names missing access', async () => {
  expect(await read(failure(403, 'Your region is not supported.'))).toMatchInlineSnapshot(`
    "auth
    openai/gpt-4o: access was refused (403 Forbidden): Your region is not supported.
    → Check OPENAI_API_KEY."
  `);
});

it('names an unknown model', async () => {
  expect(await read(failure(404, 'The model `gpt-9` does not exist.'))).toMatchInlineSnapshot(`
    "not-found
    openai/gpt-4o: no such model or address (404 Not Found): The model \`gpt-9\` does not exist.
    → Check the model's name, and base_url if one is set (most servers want it to end in /v1)."
  `);
});

it('names a refused request', async () => {
  expect(await read(failure(400, "Unsupported value: 'temperature' must be 1."))).toMatchInlineSnapshot(`
    "bad-request
    openai/gpt-4o: the request was refused (400 Bad Request): Unsupported value: 'temperature' must be 1.
    → Check the settings of the model in the crew file."
  `);
});

it('reads the validation errors of a FastAPI server', async () => {
  const body = { detail: [{ loc: ['body', 'seed'], msg: 'Input should be a valid integer', type: 'int_type' }] };
  expect(await read(failure(422, body))).toMatchInlineSnapshot(`
    "bad-request
    openai/gpt-4o: the request was refused (422 Unprocessable Entity): Input should be a valid integer
    → Check the settings of the model in the crew file."
  `);
});

it('does not try a conflict again', async () => {
  expect(await read(failure(409, 'Conflict with another request.'))).toMatchInlineSnapshot(`
    "bad-request
    openai/gpt-4o: the request was refused (409 Conflict): Conflict with another request.
    → Check the settings of the model in the crew file."
  `);
});

it('names a conversation that is too long', async () => {
  expect(await read(failure(400, "This model's maximum context length is 128000 tokens."))).toMatchInlineSnapshot(`
    "context-length
    openai/gpt-4o: the request is too long for this model (400 Bad Request): This model's maximum context length is 128000 tokens.
    → Shorten inputs and context, or choose a model with a larger context window."
  `);
});

it.each([
  ['OpenAI', { error: { message: 'Too much.', type: 'invalid_request_error', code: 'context_length_exceeded' } }],
  ['OpenAI, for a text', { error: { message: 'Invalid content.', code: 'string_above_max_length' } }],
  ['Anthropic', 'prompt is too long: 200001 tokens > 200000 maximum'],
  ['Anthropic, with the answer', 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000'],
  ['Google', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'],
  ['vLLM', 'The decoder prompt (length 9000) is longer than the maximum model length of 8192.'],
  ['llama.cpp', 'the request exceeds the available context size (4096 tokens), try increasing it'],
  ['Ollama', 'input length exceeds maximum context length'],
  ['Mistral', 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length'],
  ['xAI', "This model's maximum prompt length is 131072 but the request contains 140000 tokens."],
  ['LM Studio', 'The model is loaded with context length of only 4096 tokens, which is not enough.'],
  ['Bedrock', 'Input is too long for requested model.'],
])('knows the words of %s for a request that is too long', async (_provider, body) => {
  expect((await read(failure(400, body))).split('\n')[0]).toBe('context-length');
});

it.each([
  'max_tokens is too large: 99999. This model supports at most 16384 completion tokens.',
  'Request too large for model m on tokens per minute (TPM): Limit 6000, Requested 8000.',
])('does not take other limits for it: %s', async (words) => {
  expect((await read(failure(400, words))).split('\n')[0]).toBe('bad-request');
});

it('names an account without quota, and does not try again', async () => {
  const body = {
    error: { message: 'You exceeded your current quota.', type: 'insufficient_quota', code: 'insufficient_quota' },
  };
  expect(await read(failure(429, body, { 'retry-after': '2' }))).toMatchInlineSnapshot(`
    "quota
    openai/gpt-4o: the account is over its quota (429 Too Many Requests): You exceeded your current quota.
    → Check plan and billing of the openai account, or name a second model: llm: [openai/gpt-4o, …]"
  `);
  expect(await read(failure(402, 'Payment required'))).toMatchInlineSnapshot(`
    "quota
    openai/gpt-4o: the account is over its quota (402 Payment Required): Payment required
    → Check plan and billing of the openai account, or name a second model: llm: [openai/gpt-4o, …]"
  `);
});

it('names a rate limit, also where its words speak of billing', async () => {
  expect(await read(failure(429, 'Rate limit reached. Add a payment method to your account under billing.')))
    .toMatchInlineSnapshot(`
    "rate-limit
    openai/gpt-4o: the rate limit was reached (429 Too Many Requests, 4 attempts): Rate limit reached. Add a payment method to your account under billing.
    → Wait and go on later, lower --concurrency, or name a second model: llm: [openai/gpt-4o, …]"
  `);
});

it('names a server that fails', async () => {
  expect(await read(failure(503, 'The engine is overloaded.'))).toMatchInlineSnapshot(`
    "server
    openai/gpt-4o: the provider failed (503 Service Unavailable, 4 attempts): The engine is overloaded.
    → Go on later, or name a second model: llm: [openai/gpt-4o, …]"
  `);
});

it('shows the title of an error page', async () => {
  expect(await read(raw(HTML, { status: 502 }))).toMatchInlineSnapshot(`
    "server
    openai/gpt-4o: the provider failed (502 Bad Gateway, 4 attempts): 502 Bad Gateway
    → Go on later, or name a second model: llm: [openai/gpt-4o, …]"
  `);
});

it('shows the title of a page that comes instead of an answer', async () => {
  expect(await read(raw(HTML.replace('502 Bad Gateway', 'Welcome')))).toMatchInlineSnapshot(`
    "bad-response
    openai/gpt-4o: the answer cannot be read (200 OK, 4 attempts): an HTML page, "Welcome"
    → Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1)."
  `);
});

it('names garbage', async () => {
  expect(await read(raw('\u0000\u0001garbage'))).toMatchInlineSnapshot(`
    "bad-response
    openai/gpt-4o: the answer cannot be read (200 OK, 4 attempts): not in the form of an answer: garbage
    → Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1)."
  `);
});

it('names an empty body', async () => {
  expect(await read(raw(''))).toMatchInlineSnapshot(`
    "bad-response
    openai/gpt-4o: the answer cannot be read (200 OK, 4 attempts): an empty body
    → Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1)."
  `);
});

it('names an answer without choices', async () => {
  expect(await read(emptyChoices)).toMatchInlineSnapshot(`
    "bad-response
    openai/gpt-4o: the answer cannot be read (4 attempts): Response did not contain any choices.
    → Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1)."
  `);
});

it('names a connection that is closed', async () => {
  expect(await read(reset)).toMatchInlineSnapshot(`
    "network
    openai/gpt-4o: the connection failed (http://127.0.0.1:PORT, 4 attempts): the server closed the connection
    → Check the network connection, and base_url if one is set."
  `);
});

it('names a content filter that left nothing', async () => {
  expect(await read(text('', { finishReason: 'content_filter' }))).toMatchInlineSnapshot(`
    "content-filter
    openai/gpt-4o: the provider's content filter stopped the answer
    → Change the words of the task, or choose another model."
  `);
  expect(await read(failure(400, { error: { message: 'The prompt was filtered.', code: 'content_filter' } })))
    .toMatchInlineSnapshot(`
    "content-filter
    openai/gpt-4o: the provider's content filter stopped the answer (400 Bad Request): The prompt was filtered.
    → Change the words of the task, or choose another model."
  `);
});

it("shows a model's refusal in its own words", async () => {
  const message = { role: 'assistant', content: null, refusal: "I'm sorry, I cannot\nhelp with that." };
  expect(await read(raw({ choices: [{ index: 0, message, finish_reason: 'stop' }] }))).toMatchInlineSnapshot(`
    "content-filter
    openai/gpt-4o: the provider's content filter stopped the answer: I'm sorry, I cannot help with that.
    → Change the words of the task, or choose another model."
  `);
});

it('names a model that cannot call tools', async () => {
  await using scene = await openScene([
    failure(400, 'registry.ollama.ai/library/gemma:2b does not support tools'),
    failure(404, 'No endpoints found that support tool use.'),
  ]);
  const request = ask('Weather?', { tools: [WEATHER_TOOL] });
  const { url } = scene.server;
  expect(shown(await scene.fail({ models: [modelOf('ollama/gemma:2b', { baseUrl: url })], request })))
    .toMatchInlineSnapshot(`
    "ollama/gemma:2b: this model cannot call tools (400 Bad Request): registry.ollama.ai/library/gemma:2b does not support tools
    → Choose a model that can call tools, or give this agent neither tools nor delegation."
  `);
  expect(shown(await scene.fail({ models: [modelOf('openrouter/x/y', { baseUrl: url })], request })))
    .toMatchInlineSnapshot(`
    "openrouter/x/y: this model cannot call tools (404 Not Found): No endpoints found that support tool use.
    → Choose a model that can call tools, or give this agent neither tools nor delegation."
  `);
});

it('says how to get a model that Ollama does not have', async () => {
  await using scene = await openScene([failure(404, 'model "llama9" not found, try pulling it first')]);
  const error = await scene.fail({ models: [modelOf('ollama/llama9', { baseUrl: scene.server.url })] });
  expect(shown(error)).toMatchInlineSnapshot(`
    "ollama/llama9: no such model or address (404 Not Found): model "llama9" not found, try pulling it first
    → Get the model with: ollama pull llama9"
  `);
});

it('says how to start Ollama', async () => {
  await using scene = await openScene([]);
  await scene.server.close();
  const error = await scene.fail({ models: [modelOf('ollama/llama3', { baseUrl: scene.server.url })] });
  expect(`${error.trouble}\n${shown(error)}`).toMatchInlineSnapshot(`
    "network
    ollama/llama3: the connection failed (http://127.0.0.1:PORT, 4 attempts): connection refused
    → Start the server with: ollama serve"
  `);
});

it('names a host that does not exist', async () => {
  const cause = Object.assign(new Error('getaddrinfo ENOTFOUND api.nowhere.example'), { code: 'ENOTFOUND' });
  await using scene = await openScene([], { fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) });
  const error = await scene.fail({ model: { baseUrl: 'https://user:secret@api.nowhere.example/v1?key=secret' } });
  expect(shown(error)).toMatchInlineSnapshot(`
    "openai/gpt-4o: the connection failed (https://api.nowhere.example, 4 attempts): host name not found
    → Check the network connection, and base_url if one is set."
  `);
});

it('names a server without TLS', async () => {
  await using scene = await openScene([]);
  const error = await scene.fail({ model: { baseUrl: scene.server.url.replace('http:', 'https:'), maxRetries: 0 } });
  expect(error.trouble).toBe('network');
  expect(shown(error)).toMatchInlineSnapshot(`
    "openai/gpt-4o: the connection failed (https://127.0.0.1:PORT): TLS failed: ERR_SSL_WRONG_VERSION_NUMBER
    → Check that base_url says https only for a server that has it, and NODE_EXTRA_CA_CERTS for a certificate of your own."
  `);
});

it('names a base URL that is none', async () => {
  await using scene = await openScene([]);
  expect(shown(await scene.fail({ model: { baseUrl: 'localhost' } }))).toMatchInlineSnapshot(`
    "openai/gpt-4o: the base URL is not a URL
    → Set the model's base_url or OPENAI_BASE_URL."
  `);
  expect(shown(await scene.fail({ models: [modelOf('azure/gpt-4o')] }))).toMatchInlineSnapshot(`
    "azure/gpt-4o: no base URL is set
    → Set the model's base_url or AZURE_API_BASE."
  `);
});

it('shortens what the provider says and hides key and headers in it', async () => {
  const said = `Refused: sk-test-key-1234567890 with header-value-99. ${'Words. '.repeat(35)}sk-test-key-1234567890 and more of it`;
  await using scene = await openScene([failure(400, said)]);
  const error = await scene.fail({ model: { headers: { 'x-team': 'header-value-99' } } });
  expect(error.message.length).toBeLessThan(370);
  expect(error.message).toMatchInlineSnapshot(
    `"openai/gpt-4o: the request was refused (400 Bad Request): Refused: [redacted:api-key] with [redacted:api-key]. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. Words. […"`,
  );
});
