import type { RunStore } from '../store/records.js';
import type { Journal } from './step.js';

/**
 * The journal of a run that is taken up again: gives what the run's record has, by path, and hands the rest on to
 * `inner`. The path alone decides: a run has one definition all its life, so the same place is the same work, and what was
 * answered is not paid for again because a newer crew would word the request otherwise.
 */
export function createResumeJournal({
  inner,
  store,
  runId,
}: {
  readonly inner: Journal;
  readonly store: Pick<RunStore, 'findStep'>;
  readonly runId: string;
}): Journal {
  return {
    async step(request, execute) {
      const known = store.findStep(runId, request.path);
      if (known?.status !== 'completed' || known.response === null) return inner.step(request, execute);
      const { response, spend, isError, name } = known;
      return { response, spend, isError, name, isRemembered: true };
    },
  };
}
