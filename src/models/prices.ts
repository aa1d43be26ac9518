import type { LanguageModelV3Usage } from '@ai-sdk/provider';
import type { PriceOptions } from '@pydantic/genai-prices';
import { OPENAI_COMPATIBLE } from '../definition/providers.js';
import type { ModelDefinition } from '../definition/types.js';

/** Names of our providers in the price table, where they differ. */
const TABLE_NAMES: Readonly<Record<string, string>> = { gemini: 'google', xai: 'x-ai' };

/** Loads the price table where the model's price comes from it. Called early, it costs no time later. */
export async function loadPrices(model: ModelDefinition): Promise<void> {
  if (usesTable(model)) await import('@pydantic/genai-prices');
}

/**
 * US dollars of one call, or null where the price or the tokens are unknown: never 0 for what was not free.
 * `now` is milliseconds since 1970: some prices depend on the time of day.
 */
export async function priceCall(
  model: ModelDefinition,
  usage: LanguageModelV3Usage,
  now: number,
): Promise<number | null> {
  const { total: input, cacheRead = 0, cacheWrite = 0 } = usage.inputTokens;
  const { total: output } = usage.outputTokens;
  if (input === undefined || output === undefined) return null;
  return priceTokens(model, { input, output, cacheRead, cacheWrite }, now);
}

/** Tokens of a call; those of the cache are part of `input`. */
export interface PricedTokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** US dollars for that many tokens, or null where the price is unknown. */
export async function priceTokens(
  model: ModelDefinition,
  { input, output, cacheRead, cacheWrite }: PricedTokens,
  now: number,
): Promise<number | null> {
  const cached = Math.min(cacheRead, input);
  if (model.price) {
    const { input: inputPrice, output: outputPrice, cachedInput = inputPrice } = model.price;
    return ((input - cached) * inputPrice + cached * cachedInput + output * outputPrice) / 1_000_000;
  }
  if (!usesTable(model)) return null;
  const { calcPrice } = await import('@pydantic/genai-prices');
  const tokens = {
    input_tokens: input,
    cache_read_tokens: cached,
    cache_write_tokens: Math.min(cacheWrite, input - cached),
    output_tokens: output,
  };
  try {
    const options = { ...tableProviderOf(model), timestamp: new Date(now) };
    return calcPrice(tokens, model.modelId, options)?.total_price ?? null;
  } catch {
    // The table refuses counts that contradict each other. An answer is not lost for that; its price is unknown.
    return null;
  }
}

/** How the price table finds the model's provider. */
export function tableProviderOf({ provider, baseUrl = '' }: ModelDefinition): PriceOptions {
  if (provider === OPENAI_COMPATIBLE) return { providerApiUrl: baseUrl };
  return { providerId: TABLE_NAMES[provider] ?? provider };
}

/** Local models have no price of their own; prices in the definition need no table. */
function usesTable(model: ModelDefinition): boolean {
  return model.price === undefined && model.provider !== 'ollama';
}
