import type { FetchFunction } from '@ai-sdk/provider-utils';
import { OPENAI_COMPATIBLE } from '../definition/providers.js';
import type { ModelDefinition } from '../definition/types.js';
import { ProviderError, UsageError, type ProviderTrouble } from '../errors.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import { type RawAnswer, readAnswer, toTokenUsage } from './answer.js';
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
import { streamAnswer } from './stream-answer.js';

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
    { signal, onNotice, admit, beforeAttempt, listener }: ModelCallOptions,
    spentBefore: Spend,
  ): Promise<ModelAnswer> {
    const connection = resolveConnection(model, env, fetch);
    const provider = await findProvider(connection);
    const languageModel = provider.createModel(model.modelId);
    const { timeoutMs = DEFAULT_TIMEOUT_MS, maxRetries = DEFAULT_MAX_RETRIES } = model;
    const secrets = [connection.apiKey ?? '', ...Object.values(model.headers ?? {})];
    const callOptions = toCallOptions(model, request, provider);
    const pauseKey = JSON.stringify([connection.provider, connection.baseUrl, model.modelId]);
    let spent = spentBefore;
    let admittedWith: Spend | undefined;
    const untilReady = async (): Promise<void> => {
      if (admittedWith !== spent) await admit?.(model, spent);
      admittedWith = spent;
      for (;;) {
        await pauses.wait(pauseKey, { clock, signal, random });
        const turn = await beforeAttempt?.(model);
        if (!pauses.isPaused(pauseKey, clock)) return;
        // The pause began while it waited for its turn, which somebody else can use.
        await turn?.giveBack();
      }
    };
    const answerOnce = async (): Promise<ModelAnswer> => {
      const ask = async (abortSignal: AbortSignal): Promise<RawAnswer> => {
        const asked = { ...callOptions, abortSignal };
        return listener ? streamAnswer(languageModel, asked, listener) : languageModel.doGenerate(asked);
      };
      const result = await attempt(ask, { timeoutMs, signal, clock });
      const costUsd = await priceCall(model, result.usage, clock.now());
      const usage = toTokenUsage(result.usage);
      const spend = { usage, costUsd: costUsd ?? 0, unpricedRequests: costUsd === null ? 1 : 0 };
      try {
        return { ...readAnswer(result), model: model.reference, spend: addSpend(spent, spend) };
      } catch (error) {
        // It is paid for all the same.
        spent = addSpend(spent, { ...spend, usage: { ...usage, requests: 0 } });
        throw error;
      }
    };
    const answering = withRetries(answerOnce, {
      maxRetries,
      signal,
      clock,
      random,
      onNotice,
      beforeTry: untilReady,
      onFailure: ({ trouble }, waitMs) =>
        trouble !== 'rate-limit' || waitMs === undefined || pauses.pause(pauseKey, waitMs, clock),
      toError: (error, attempts) => {
        const spend = spent === NO_SPEND ? undefined : spent;
        return toProviderError(error, { model, attempts, timeoutMs, secrets, now: clock.now(), spend });
      },
    });
    const [answer] = await Promise.all([answering, loadPrices(model)]);
    return answer;
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
      return await callOne(model, request, callOptions, failures.at(-1)?.spend ?? NO_SPEND);
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
