import type { RunStore, StepRecord, TaskSource } from '../store/records.js';
import { NO_SPEND } from '../util/spend.js';
import type { Journal, StepRequest } from './step.js';

/** Finds what an earlier run has for a step; undefined where it has to be carried out. */
export type FindEarlier = (request: StepRequest) => StepRecord | undefined;

/**
 * A journal that takes over what an earlier run was given for the same step: it becomes a step of this run, which costs
 * nothing, and of which nobody is told as if it had happened now. Everything else goes on to `inner`.
 */
export function createCarryOverJournal({
  inner,
  recorder,
  findEarlier,
}: {
  readonly inner: Journal;
  /** Stores what was taken over. */
  readonly recorder: Journal;
  readonly findEarlier: FindEarlier;
}): Journal {
  return {
    async step(request, execute) {
      const earlier = findEarlier(request);
      if (!earlier?.response) return inner.step(request, execute);
      const { response, isError, name, runId, path } = earlier;
      const taken = { ...response, carriedOver: `${runId}/${path}` };
      const outcome = await recorder.step(request, async () => ({ response: taken, isError, name, spend: NO_SPEND }));
      return { ...outcome, remembered: true };
    },
  };
}

/** Steps of these tasks as an earlier run has them at the same place: for a task that goes on in a new run. */
export function findAtSamePlace(
  store: Pick<RunStore, 'findStep'>,
  runId: string,
  taskKeys: ReadonlySet<string>,
): FindEarlier {
  return ({ path, taskKey }) => {
    const step = taskKeys.has(taskKey) ? store.findStep(runId, path) : undefined;
    return step?.status === 'completed' ? step : undefined;
  };
}

/**
 * Delegations in the same words to the same coworker, wherever in a task they were made. `places` says for each task where
 * those of it are found.
 */
export function findSameDelegation(
  store: Pick<RunStore, 'listSteps'>,
  places: ReadonlyMap<string, TaskSource>,
  isStillGood: (taskKey: string, delegation: StepRecord) => boolean,
): FindEarlier {
  const keys = new Map([...places].map(([key, { runId, taskKey }]) => [`${runId}/${taskKey}`, key]));
  const known = new Map<string, StepRecord>();
  for (const runId of new Set([...places.values()].map((place) => place.runId))) {
    for (const step of store.listSteps(runId, 'delegation')) {
      const key = keys.get(`${runId}/${step.taskKey}`);
      if (key === undefined || step.status !== 'completed' || step.isError || !isStillGood(key, step)) continue;
      known.set(`${key} ${step.fingerprint}`, step);
    }
  }
  return ({ kind, taskKey, fingerprint }) =>
    kind === 'delegation' ? known.get(`${taskKey} ${fingerprint}`) : undefined;
}

/** Where a step's outcome was taken over from, such as `k3f9x2ab/research/delegation/call_1`; undefined where it was made here. */
export function carriedOverFrom(response: object | null): string | undefined {
  return (response as { readonly carriedOver?: string } | null)?.carriedOver;
}
