import type { ModelDefinition } from '../definition/types.js';
import type { ModelRequest, Turn } from '../models/model.js';
import { countTokensOf } from '../models/request-tokens.js';
import { type Spend, totalTokens } from '../util/spend.js';
import type { RatedAgent, RateLimiter, RateTurn } from './rate-limit.js';

/** Tokens that an answer is reckoned with before it is there, where its model has no `max_tokens`: a page of text. */
const LIKELY_ANSWER_TOKENS = 1000;

/** The turns of one model call: every attempt takes one. */
export interface CallTurns {
  /** Waits for the turn of an attempt; what the one before it had reserved is counted then. */
  next(model: ModelDefinition): Promise<Turn | undefined>;
  /** Hears what the attempts took so far, in all. */
  count(spend: Spend): void;
  /** Counts the last attempt, with what all of them took; by default nothing more than was heard. May be called twice. */
  settle(spend?: Spend): void;
}

export interface CallTurnsOptions {
  readonly agent: RatedAgent;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly taskKey: string;
}

/** No turns yet: nothing is reserved before the first attempt. */
export function createCallTurns(
  limiter: RateLimiter,
  { agent, request, signal, taskKey }: CallTurnsOptions,
): CallTurns {
  let turn: RateTurn | undefined;
  let heard = 0;
  let counted = 0;
  const settleTurn = (isUnknown = false): void => {
    // Where the provider does not say what an answer took, it counts for what was reserved.
    if (!isUnknown) void turn?.settle(heard - counted);
    counted = heard;
    turn = undefined;
  };
  return {
    async next(model) {
      settleTurn();
      const estimateTokens = async (): Promise<number> =>
        (await countTokensOf(request)) + (model.maxTokens ?? LIKELY_ANSWER_TOKENS);
      turn = await limiter.waitForTurn(agent, { signal, taskKey, estimateTokens });
      const taken = turn;
      return (
        taken && {
          async giveBack() {
            turn = undefined;
            await taken.giveBack();
          },
        }
      );
    },
    count(spend) {
      heard = totalTokens(spend.usage);
    },
    settle(spend) {
      if (spend) heard = totalTokens(spend.usage);
      settleTurn(spend !== undefined && spend.usage.requests > 0 && heard === counted);
    },
  };
}
