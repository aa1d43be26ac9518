import { expect, it } from 'vitest';
import { after, createGate, cutOff, failure, hang, startProviderServer, text, toolCalls } from './provider-server.js';

const BODY = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };

function post(url: string, body: object = BODY): Promise<Response> {
  return fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
}

it('answers in order and records what was asked', async () => {
  const server = await startProviderServer([text('one'), failure(503, 'busy', { 'retry-after': '3' })]);
  expect(server.owed).toBe(2);
  expect(await (await post(server.url)).json()).toMatchObject({ choices: [{ message: { content: 'one' } }] });
  const second = await post(server.url);
  expect([second.status, second.headers.get('retry-after')]).toEqual([503, '3']);
  expect(server.requests.map(({ path, body }) => ({ path, body }))).toEqual([
    { path: '/v1/chat/completions', body: BODY },
    { path: '/v1/chat/completions', body: BODY },
  ]);
  server.assertDone();
  await server.close();
});

it('fails loudly on a request beyond the script, and says what is owed', async () => {
  const server = await startProviderServer([text('one')]);
  expect(() => server.assertDone()).toThrow('1 answers of the script are still owed');
  await post(server.url);
  expect((await post(server.url)).status).toBe(500);
  expect(() => server.assertDone()).toThrow(
    'request 2 to /v1/chat/completions is unexpected: the script has 1 answers',
  );
  await server.close();
});

it('answers by a function, holds answers back, and counts what is in flight', async () => {
  const gate = createGate();
  const server = await startProviderServer((_body, index) => after(gate.opened, text(`answer ${index}`)));
  const posts = Promise.all([post(server.url), post(server.url), post(server.url)]);
  await server.waitForRequests(3);
  gate.open();
  expect((await posts).map(({ status }) => status)).toEqual([200, 200, 200]);
  await (await post(server.url)).text();
  expect(server.peakInFlight).toBe(3);
  await server.close();
});

it('streams text and tool calls as server-sent events', async () => {
  const server = await startProviderServer([
    toolCalls([{ id: 'call_a', name: 'add', arguments: { a: 1 } }], { content: 'Two words' }),
  ]);
  const response = await post(server.url, { ...BODY, stream: true });
  const lines = (await response.text()).split('\n\n').filter((line) => line !== '');
  await server.close();
  expect(lines.pop()).toBe('data: [DONE]');
  type Chunk = { choices: { delta: object; finish_reason: string | null }[]; usage?: object };
  const chunks = lines.map((line) => JSON.parse(line.slice('data: '.length)) as Chunk);
  expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta))).toEqual([
    { role: 'assistant', content: '' },
    { content: 'Two ' },
    { content: 'words' },
    { tool_calls: [{ id: 'call_a', type: 'function', index: 0, function: { name: 'add', arguments: '{"a"' } }] },
    { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
    {},
  ]);
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('tool_calls');
  expect(chunks.at(-1)?.usage).toMatchObject({ total_tokens: 15 });
});

it('cuts answers off, and closes while one hangs', async () => {
  const server = await startProviderServer([cutOff(), hang]);
  await expect(post(server.url).then((response) => response.text())).rejects.toThrow();
  const hanging = post(server.url).catch((error: Error) => error.message);
  await server.waitForRequests(2);
  await server.close();
  expect(await hanging).toBe('fetch failed');
});
