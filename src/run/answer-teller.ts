import type { AgentDefinition, CrewDefinition } from '../definition/types.js';
import type { EmitEvent, RunEvent } from '../events.js';
import type { AnswerListener } from '../models/model.js';
import type { Decision } from './decide.js';
import { OutputText } from './output-text.js';
import type { Review } from './review.js';

/** Where a piece of text belongs. */
export type DeltaPlace = Pick<RunEvent & { type: 'model-call-delta' }, 'taskKey' | 'path' | 'agent'>;

/** Tells of the text of an agent's answers while it comes. */
export interface AnswerTeller {
  /** For the next call. `isOutput`: its text, once there, stands in the text form of the result as it is. */
  openCall(place: DeltaPlace, isOutput: boolean): CallTeller;
  /** What has become of the answer of that call. */
  settle(decision: Decision['kind']): void;
}

/** Tells of one call. */
export interface CallTeller extends AnswerListener {
  /** The call has ended with that text: it may have come all at once. */
  onEnd(text: string): void;
  /** Its text is from an earlier life of the run, and is not told of. */
  onRemembered(): void;
}

/** A teller for one agent's work. */
export function createAnswerTeller(emit: EmitEvent): AnswerTeller {
  let output = new OutputText();
  // Of an answer whose beginning nobody was told of, the rest is no output.
  let isWhole = true;
  return {
    openCall(place, mayBeOutput) {
      const isOutput = mayBeOutput && isWhole;
      let hasText = false;
      let isTold = false;
      const tell = (text: string, isRestart: boolean): void => {
        // What nobody was told of need not be taken back.
        const restarts = isRestart && isTold;
        if (text === '' && !restarts) return;
        emit({ type: 'model-call-delta', ...place, text, isOutput, ...(restarts && { isRestart: true }) });
        isTold = text !== '';
      };
      const onText = (piece: string): void => {
        hasText = true;
        const { text, isRestart } = output.push(piece);
        tell(text, isRestart);
      };
      output.mark();
      return {
        onBegin() {
          hasText = false;
          output.takeBack();
          tell('', true);
        },
        onText,
        onEnd(text) {
          if (!hasText) onText(text);
          tell(output.end(), false);
        },
        onRemembered: () => void (isWhole = false),
      };
    },
    settle(decision) {
      if (decision === 'continue') return;
      if (decision === 'ask-again') return output.takeBack();
      output = new OutputText();
      isWhole = true;
    },
  };
}

/** Whether an answer without tool calls is, as text, the result of a crew whose final task it is for. */
export function isOutputAsItIs(
  { fullOutput }: CrewDefinition,
  {
    agent,
    review,
    offers,
  }: { readonly agent: AgentDefinition; readonly review: Review | undefined; readonly offers: readonly object[] },
): boolean {
  return offers.length === 0 && review === undefined && !fullOutput && agent.templates.response === undefined;
}
