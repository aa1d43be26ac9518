import type { LimitsDefinition } from '../definition/types.js';
import type { EmitEvent } from '../events.js';
import type { StepRequest } from '../journal/step.js';
import type { ModelClient, ModelRequest } from '../models/model.js';
import { formatCount, formatUsd, formatTimeLimit } from '../util/amounts.js';
import { NO_SPEND, type Spend, totalTokens } from '../util/spend.js';
import { type CallAccount, createCallAccounts } from './call-account.js';
import { type Deadline, systemTimer, type Timer, withDeadline } from './deadline.js';
import { type Limited, modelCallsError, timeoutError, tokensError } from './limit-errors.js';
import { createMeter, WARNED_PART } from './meter.js';

/** What a run has taken and may still take. All its model calls go through one object. */
export interface RunLimits {
  /**
   * Counts a model step that is about to be carried out, by a provider or a cassette; other steps pass. For the journal.
   * Throws LimitError where `max_model_calls` or `max_tokens` is reached.
   */
  readonly admitStep: (step: Pick<StepRequest, 'kind'>) => void;
  /** The account of one model call; to be settled, however the call ends. */
  readonly openCall: (request: ModelRequest, signal: AbortSignal) => CallAccount;
  /** The signal for this process's work at the run: aborted with LimitError when `timeout` is over. */
  startDeadline(signal: AbortSignal): Deadline;
}

export interface RunLimitsOptions {
  /** For the hints: what `crew resume` goes on with. */
  readonly limited: Limited;
  readonly limits: LimitsDefinition;
  /** What the run took before, where it is resumed. Default: nothing. */
  readonly spent?: Spend;
  readonly models: Pick<ModelClient, 'price'>;
  readonly emit: EmitEvent;
  /** Default: Node's. */
  readonly timer?: Timer;
}

/** The limits of one run. A warning is told once for each of which 80 % are used. */
export function createRunLimits(options: RunLimitsOptions): RunLimits {
  const { limited, limits, spent = NO_SPEND, models, emit, timer = systemTimer } = options;
  const warn = (message: string): void => emit({ type: 'warning', message });
  const budget = createMeter(limits.budgetUsd, (used, limit) =>
    warn(`${formatUsd(used)} of the budget of ${formatUsd(limit)} used`),
  );
  const tokens = createMeter(limits.maxTokens, (used, limit) =>
    warn(`${formatCount(used)} of ${formatCount(limit)} tokens used (limits.max_tokens)`),
  );
  const calls = createMeter(limits.maxModelCalls, (used, limit) =>
    warn(`${formatCount(used)} of ${formatCount(limit)} model calls made (limits.max_model_calls)`),
  );
  if (limits.budgetUsd !== undefined && spent.unpricedRequests > 0) {
    warn(`${formatCount(spent.unpricedRequests)} earlier calls without a known price do not count for the budget`);
  }
  budget.add(spent.costUsd);
  tokens.add(totalTokens(spent.usage));
  calls.add(spent.usage.requests);

  return {
    admitStep({ kind }) {
      if (kind !== 'model') return;
      if (!calls.fits(1)) throw modelCallsError(limited, calls);
      if (!tokens.fits(1)) throw tokensError(limited, tokens);
      calls.add(1);
    },
    openCall: createCallAccounts({ limited, budget, tokens, models }),
    startDeadline(signal) {
      const { timeoutMs } = limits;
      if (timeoutMs === undefined) return { signal, release: () => undefined };
      const afterMs = timeoutMs * WARNED_PART;
      const callback = (): void =>
        warn(`${formatTimeLimit(afterMs)} of ${formatTimeLimit(timeoutMs)} are over (limits.timeout)`);
      return withDeadline(signal, timeoutMs, () => timeoutError(limited, timeoutMs), {
        timer,
        warning: { afterMs, callback },
      });
    },
  };
}
