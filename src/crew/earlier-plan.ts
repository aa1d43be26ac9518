import type { FindEarlier } from '../journal/carry-over-journal.js';
import type { PlanStepRequest, PlanStepResponse } from '../journal/step-payloads.js';
import type { RunStore } from '../store/records.js';

/** Finds the plan that a run made for the same crew, where it has a part for every task that is to be planned. */
export function findEarlierPlan(store: Pick<RunStore, 'findStep'>, runId: string): FindEarlier {
  return ({ kind, path, request, fingerprint }) => {
    const step = kind === 'plan' ? store.findStep(runId, path) : undefined;
    if (step?.status !== 'completed' || step.fingerprint !== fingerprint) return undefined;
    const { plan } = step.response as PlanStepResponse;
    return (request as PlanStepRequest).tasks.every((key) => Object.hasOwn(plan, key)) ? step : undefined;
  };
}
