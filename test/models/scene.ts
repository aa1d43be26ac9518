import type { LanguageModelV3FunctionTool } from '@ai-sdk/provider';
import { createModelClient, type ModelClientOptions } from '../../src/models/client.js';
import type { Clock } from '../../src/models/clock.js';
import type { ModelAnswer, ModelCallOptions, ModelRequest } from '../../src/models/model.js';
import type { ModelDefinition } from '../../src/definition/types.js';
import { ProviderError } from '../../src/errors.js';
import { startProviderServer, type ProviderServer, type ServerScript } from '../helpers/provider-server.js';

/** Midday of 1 March 2026. */
export const NOW = Date.UTC(2026, 2, 1, 12);

/**
 * A clock whose short waits are over at once, when it has gone on by them, and whose long ones, the timeouts, never come,
 * unless `isOver` says otherwise.
 */
export function createTestClock(isOver: (ms: number) => boolean = (ms) => ms < 600_000): Clock & { waits: number[] } {
  const waits: number[] = [];
  let time = NOW;
  return {
    waits,
    now: () => time,
    sleep: (ms, signal) => {
      waits.push(ms);
      if (isOver(ms)) {
        time += ms;
        return Promise.resolve();
      }
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    },
  };
}

/** Removes the timeouts' waits. */
export function backoffs(clock: { readonly waits: readonly number[] }): number[] {
  return clock.waits.filter((ms) => ms < 600_000);
}

export function modelOf(reference: string, more: Partial<ModelDefinition> = {}): ModelDefinition {
  const slash = reference.indexOf('/');
  return { reference, provider: reference.slice(0, slash), modelId: reference.slice(slash + 1), ...more };
}

export function ask(text: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text }] },
    ],
    tools: [],
    ...more,
  };
}

export const WEATHER_TOOL: LanguageModelV3FunctionTool = {
  type: 'function',
  name: 'weather',
  description: 'Weather of a city',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};

export interface Scene {
  readonly server: ProviderServer;
  readonly clock: ReturnType<typeof createTestClock>;
  readonly notices: string[];
  /** Calls `openai/gpt-4o` on the server, with these settings; or the models given. */
  call(options?: {
    readonly model?: Partial<ModelDefinition>;
    readonly models?: readonly ModelDefinition[];
    readonly request?: ModelRequest;
    readonly signal?: AbortSignal;
    readonly admit?: NonNullable<ModelCallOptions['admit']>;
    readonly beforeAttempt?: NonNullable<ModelCallOptions['beforeAttempt']>;
    readonly listener?: NonNullable<ModelCallOptions['listener']>;
  }): Promise<ModelAnswer>;
  /** The same for a call that has to fail. */
  fail(options?: Parameters<Scene['call']>[0]): Promise<ProviderError>;
}

/** A server with a script and a client that knows its key. The server is closed with the scene. */
export async function openScene(
  script: ServerScript,
  { env = {}, ...more }: Partial<ModelClientOptions> = {},
): Promise<Scene & AsyncDisposable> {
  const server = await startProviderServer(script);
  const clock = createTestClock();
  const client = createModelClient({
    env: { OPENAI_API_KEY: 'sk-test-key-1234567890', OPENAI_BASE_URL: server.url, ...env },
    clock,
    random: () => 0,
    ...more,
  });
  const notices: string[] = [];
  const scene: Scene = {
    server,
    clock,
    notices,
    call: ({ model, models, request = ask('Hello?'), signal = new AbortController().signal, ...hooks } = {}) =>
      client.call(models ?? [modelOf('openai/gpt-4o', model)], request, {
        signal,
        onNotice: (notice) => notices.push(notice),
        ...hooks,
      }),
    fail: async (options) => {
      const outcome: unknown = await scene.call(options).catch((error: unknown) => error);
      if (outcome instanceof ProviderError) return outcome;
      throw new Error(`the call did not fail as it should: ${JSON.stringify(outcome)}`, { cause: outcome });
    },
  };
  return { ...scene, [Symbol.asyncDispose]: () => server.close() };
}

/** What a person reads of an error, with the server's port made the same in every run. */
export function shown(error: ProviderError): string {
  const text = `${error.message}\n→ ${error.hint ?? 'no hint'}`;
  return text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
}
