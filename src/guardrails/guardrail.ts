import type { ModelDefinition } from '../definition/types.js';
import type { JsonValue } from '../util/json.js';

/** An output that is checked. */
export interface GuardrailSubject {
  readonly text: string;
  /** The parsed output, where the task has an output schema; null otherwise. */
  readonly value: JsonValue;
  readonly taskKey: string;
  /** Role of the agent that gave it. */
  readonly agent: string;
}

/** What a check came to: passed, perhaps with another output in the place of the first; or not, and why. */
export type GuardrailVerdict =
  { readonly passed: true; readonly output?: string } | { readonly passed: false; readonly reason: string };

/** What a check may use. */
export interface GuardrailContext {
  readonly signal: AbortSignal;
  readonly runId: string;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Lets a model judge whether what the sentence says is true of the output: without `models` those of the agent. */
  readonly judge: (sentence: string, models: readonly ModelDefinition[] | undefined) => Promise<GuardrailVerdict>;
}

/** One check, ready to be made any number of times. */
export interface Guardrail {
  /** As people and prompts call it, such as `max_words: 200`. */
  readonly name: string;
  /** The same for checks that do the same. */
  readonly digest: string;
  /** What it throws fails the task. */
  check(subject: GuardrailSubject, context: GuardrailContext): Promise<GuardrailVerdict> | GuardrailVerdict;
}
