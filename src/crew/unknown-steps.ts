import { NeedsInputError } from '../errors.js';
import type { ToolStepRequest } from '../journal/step-payloads.js';
import { ASSUMED_DONE_RESULT } from '../run/prompts.js';
import type { RunStore, StepRecord } from '../store/records.js';
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

function unknownOutcomeError(runId: string, steps: readonly StepRecord[]): NeedsInputError {
  const them = steps.length === 1 ? 'it' : 'them';
  return new NeedsInputError(describeUnknown(steps), {
    hint: `Look whether it happened, then: crew resume ${runId} --allow-repeat to make ${them} again, or --assume-done to go on without.`,
  });
}

/** What is not known, call by call. */
export function describeUnknown(steps: readonly StepRecord[]): string {
  const calls = steps.map(({ name, path, request }) => `  ${name} ${argumentsText(request)} (${path})`).join('\n');
  const [what, them] = steps.length === 1 ? ['a call was', 'it was'] : [`${steps.length} calls were`, 'they were'];
  return `${what} under way when the run stopped; it is not known whether ${them} done:\n${calls}`;
}

/** The arguments of a tool call, as a person can recognise it. */
function argumentsText(request: object): string {
  const text = JSON.stringify((request as Partial<ToolStepRequest>).arguments ?? {});
  return text.length > MOST_ARGUMENTS ? `${text.slice(0, MOST_ARGUMENTS - 1)}…` : text;
}
