import { describe, expect, it } from 'vitest';
import { canRead } from '../../src/definition/readable-files.js';
import type { ModelDefinition } from '../../src/definition/types.js';
import { createModelClient } from '../../src/models/client.js';
import { PROVIDERS } from '../../src/models/providers/registry.js';
import { startProviderServer, text } from '../helpers/provider-server.js';
import { PDF, PNG } from '../helpers/sample-files.js';
import { ask, modelOf } from './scene.js';

/** The content of the user message that a provider's package sends for a file; undefined where it sends nothing. */
async function sentFor(
  provider: string,
  kind: 'image' | 'pdf',
  settings: Partial<ModelDefinition> = {},
): Promise<unknown> {
  const server = await startProviderServer(() => text('Seen.'));
  const client = createModelClient({ env: {} });
  const file =
    kind === 'pdf'
      ? { type: 'file' as const, data: PDF, mediaType: 'application/pdf', filename: 'report.pdf' }
      : { type: 'file' as const, data: PNG, mediaType: 'image/png', filename: 'chart.png' };
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Look.' }, file] }];
  const model = modelOf(`${provider}/some-model`, { baseUrl: server.url, apiKey: 'key', maxRetries: 0, ...settings });
  const options = { signal: new AbortController().signal, onNotice: () => undefined };
  // What the server answers is no answer for each of them; what they ask is looked at.
  await client.call([model], { ...ask(''), messages }, options).catch(() => undefined);
  await server.close();
  const [request] = server.requests;
  return request && (request.body.messages?.[0]?.content ?? request.body['contents'] ?? request.body['input']);
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('files', () => {
  it.each(Object.keys(PROVIDERS))('are sent by %s where it is said to take them, and only there', async (provider) => {
    const agent = { multimodal: true, functionCallingModels: undefined, models: [modelOf(`${provider}/some-model`)] };
    for (const kind of ['image', 'pdf'] as const) {
      const sent = JSON.stringify(await sentFor(provider, kind));
      const isSent = sent?.includes(base64(kind === 'pdf' ? PDF : PNG)) ?? false;
      expect([kind, isSent]).toEqual([kind, canRead(agent, kind)]);
    }
  });

  it('go to the chat completions of OpenAI as data URLs', async () => {
    expect([await sentFor('openai', 'image'), await sentFor('openai', 'pdf')]).toEqual([
      [
        { type: 'text', text: 'Look.' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${base64(PNG)}` } },
      ],
      [
        { type: 'text', text: 'Look.' },
        { type: 'file', file: { filename: 'report.pdf', file_data: `data:application/pdf;base64,${base64(PDF)}` } },
      ],
    ]);
  });

  it('go to the responses of OpenAI as well', async () => {
    expect(JSON.stringify(await sentFor('openai', 'image', { api: 'responses' }))).toContain(base64(PNG));
    expect(JSON.stringify(await sentFor('openai', 'pdf', { api: 'responses' }))).toContain(base64(PDF));
  });
});
