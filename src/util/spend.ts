/** Tokens of one or more model calls. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of `inputTokens` that the provider read from its cache. */
  readonly cachedInputTokens: number;
  /** Part of `outputTokens` that was reasoning. */
  readonly reasoningTokens: number;
  /** Model calls that were answered. */
  readonly requests: number;
}

/** What one or more model calls took: tokens and money. */
export interface Spend {
  readonly usage: TokenUsage;
  /** US dollars of the calls whose price is known. */
  readonly costUsd: number;
  /** Calls whose price is unknown; above 0 `costUsd` is not the whole cost. */
  readonly unpricedRequests: number;
}

export const NO_USAGE: TokenUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  reasoningTokens: 0,
  requests: 0,
};

export const NO_SPEND: Spend = { usage: NO_USAGE, costUsd: 0, unpricedRequests: 0 };

function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    requests: a.requests + b.requests,
  };
}

export function addSpend(a: Spend, b: Spend): Spend {
  return {
    usage: addUsage(a.usage, b.usage),
    costUsd: a.costUsd + b.costUsd,
    unpricedRequests: a.unpricedRequests + b.unpricedRequests,
  };
}

/** Input and output tokens together. */
export function totalTokens(usage: TokenUsage): number {
  return usage.inputTokens + usage.outputTokens;
}

/** The cost as one number, or null where a call's price is unknown: never 0 for what was not free. */
export function knownCostUsd(spend: Spend): number | null {
  return spend.unpricedRequests > 0 ? null : spend.costUsd;
}
