import type { ModelDefinition } from '../definition/types.js';
import { LimitError } from '../errors.js';
import type { ModelClient, ModelRequest } from '../models/model.js';
import { orAbort } from '../util/or-abort.js';
import { NO_SPEND, type Spend, totalTokens } from '../util/spend.js';
import { PRICE_HINT } from './budget-prices.js';
import { budgetError, type Limited, tokensError } from './limit-errors.js';
import type { Meter } from './meter.js';
import { worstCaseTokens } from './worst-case.js';

/** What one model call may cost, and then did. */
export interface CallAccount {
  /**
   * Resolves when the worst case of a call of this model fits beside what is used and what is under way, and reserves it.
   * Waits while calls under way may leave enough. Rejects with LimitError where it cannot fit. Counts first what the call
   * took before, in all (`spent`, by default nothing more than is counted), in place of its last reservation.
   */
  readonly admit: (model: ModelDefinition, spent?: Spend) => Promise<void>;
  /**
   * Puts what the call took in all in place of the reservation; by default nothing more than is counted, as for one that
   * failed or was remembered.
   */
  settle(spend?: Spend): void;
}

interface WorstCase {
  readonly model: string;
  readonly costUsd: number;
  readonly tokens: number;
}

export interface CallAccountsOptions {
  readonly limited: Limited;
  readonly budget: Meter;
  readonly tokens: Meter;
  readonly models: Pick<ModelClient, 'price'>;
}

/** Opens the accounts of a run's calls, which share its budget and its tokens. */
export function createCallAccounts(
  options: CallAccountsOptions,
): (request: ModelRequest, signal: AbortSignal) => CallAccount {
  const { limited, budget, tokens } = options;
  const underWay = new Set<WorstCase>();
  const waiting = new Set<() => void>();

  const refuseMisfit = ({ model, ...worst }: WorstCase): void => {
    if (!budget.fits(worst.costUsd)) throw budgetError(limited, budget, { model, worst: worst.costUsd });
    if (!tokens.fits(worst.tokens)) throw tokensError(limited, tokens, { model, worst: worst.tokens });
  };
  const fitsBesideOthers = (worst: WorstCase): boolean => {
    const all = [worst, ...underWay];
    return budget.fits(...all.map(({ costUsd }) => costUsd)) && tokens.fits(...all.map((call) => call.tokens));
  };
  const nextSettlement = (): Promise<void> => new Promise((resolve) => waiting.add(resolve));

  return (request, signal) => {
    let reserved: WorstCase | undefined;
    let counted = NO_SPEND;
    const count = (spend: Spend): void => {
      const taken = totalTokens(spend.usage) - totalTokens(counted.usage);
      const unpriced = spend.unpricedRequests - counted.unpricedRequests;
      const isAnswered = unpriced > 0 || spend.usage.requests > counted.usage.requests;
      // Where the provider does not say what a call took, it counts for as much as it could have taken.
      budget.add(spend.costUsd - counted.costUsd + unpriced * (reserved?.costUsd ?? 0));
      tokens.add(taken === 0 && isAnswered ? (reserved?.tokens ?? 0) : taken);
      counted = spend;
    };
    const release = (): void => {
      if (reserved) underWay.delete(reserved);
      reserved = undefined;
      const woken = [...waiting];
      waiting.clear();
      for (const wake of woken) wake();
    };
    return {
      async admit(model, spent = counted) {
        count(spent);
        release();
        if (budget.limit === Infinity && tokens.limit === Infinity) return;
        const worst = await findWorstCase(request, model, options);
        for (;;) {
          refuseMisfit(worst);
          if (fitsBesideOthers(worst)) break;
          await orAbort(nextSettlement(), signal);
        }
        reserved = worst;
        underWay.add(worst);
      },
      settle(spend = counted) {
        count(spend);
        release();
      },
    };
  };
}

async function findWorstCase(
  request: ModelRequest,
  model: ModelDefinition,
  { budget, models }: CallAccountsOptions,
): Promise<WorstCase> {
  const tokens = worstCaseTokens(request, model);
  const costUsd = budget.limit === Infinity ? 0 : await models.price(model, tokens);
  if (costUsd === null) {
    throw new LimitError(`the budget cannot be kept: no price is known of ${model.reference}`, { hint: PRICE_HINT });
  }
  return { model: model.reference, costUsd, tokens: tokens.inputTokens + tokens.outputTokens };
}
