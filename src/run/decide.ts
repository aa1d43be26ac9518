import type { ModelAnswer } from '../models/model.js';
import { textOf } from './call-model.js';
import type { ToolCall } from './loop-tool.js';

/** What an agent loop does after an answer. */
export type Decision =
  | { readonly kind: 'call-tools'; readonly calls: readonly ToolCall[] }
  /** The answer was cut: `text` is its beginning. */
  | { readonly kind: 'continue'; readonly text: string }
  | { readonly kind: 'ask-again' }
  | { readonly kind: 'finish'; readonly text: string }
  | { readonly kind: 'fail'; readonly reason: 'cut' | 'empty' | 'filtered' };

/** Continuations of one cut answer, and repetitions of an empty one, before the task fails. */
const MOST_CONTINUATIONS = 3;
export const MOST_EMPTY_ANSWERS = 3;

export interface LoopState {
  /** Text of the cut answers before this one. */
  readonly partial: string;
  readonly continuations: number;
  readonly emptyAnswers: number;
  /** False for the forced final answer: a tool call in it is passed over. */
  readonly offersTools: boolean;
}

/** Decides what follows from an answer. Pure. */
export function decide(answer: ModelAnswer, state: LoopState): Decision {
  const calls = answer.content.flatMap((part) =>
    part.type === 'tool-call' ? [{ id: part.toolCallId, name: part.toolName, input: part.input }] : [],
  );
  if (calls.length > 0 && state.offersTools) return { kind: 'call-tools', calls };
  const text = textOf(answer);
  if (answer.finishReason === 'content-filter') return { kind: 'fail', reason: 'filtered' };
  if (answer.finishReason === 'length') {
    if (state.continuations >= MOST_CONTINUATIONS || text === '') return { kind: 'fail', reason: 'cut' };
    return { kind: 'continue', text };
  }
  const whole = withoutThinking(state.partial + text).trim();
  if (whole !== '') return { kind: 'finish', text: whole };
  return state.emptyAnswers + 1 >= MOST_EMPTY_ANSWERS ? { kind: 'fail', reason: 'empty' } : { kind: 'ask-again' };
}

/** True for an answer after which its model wants no tool called, whatever there is of its text. */
export function isEndOfTools({ kind }: Decision): boolean {
  return kind === 'finish' || kind === 'continue' || kind === 'ask-again';
}

/** The text without `<think>` passages, also where the opening tag was swallowed by the model's template. */
export function withoutThinking(text: string): string {
  return text
    .replaceAll(/<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/g, '')
    .replace(/^\s*<think(?:ing)?>[\s\S]*$/, '')
    .replace(/^[\s\S]*?(?:\n\s*<\/think>|<\/think>[ \t]*\n)/, '');
}
