import type { ModelDefinition } from '../definition/types.js';
import { tableProviderOf } from './prices.js';

/** Most tokens that room is kept for where a model has no `max_tokens`; of a small window only its eighth. */
const MOST_ANSWER_TOKENS = 8192;
const ANSWER_PART = 1 / 8;

/** A request that has no more tokens fits into the window of every model in use, so that nobody has to look it up. */
const ALWAYS_FITS_TOKENS = 8192;

/** How many tokens a model has room for. */
export interface ContextWindow {
  /** For a request and its answer. */
  readonly tokens: number;
  /** For the request alone. */
  readonly requestTokens: number;
}

/**
 * The window of a model: `context_window` of its settings, else of the price table, which is only loaded for a request that
 * may be long (`mostTokens` is the most that it can have). Undefined where it is unknown, or cannot matter.
 */
export async function findContextWindow(
  model: ModelDefinition,
  mostTokens: number,
): Promise<ContextWindow | undefined> {
  const tokens = model.contextWindow ?? (mostTokens > ALWAYS_FITS_TOKENS ? await windowInTable(model) : undefined);
  if (tokens === undefined) return undefined;
  const answer = model.maxTokens ?? Math.min(MOST_ANSWER_TOKENS, Math.floor(tokens * ANSWER_PART));
  return { tokens, requestTokens: Math.max(0, tokens - answer) };
}

async function windowInTable(model: ModelDefinition): Promise<number | undefined> {
  // Its size is set where it runs.
  if (model.provider === 'ollama') return undefined;
  const { calcPrice } = await import('@pydantic/genai-prices');
  return calcPrice({}, model.modelId, tableProviderOf(model))?.model.context_window;
}
