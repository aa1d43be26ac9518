import { toErrorResult } from '../errors.js';
import type { RunStore } from '../store/records.js';
import type { Redactor } from '../util/redact.js';
import { NO_SPEND } from '../util/spend.js';
import type { Journal, StepOutcome } from './step.js';

/** The journal of a run that goes on: carries every step out and stores it, beginning and end. */
export function createLiveJournal(options: {
  readonly store: RunStore;
  readonly runId: string;
  readonly redactor: Redactor;
  /** The run's signal. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}): Journal {
  const { store, runId, redactor, signal, now } = options;
  return {
    async step({ hasEffects, ...request }, execute) {
      // Only a step with effects has to be on disk before it begins; else its beginning may share the commit of its end.
      const begun = store.startStep({ ...request, runId, startedAt: now() }, { lazy: !hasEffects });
      begun.catch(() => undefined); // Told below, where it is waited for.
      if (hasEffects) await begun;
      const end = { runId, path: request.path, name: request.name, response: null, isError: false, spend: NO_SPEND };
      let outcome: StepOutcome;
      try {
        const { response, ...rest } = await execute();
        outcome = { ...rest, response: redactor.json(response) };
      } catch (error) {
        // What had effects and was stopped from outside has an unknown outcome: it stays `running`.
        if (hasEffects && signal.aborted) throw error;
        const failed = { ...end, status: 'failed', error: toErrorResult(error), endedAt: now() } as const;
        await Promise.all([begun, store.endStep(failed)]);
        throw error;
      }
      await Promise.all([
        begun,
        store.endStep({ ...end, ...outcome, status: 'completed', error: null, endedAt: now() }),
      ]);
      return outcome;
    },
  };
}
