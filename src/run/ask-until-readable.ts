import type { TaskError } from '../errors.js';
import type { Spend } from '../util/spend.js';
import { type CalledAnswer, callModel, type ModelCall, textOf } from './call-model.js';
import { withoutThinking } from './decide.js';
import type { RunContext, WorkPlace } from './run-context.js';

/** Answers that cannot be read after which no other one is asked for. */
const MOST_UNREADABLE = 3;

/** A question whose answer has a form. */
export interface ReadableQuestion<Value> extends Pick<ModelCall, 'agent' | 'conversation'> {
  readonly responseSchema: NonNullable<ModelCall['responseSchema']>;
  /** What an answer says, less its thinking; or what is wrong with it. */
  readonly read: (text: string) => { readonly value: Value } | { readonly trouble: string };
  /** Said to the model where its answer cannot be read. */
  readonly askAgain: (trouble: string) => string;
  /** The error of the last answer that cannot be read; `count`: how many there were. */
  readonly makeError: (answer: CalledAnswer, trouble: string, count: number) => TaskError;
  /** Told what each call took. */
  readonly onSpend: (spend: Spend) => void;
}

/** What a model answers, once that can be read, in model steps below `place`. Rejects with `makeError`, and as a model call does. */
export async function askUntilReadable<Value>(
  run: RunContext,
  place: WorkPlace,
  { agent, conversation, responseSchema, read, askAgain, makeError, onSpend }: ReadableQuestion<Value>,
): Promise<Value> {
  let unreadable = 0;
  for (let number = 1; ; number += 1) {
    const call = { agent, conversation, responseSchema, tools: [], toolsBefore: undefined, number };
    const answer = await callModel(run, place, call);
    onSpend(answer.spend);
    const found = read(withoutThinking(textOf(answer)));
    if ('value' in found) return found.value;
    unreadable += 1;
    if (unreadable >= MOST_UNREADABLE) {
      // Where the run ended of it once already and goes on, it would do so for ever.
      if (!answer.isRemembered) throw makeError(answer, found.trouble, unreadable);
      unreadable = 0;
    }
    conversation.addAnswer(answer.content);
    conversation.addUser(askAgain(found.trouble));
  }
}
