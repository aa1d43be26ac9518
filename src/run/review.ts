import type { OutputSchema } from '../definition/output-schema.js';
import type { AgentDefinition, TaskDefinition } from '../definition/types.js';
import { UnmetError } from '../errors.js';
import type { Guardrail } from '../guardrails/guardrail.js';
import { countOf } from '../util/amounts.js';
import type { JsonSchema, JsonValue } from '../util/json.js';
import { NO_SPEND, type Spend } from '../util/spend.js';
import { askForReview } from './ask-human.js';
import { checkGuardrails } from './check-guardrails.js';
import { parseOutput } from './parse-output.js';
import type { RunContext, WorkPlace } from './run-context.js';

/** An answer that would finish the work. */
export interface Attempt {
  readonly text: string;
  /** 1-based, of all answers of the work that would have finished it. */
  readonly number: number;
}

/** What an answer has to pass before it counts: output schema, guardrails, a person. */
export interface Review {
  /** Rejected answers after which another one is asked for; a person's wishes do not count. */
  readonly mostRetries: number;
  /** The form that the answer is asked for in, where it has one. */
  readonly responseSchema: { readonly name: string; readonly schema: JsonSchema } | undefined;
  /** `run` is the one that the agent's loop works in. */
  check(run: RunContext, attempt: Attempt): Promise<ReviewOutcome>;
}

export type ReviewOutcome = { readonly spend: Spend } & (
  | { readonly kind: 'accepted'; readonly text: string; readonly value: JsonValue }
  | ({ readonly kind: 'rejected' } & Rejection)
  | { readonly kind: 'revise'; readonly prompt: string; readonly mayUseTools: true }
);

/** Why an answer was not accepted. */
export interface Rejection {
  readonly reasons: readonly string[];
  /** Said to the agent. */
  readonly prompt: string;
  /** False where only the form is wrong. */
  readonly mayUseTools: boolean;
}

/** The review of what a task gives; undefined where every answer counts. */
export function createTaskReview(
  run: RunContext,
  place: WorkPlace,
  {
    agent,
    task,
    schema,
  }: {
    readonly agent: AgentDefinition;
    readonly task: TaskDefinition;
    readonly schema: OutputSchema | undefined;
  },
): Review | undefined {
  const own = run.taskGuardrails.get(task.key) ?? [];
  const guardrails = [...own, ...(run.agentGuardrails.get(agent.key) ?? [])];
  const mostRetries = schema || own.length > 0 ? task.guardrailMaxRetries : agent.guardrailMaxRetries;
  return createReview(place, { agent, schema, guardrails, mostRetries, isReviewed: task.humanInput });
}

/** The review of what an agent answers to a coworker; undefined where every answer counts. */
export function createAgentReview(run: RunContext, place: WorkPlace, agent: AgentDefinition): Review | undefined {
  const guardrails = run.agentGuardrails.get(agent.key) ?? [];
  const { guardrailMaxRetries: mostRetries } = agent;
  return createReview(place, { agent, schema: undefined, guardrails, mostRetries, isReviewed: false });
}

interface ReviewParts {
  readonly agent: AgentDefinition;
  readonly schema: OutputSchema | undefined;
  readonly guardrails: readonly Guardrail[];
  readonly mostRetries: number;
  /** A person has the last word. */
  readonly isReviewed: boolean;
}

function createReview(place: WorkPlace, parts: ReviewParts): Review | undefined {
  const { agent, schema, guardrails, mostRetries, isReviewed } = parts;
  // Not the attempt's number: in a replay, which takes over what a person said, other attempts may be rejected before.
  let reviews = 0;
  if (!schema && guardrails.length === 0 && !isReviewed) return undefined;
  return {
    mostRetries,
    responseSchema: schema && { name: schema.name, schema: schema.schema },
    async check(run, attempt) {
      const { number } = attempt;
      const misfit = (reason: string, { schema: wanted }: OutputSchema, spend: Spend): ReviewOutcome => ({
        kind: 'rejected',
        reasons: [reason],
        prompt: run.prompts.misfit(reason, wanted),
        mayUseTools: false,
        spend,
      });
      const parsed = schema ? await parseOutput(schema, attempt.text) : NO_VALUE;
      if (schema && !parsed.ok) return misfit(parsed.reason, schema, NO_SPEND);
      const { text, value, reasons, spend } = await checkGuardrails(run, place, {
        agent,
        guardrails,
        schema,
        text: attempt.text,
        value: parsed.ok ? parsed.value : null,
        number,
      });
      if (reasons.length > 0) {
        const list = reasons.map((reason) => `- ${reason}`).join('\n');
        const prompt = run.prompts.say('rejected', { reasons: list });
        return { kind: 'rejected', reasons, prompt, mayUseTools: true, spend };
      }
      if (isReviewed) {
        reviews += 1;
        const answer = await askForReview(run, place, { text, agentRole: agent.role, number: reviews });
        if (answer.decision === 'revise') {
          const prompt = run.prompts.say('revise', { feedback: answer.text });
          return { kind: 'revise', prompt, mayUseTools: true, spend };
        }
      }
      return { kind: 'accepted', text, value, spend };
    },
  };
}

const NO_VALUE = { ok: true, value: null } as const;

/** The error for an agent none of whose attempts was accepted; names what was wrong with each. */
export function unmetError({ role }: AgentDefinition, rejections: readonly Rejection[]): UnmetError {
  const attempts = countOf(rejections.length, 'attempt');
  if (rejections.every(({ mayUseTools }) => !mayUseTools)) {
    const last = rejections.at(-1)?.reasons.join('; ');
    return new UnmetError(`the answer of ${role} did not fit the output schema in ${attempts}: ${last}`, {
      hint: 'Loosen the schema, describe its fields, or raise guardrail_max_retries.',
    });
  }
  const lines = rejections.map(({ reasons }, index) => `  attempt ${index + 1}: ${reasons.join('; ')}`);
  return new UnmetError(`the answer of ${role} was not accepted in ${attempts}:\n${lines.join('\n')}`, {
    hint: 'Loosen the guardrails, say in the task what they ask for, or raise guardrail_max_retries.',
  });
}
