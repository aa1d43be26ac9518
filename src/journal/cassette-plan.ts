import type { StepRecord } from '../store/records.js';
import type { TaskSource } from '../store/run-settings.js';
import type { CassetteCall } from './cassette-format.js';
import { type CassetteHistory, carriedFrom } from './cassette-history.js';
import type { PlanStepResponse } from './step-payloads.js';

/** Start of the paths of the calls that make a plan. */
export const PLAN_CALLS = '@plan/llm/';

/**
 * The call by which a kickoff gets the plans that a run's outputs were made by, where those were made in several runs or taken
 * over; it has no fingerprint, as nobody ever made it. Undefined where the run made its plan itself, or there is none.
 */
export function mergePlans(
  history: CassetteHistory,
  runId: string,
  origins: ReadonlyMap<string, TaskSource | null>,
): CassetteCall | undefined {
  const plans = new Map<string, StepRecord | undefined>();
  const planIn = (id: string): StepRecord | undefined => {
    const isPlan = ({ kind, status }: StepRecord): boolean => kind === 'plan' && status === 'completed';
    if (!plans.has(id)) plans.set(id, history.stepsOf(id).findLast(isPlan));
    return plans.get(id);
  };
  const steps = new Set<StepRecord>();
  const parts = history.tasksOf(runId).flatMap(({ key }) => {
    const origin = origins.get(key) ?? { runId, taskKey: key };
    const step = planIn(origin.runId);
    const text = (step?.response as PlanStepResponse | undefined)?.plan[origin.taskKey];
    if (!step || text === undefined) return [];
    steps.add(step);
    return [[key, text] as const];
  });
  const [first, ...others] = steps;
  if (!first || (others.length === 0 && first.runId === runId && !carriedFrom(first))) return undefined;
  const text = JSON.stringify({ plan: Object.fromEntries(parts) });
  return { path: `${PLAN_CALLS}1`, agent: first.agent, model: first.name, answer: { text, finish_reason: 'stop' } };
}
