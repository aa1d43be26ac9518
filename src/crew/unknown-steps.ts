import { NeedsInputError } from '../errors.js';
import { ASSUMED_DONE_RESULT, type ToolStepRequest } from '../journal/step-payloads.js';
import type { RunStore, StepRecord } from '../store/records.js';
import { excerpt } from '../util/excerpt.js';
import { NO_SPEND } from '../util/spend.js';

/** Characters of a call's arguments that are shown. */
const MOST_ARGUMENTS = 200;

/** What to do with calls that were under way and of which nobody knows whether they were done. */
export type UnknownDecision = 'repeat' | 'done' | 'stop';

/** Asked about such calls. */
export type DecideUnknown = (steps: readonly StepRecord[]) => Promise<UnknownDecision> | UnknownDecision;

/** Lets somebody decide about calls that may have been done already; rejects with NeedsInputError where nobody does. */
export async function settleUnknownSteps(
  store: RunStore,
  runId: string,
  decide: DecideUnknown = () => 'stop',
): Promise<void> {
  const steps = store.listUnknownSteps(runId);
  if (steps.length === 0) return;
  const decision = await decide(steps);
  if (decision === 'stop') throw unknownOutcomeError(runId, steps);
  if (decision === 'repeat') return;
  const done = {
    status: 'completed',
    response: { text: ASSUMED_DONE_RESULT },
    isError: false,
    spend: NO_SPEND,
  } as const;
  await Promise.all(
    steps.map(({ path, name }) => store.endStep({ ...done, runId, path, name, error: null, endedAt: Date.now() })),
  );
}

/**
 * Lets somebody decide about calls with effects of an earlier run before a new one makes them again: calls of unknown outcome
 * of tasks that go on, and all calls of tasks that start over. Gives back the paths of those that are taken as done; rejects
 * with NeedsInputError where nobody agrees.
 */
export async function decideRepeats(
  steps: readonly StepRecord[],
  {
    runId,
    goingOn,
    startingOver,
    decide = () => 'stop',
  }: {
    readonly runId: string;
    readonly goingOn: ReadonlySet<string>;
    readonly startingOver: ReadonlySet<string>;
    readonly decide: DecideUnknown | undefined;
  },
): Promise<string[]> {
  const effects = steps.filter(({ hasEffects, status }) => hasEffects && status !== 'failed');
  const unknown = effects.filter(({ taskKey, status }) => goingOn.has(taskKey) && status === 'running');
  const repeated = effects.filter(({ taskKey }) => startingOver.has(taskKey));
  if (unknown.length + repeated.length === 0) return [];
  const decision = await decide([...unknown, ...repeated]);
  if (decision === 'repeat') return [];
  if (decision === 'done' && repeated.length === 0) return unknown.map(({ path }) => path);
  throw unknownOutcomeError(`${runId} --with-current`, [...unknown, ...repeated], repeated.length === 0);
}

function unknownOutcomeError(run: string, steps: readonly StepRecord[], mayBeDone = true): NeedsInputError {
  const them = steps.length === 1 ? 'it' : 'them';
  const orDone = mayBeDone ? ', or --assume-done to go on without' : '';
  return new NeedsInputError(describeUnknown(steps), {
    hint: `Look whether ${them === 'it' ? 'it' : 'they'} happened, then: crew resume ${run} --allow-repeat to make ${them} again${orDone}.`,
  });
}

/** What is not known, or would be done a second time, call by call. */
export function describeUnknown(steps: readonly StepRecord[]): string {
  const calls = steps.map(({ name, path, request }) => `  ${name} ${argumentsText(request)} (${path})`).join('\n');
  const [what, were, they] = steps.length === 1 ? ['a call', 'was', 'it'] : [`${steps.length} calls`, 'were', 'they'];
  if (steps.some(({ status }) => status === 'completed')) {
    return `${what} with effects would be made a second time, as the task starts over:\n${calls}`;
  }
  return `${what} ${were} under way when the run stopped; it is not known whether ${they} ${were} done:\n${calls}`;
}

/** The arguments of a tool call, as a person can recognise it. */
function argumentsText(request: object): string {
  return excerpt(JSON.stringify((request as Partial<ToolStepRequest>).arguments ?? {}), MOST_ARGUMENTS);
}
