import type { OutputSchema } from '../definition/output-schema.js';
import type { AgentDefinition } from '../definition/types.js';
import { messageOf, TaskError } from '../errors.js';
import type { Guardrail, GuardrailSubject } from '../guardrails/guardrail.js';
import type { GuardrailStepRequest, GuardrailStepResponse } from '../journal/step-payloads.js';
import { fingerprintOf } from '../util/fingerprint.js';
import type { JsonValue } from '../util/json.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import { CallbackError } from './callbacks.js';
import { judgeOutput } from './judge.js';
import { parseOutput } from './parse-output.js';
import type { RunContext, WorkPlace } from './run-context.js';

/** A check itself failed: the run ends with it, also where the output is that of a coworker. */
export class GuardrailError extends TaskError {}

/** An answer to check. */
export interface CheckedAttempt {
  readonly agent: AgentDefinition;
  readonly guardrails: readonly Guardrail[];
  readonly schema: OutputSchema | undefined;
  readonly text: string;
  /** The text as the schema parses it; null without one. */
  readonly value: JsonValue;
  /** 1-based. */
  readonly number: number;
}

/** What all guardrails came to on one attempt. */
export interface GuardrailsOutcome {
  /** The output, as the last guardrail that changed it left it. */
  readonly text: string;
  readonly value: JsonValue;
  /** `<guardrail>: <why>` of each one that did not pass; none where all did. */
  readonly reasons: readonly string[];
  readonly spend: Spend;
}

/**
 * Makes every check of the list on one attempt, one after the other, each as a step of the run; one that changes the output
 * hands it to those after it. Rejects with GuardrailError where a check itself fails.
 */
export async function checkGuardrails(
  run: RunContext,
  place: WorkPlace,
  attempt: CheckedAttempt,
): Promise<GuardrailsOutcome> {
  const { agent, guardrails, schema, number } = attempt;
  let { text, value } = attempt;
  let spend = NO_SPEND;
  const reasons: string[] = [];
  for (const [index, guardrail] of guardrails.entries()) {
    const path = `${place.path}/guardrail/${number}.${index + 1}`;
    const subject = { text, value, taskKey: place.taskKey, agent: agent.role };
    const { response, spend: taken } = await checkOne(run, path, { agent, guardrail, subject, number });
    spend = addSpend(spend, taken);
    if (!response.passed) reasons.push(`${guardrail.name}: ${response.reason}`);
    if (response.output === undefined || response.output === text) continue;
    text = response.output;
    if (schema) value = await parseChanged(guardrail, schema, text);
  }
  return { text, value, reasons, spend };
}

/** No other answer would help: it is the guardrail that made it so. */
async function parseChanged({ name }: Guardrail, schema: OutputSchema, text: string): Promise<JsonValue> {
  const parsed = await parseOutput(schema, text);
  if (parsed.ok) return parsed.value;
  throw new GuardrailError(`guardrail ${name} changed the output, which now does not fit its schema: ${parsed.reason}`);
}

async function checkOne(
  run: RunContext,
  path: string,
  check: {
    readonly agent: AgentDefinition;
    readonly guardrail: Guardrail;
    readonly subject: GuardrailSubject;
    readonly number: number;
  },
): Promise<{ readonly response: GuardrailStepResponse; readonly spend: Spend }> {
  run.signal.throwIfAborted();
  const { agent, guardrail, subject, number: attempt } = check;
  const { taskKey, text, value } = subject;
  const at = { taskKey, path, agent: agent.role, guardrail: guardrail.name, attempt };
  let startedAt: number | undefined;
  let spend = NO_SPEND;
  const tellEnd = (end: Pick<GuardrailStepResponse, 'passed' | 'reason'> & { readonly hasFailed?: true }): void => {
    if (startedAt === undefined) return;
    const { passed, reason, hasFailed } = end;
    const outcome = { passed, reason, ...(hasFailed && { hasFailed }) };
    run.emit({ type: 'guardrail-end', ...at, ...outcome, spend, durationMs: run.now() - startedAt });
  };
  const request: GuardrailStepRequest = { attempt };
  try {
    const outcome = await run.journal.step(
      {
        path,
        kind: 'guardrail',
        taskKey,
        agent: agent.role,
        name: guardrail.name,
        request,
        fingerprint: fingerprintOf({ guardrail: guardrail.digest, text, value }),
        hasEffects: false,
      },
      async () => {
        startedAt = run.now();
        run.emit({ type: 'guardrail-start', ...at });
        const verdict = await guardrail.check(subject, {
          signal: run.signal,
          runId: run.runId,
          workingDirectory: run.workingDirectory,
          judge: (sentence, models) =>
            judgeOutput(
              run,
              { path, taskKey },
              { agent, models, sentence, text, onSpend: (taken) => (spend = addSpend(spend, taken)) },
            ),
        });
        run.signal.throwIfAborted();
        const response: GuardrailStepResponse = verdict.passed
          ? { passed: true, reason: null, ...(verdict.output !== undefined && { output: verdict.output }) }
          : { passed: false, reason: verdict.reason };
        return { response, spend, isError: !verdict.passed };
      },
    );
    const response = outcome.response as GuardrailStepResponse;
    tellEnd(response);
    return { response, spend: outcome.spend };
  } catch (error) {
    tellEnd({ passed: false, reason: messageOf(error), hasFailed: true });
    if (!(error instanceof TaskError) || error instanceof CallbackError) throw error;
    throw new GuardrailError(error.message, { hint: error.hint, cause: error });
  }
}
