import { messageOf } from '../errors.js';
import type { TextStepResponse } from '../journal/step-payloads.js';
import type { StepRequest } from '../journal/step.js';
import { NO_SPEND, type Spend } from '../util/spend.js';
import type { RunContext } from './run-context.js';

/** What a tool or a coworker gave back for the model. `isError`: the model has to do something else. */
export interface TextOutcome extends TextStepResponse {
  readonly isError: boolean;
  readonly spend: Spend;
}

export interface TextStepEnd extends Pick<TextStepResponse, 'fromCache' | 'isRefused'> {
  readonly result: string;
  readonly isError: boolean;
  readonly spend: Spend;
  readonly durationMs: number;
}

export interface TextStepListener {
  /** Told when the step begins; neither is told of a step that is only remembered. */
  readonly onStart: () => void;
  /** Told of its end, also where it fails. */
  readonly onEnd: (end: TextStepEnd) => void;
}

/** Carries out a step whose outcome is a text for the model, or remembers it. */
export async function runTextStep(
  run: RunContext,
  step: StepRequest,
  { execute, onStart, onEnd }: TextStepListener & { readonly execute: () => Promise<TextOutcome> },
): Promise<TextOutcome> {
  let startedAt: number | undefined;
  const tellEnd = ({ text, ...outcome }: TextOutcome): void => {
    if (startedAt !== undefined) onEnd({ result: text, ...outcome, durationMs: run.now() - startedAt });
  };
  try {
    const { response, isError, spend } = await run.journal.step(step, async () => {
      startedAt = run.now();
      onStart();
      const { isError: failed, spend: spent, ...told } = await execute();
      return { response: told, isError: failed, spend: spent };
    });
    const { text, fromCache, isRefused } = response as TextStepResponse;
    const outcome = { text, ...(fromCache && { fromCache }), ...(isRefused && { isRefused }), isError, spend };
    tellEnd(outcome);
    return outcome;
  } catch (error) {
    tellEnd({ text: messageOf(error), isError: true, spend: NO_SPEND });
    throw error;
  }
}
