import type { FetchFunction } from '@ai-sdk/provider-utils';
import { OPENAI_COMPATIBLE } from '../definition/providers.js';
import type { ModelDefinition } from '../definition/types.js';
import { ProviderError, UsageError, type ProviderTrouble } from '../errors.js';
import { readAnswer, toTokenUsage } from './answer.js';
import { attempt } from './attempt.js';
import { systemClock, type Clock } from './clock.js';
import { resolveConnection, type Connection, type Environment } from './connection.js';
import type { ModelAnswer, ModelCallOptions, ModelClient, ModelRequest } from './model.js';
import { createPatientFetch } from './patient-fetch.js';
import { createPauses, type Pauses } from './pauses.js';
import { loadPrices, priceCall, priceTokens } from './prices.js';
import { describeBriefly, toProviderError, withHistory } from './provider-error.js';
import type { Provider } from './providers/provider.js';
import { PROVIDERS } from './providers/registry.js';
import { toCallOptions } from './request.js';
import { withRetries } from './retry.js';

export interface ModelClientOptions {
  /** Where keys and base URLs are looked up. */
  readonly env: Environment;
  /** Default: Node's own, without its limit of 300 s. */
  readonly fetch?: FetchFunction;
  readonly clock?: Clock;
  /** At least 0, below 1: spreads the waits before retries. */
  readonly random?: () => number;
  /** Default: the client's own. */
  readonly pauses?: Pauses;
}

const DEFAULT_MAX_RETRIES = 3;
const DEFAULT_TIMEOUT_MS = 10 * 60_000;

/** Troubles of a provider that another one may not have; what is wrong with the request or the key stays wrong. */
const FALLBACK_TROUBLES: ReadonlySet<ProviderTrouble> = new Set([
  'server',
  'network',
  'timeout',
  'rate-limit',
  'quota',
  'bad-response',
]);

/** A client for all providers. It loads a provider's package when it is first called, and the price table beside the first call. */
export function createModelClient(options: ModelClientOptions): ModelClient {
  const {
    env,
    fetch = createPatientFetch(),
    clock = systemClock,
    random = Math.random,
    pauses = createPauses(),
  } = options;
  const providers = new Map<string, Promise<Provider>>();

  function findProvider(connection: Connection): Promise<Provider> {
    const { provider, baseUrl, apiKey, api } = connection;
    const key = JSON.stringify([provider, baseUrl, apiKey, api]);
    const known = providers.get(key);
    if (known) return known;
    const created = createProvider(connection);
    providers.set(key, created);
    return created;
  }

  async function callOne(
    model: ModelDefinition,
    request: ModelRequest,
    { signal, onNotice, admit, beforeAttempt }: ModelCallOptions,
  ): Promise<ModelAnswer> {
    const connection = resolveConnection(model, env, fetch);
    const provider = await findProvider(connection);
    const languageModel = provider.createModel(model.modelId);
    const { timeoutMs = DEFAULT_TIMEOUT_MS, maxRetries = DEFAULT_MAX_RETRIES } = model;
    const secrets = [connection.apiKey ?? '', ...Object.values(model.headers ?? {})];
    const callOptions = toCallOptions(model, request, provider);
    const pauseKey = JSON.stringify([connection.provider, connection.baseUrl, model.modelId]);
    const untilReady = async (): Promise<void> => {
      do {
        await pauses.wait(pauseKey, { clock, signal, random });
        await beforeAttempt?.(model);
        // What it waited for may have taken so long that the model is paused again.
      } while (pauses.isPaused(pauseKey, clock));
    };
    const answerOnce = () =>
      attempt(
        async (abortSignal) => {
          const result = await languageModel.doGenerate({ ...callOptions, abortSignal });
          return { ...readAnswer(result), usage: result.usage };
        },
        { timeoutMs, signal, clock },
      );
    await admit?.(model);
    const answering = withRetries(answerOnce, {
      maxRetries,
      signal,
      clock,
      random,
      onNotice,
      beforeTry: untilReady,
      onFailure: ({ trouble }, waitMs) =>
        trouble !== 'rate-limit' || waitMs === undefined || pauses.pause(pauseKey, waitMs, clock),
      toError: (error, attempts) => toProviderError(error, { model, attempts, timeoutMs, secrets, now: clock.now() }),
    });
    const [{ usage, ...answer }] = await Promise.all([answering, loadPrices(model)]);
    const costUsd = await priceCall(model, usage, clock.now());
    return {
      ...answer,
      model: model.reference,
      spend: {
        usage: toTokenUsage(usage),
        costUsd: costUsd ?? 0,
        unpricedRequests: costUsd === null ? 1 : 0,
      },
    };
  }

  async function callFirst(
    models: readonly ModelDefinition[],
    request: ModelRequest,
    callOptions: ModelCallOptions,
    failures: readonly ProviderError[],
  ): Promise<ModelAnswer> {
    const [model, ...fallbacks] = models;
    if (model === undefined) throw new UsageError('no model was given');
    try {
      return await callOne(model, request, callOptions);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const next = fallbacks[0];
      if (next === undefined || !FALLBACK_TROUBLES.has(error.trouble)) throw withHistory(error, failures);
      callOptions.onNotice(`${error.model}: ${describeBriefly(error)}; going on with ${next.reference}`);
      return callFirst(fallbacks, request, callOptions, [...failures, error]);
    }
  }

  return {
    call: (models, request, callOptions) => callFirst(models, request, callOptions, []),
    price: (model, { inputTokens: input, outputTokens: output }) =>
      priceTokens(model, { input, output, cacheRead: 0, cacheWrite: 0 }, clock.now()),
  };
}

async function createProvider(connection: Connection): Promise<Provider> {
  const { provider } = connection;
  const name = Object.hasOwn(PROVIDERS, provider) ? (provider as keyof typeof PROVIDERS) : OPENAI_COMPATIBLE;
  const { createProvider: create } = await PROVIDERS[name]();
  return create(connection);
}
