import { messageOf } from '../errors.js';
import type { TextStepResponse } from '../journal/step-payloads.js';
import type { StepRequest } from '../journal/step.js';
import { NO_SPEND, type Spend } from '../util/spend.js';
import type { RunContext } from './run-context.js';

/** What a tool or a coworker gave back for the model. `isError`: the model has to do something else. */
export interface TextOutcome {
  readonly text: string;
  readonly isError: boolean;
  readonly spend: Spend;
}

export interface TextStepEnd {
  readonly result: string;
  readonly isError: boolean;
  readonly spend: Spend;
  readonly durationMs: number;
}

/** Carries out a step whose outcome is a text for the model; `onEnd` is told of its end, also where it fails. */
export async function runTextStep(
  run: RunContext,
  step: StepRequest,
  { execute, onEnd }: { readonly execute: () => Promise<TextOutcome>; readonly onEnd: (end: TextStepEnd) => void },
): Promise<TextOutcome> {
  const startedAt = run.now();
  const tellEnd = ({ text, isError, spend }: TextOutcome): void =>
    onEnd({ result: text, isError, spend, durationMs: run.now() - startedAt });
  try {
    const { response, isError, spend } = await run.journal.step(step, async () => {
      const { text, ...outcome } = await execute();
      return { ...outcome, response: { text } };
    });
    const outcome = { text: (response as TextStepResponse).text, isError, spend };
    tellEnd(outcome);
    return outcome;
  } catch (error) {
    tellEnd({ text: messageOf(error), isError: true, spend: NO_SPEND });
    throw error;
  }
}
