import type { RunStore, StepRecord } from '../store/records.js';
import type { TaskSource } from '../store/run-settings.js';
import { NO_SPEND } from '../util/spend.js';
import { ASSUMED_DONE_RESULT } from './step-payloads.js';
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
      return { ...outcome, isRemembered: true };
    },
  };
}

/** A run where tasks stopped on their way. */
export interface SamePlace {
  readonly runId: string;
  readonly tasks: ReadonlySet<string>;
  /** Paths of calls that came to no end and are taken as done. */
  readonly assumedDone: ReadonlySet<string>;
}

/** What one of these runs has at the same place, the first first. */
export function findAtSamePlace(store: Pick<RunStore, 'findStep'>, places: readonly SamePlace[]): FindEarlier {
  return ({ path, taskKey, fingerprint }) => {
    for (const { runId, tasks, assumedDone } of places) {
      const step = tasks.has(taskKey) ? store.findStep(runId, path) : undefined;
      // Another guardrail may stand at the same place now: it decides no prompt, so that the task goes on.
      if (path.includes('/guardrail/') && step?.fingerprint !== fingerprint) continue;
      if (step?.status === 'completed') return step;
      if (step && assumedDone.has(path)) return { ...step, response: { text: ASSUMED_DONE_RESULT } };
    }
    return undefined;
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
