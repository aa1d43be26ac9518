import type { AgentDefinition } from '../definition/types.js';
import { LimitError } from '../errors.js';
import { excerpt } from '../util/excerpt.js';
import { canonicalJson } from '../util/fingerprint.js';
import { argumentsOf, type ToolCall } from './loop-tool.js';

/** The same call in this many answers in a row: the model is told; the task ends. */
export const REPEATS_TOLD = 3;
const REPEATS_ENDED = 5;

/** Characters of a call's arguments that an error shows. */
const MOST_INPUT = 200;

/** In how many answers in a row a call was made, by tool and arguments. */
export type RepeatCounts = ReadonlyMap<string, number>;

/** What a call is counted by: the same for the same tool with the same arguments, however they are written. */
export function repeatKey({ name, input }: ToolCall): string {
  return canonicalJson([name, argumentsOf(input)]);
}

/** The counts after one more answer. What other calls stand beside a call does not matter. Pure. */
export function countRepeats(before: RepeatCounts, calls: readonly ToolCall[]): RepeatCounts {
  return new Map(calls.map((call) => [repeatKey(call), (before.get(repeatKey(call)) ?? 0) + 1]));
}

/** Whether the call was made so often that the task ends of it. */
export function isRepeatedTooOften(call: ToolCall, repeats: RepeatCounts): boolean {
  return (repeats.get(repeatKey(call)) ?? 0) >= REPEATS_ENDED;
}

/** The error of a task whose agent does not get out of a call. */
export function repeatedCallError({ role }: AgentDefinition, { name, input }: ToolCall): LimitError {
  return new LimitError(
    `${role} made the same call ${REPEATS_ENDED} times in a row: ${name} ${excerpt(input, MOST_INPUT)}`,
    {
      hint: 'Say in the task what to do with the result, or use a stronger model.',
    },
  );
}
