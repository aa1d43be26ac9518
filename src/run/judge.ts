import type { AgentDefinition, ModelDefinition } from '../definition/types.js';
import { TaskError } from '../errors.js';
import type { GuardrailVerdict } from '../guardrails/guardrail.js';
import { excerpt } from '../util/excerpt.js';
import { extractJson } from '../util/extract-json.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { isJsonObject, type JsonSchema } from '../util/json.js';
import type { Spend } from '../util/spend.js';
import { askUntilReadable } from './ask-until-readable.js';
import { Conversation } from './conversation.js';
import type { RunContext, WorkPlace } from './run-context.js';

/** Who judges, as steps and people call it. */
const JUDGE = 'Guardrail judge';
/** Its key where it has models of its own; no agent can have it. */
const JUDGE_KEY = '@judge';
/** Characters of a sentence that an error shows. */
const SHOWN_CHARACTERS = 100;
/** The reason first: a model that has to give one judges better. */
const VERDICT: JsonSchema = {
  type: 'object',
  properties: { reason: { type: 'string' }, passed: { type: 'boolean' } },
  required: ['reason', 'passed'],
  additionalProperties: false,
};

/**
 * Lets a model say whether a sentence is true of an output, as model steps below `place`. `onSpend` is told what each call
 * took. Rejects with TaskError where it gives no verdict, and as a model call does.
 */
export async function judgeOutput(
  run: RunContext,
  place: WorkPlace,
  {
    agent,
    models,
    sentence,
    text,
    onSpend,
  }: {
    /** Whose output it is; its models judge where there are no others. */
    readonly agent: AgentDefinition;
    readonly models: readonly ModelDefinition[] | undefined;
    readonly sentence: string;
    readonly text: string;
    readonly onSpend: (spend: Spend) => void;
  },
): Promise<GuardrailVerdict> {
  const own = { ...agent, role: JUDGE };
  const judge = models
    ? { ...own, key: JUDGE_KEY, models, maxRpm: undefined, maxTpm: undefined, useSystemPrompt: true }
    : own;
  const rules = run.prompts.say('judge_rules');
  const question = run.prompts.say('judge', { requirement: sentence, mark: markFor(text), output: text });
  const conversation = new Conversation(judge.useSystemPrompt ? rules : '');
  conversation.addUser(judge.useSystemPrompt ? question : `${rules}\n\n${question}`);
  return askUntilReadable(run, place, {
    agent: judge,
    conversation,
    responseSchema: { name: 'verdict', schema: VERDICT },
    read: readVerdict,
    askAgain: () => run.prompts.say('judge_again'),
    makeError: ({ model }, _trouble, count) =>
      new TaskError(
        `${model} gave no verdict on the guardrail "${excerpt(sentence, SHOWN_CHARACTERS)}", ${count} times`,
        { hint: 'Name another model with guardrail_llm.' },
      ),
    onSpend,
  });
}

/** A name for the block of the output, the same each time, that does not stand in the output: it cannot end the block. */
function markFor(text: string): string {
  for (let number = 0; ; number += 1) {
    const mark = `output-${fingerprintOf({ text, number }).slice(0, 8)}`;
    if (!text.includes(mark)) return mark;
  }
}

function readVerdict(text: string): { readonly value: GuardrailVerdict } | { readonly trouble: string } {
  const answer = extractJson(text);
  const { passed, reason } = isJsonObject(answer) ? answer : {};
  if (typeof passed !== 'boolean') return { trouble: 'it has no verdict' };
  if (passed) return { value: { passed } };
  return { value: { passed, reason: (typeof reason === 'string' && reason.trim()) || 'it is not met' } };
}
