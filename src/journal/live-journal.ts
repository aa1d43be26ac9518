import { ProviderError, toErrorResult } from '../errors.js';
import type { RunStore, StepEnd } from '../store/records.js';
import type { Redactor } from '../util/redact.js';
import { NO_SPEND } from '../util/spend.js';
import type { Journal, StepOutcome, StepRequest } from './step.js';

/** The journal of a run that goes on: carries every step out and stores it, beginning and end. */
export function createLiveJournal(options: {
  readonly store: RunStore;
  readonly runId: string;
  readonly redactor: Redactor;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Asked before a step begins; where it rejects, the step is neither begun nor stored. */
  readonly admit?: (request: StepRequest) => Promise<void> | void;
}): Journal {
  const { store, runId, redactor, now, admit } = options;
  return {
    async step(request, execute) {
      await admit?.(request);
      const { hasEffects, path, name } = request;
      const step = { ...request, runId, startedAt: now() };
      // Only a step with effects has to be on disk before it begins; else its beginning may share the commit of its end.
      const begun = store.startStep(step, { lazy: !hasEffects });
      begun.catch(() => undefined); // Told below, where it is waited for.
      if (hasEffects) await begun;
      /** Stores the end; and the beginning again, where there was no room for it then. */
      const storeEnd = async (end: StepEnd): Promise<void> => {
        const [start, ended] = await Promise.allSettled([begun, store.endStep(end)]);
        if (ended.status === 'fulfilled') return;
        if (start.status === 'fulfilled') throw ended.reason;
        await Promise.all([store.startStep(step), store.endStep(end)]);
      };
      const end = { runId, path, name, response: null, isError: false, spend: NO_SPEND };
      let outcome: StepOutcome;
      try {
        const { response, ...rest } = await execute();
        outcome = { ...rest, response: redactor.json(response) };
      } catch (error) {
        if (hasEffects) throw error;
        const spend = error instanceof ProviderError ? (error.spend ?? NO_SPEND) : NO_SPEND;
        await storeEnd({ ...end, status: 'failed', spend, error: toErrorResult(error), endedAt: now() });
        throw error;
      }
      await storeEnd({ ...end, ...outcome, status: 'completed', error: null, endedAt: now() });
      return outcome;
    },
  };
}
