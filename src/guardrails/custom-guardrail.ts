import { resolve } from 'node:path';
import type { GuardrailDefinition } from '../definition/types.js';
import { messageOf, TaskError, UsageError } from '../errors.js';
import { digestSource } from '../tools/own/source-digest.js';
import { fingerprintOf } from '../util/fingerprint.js';
import type { JsonValue } from '../util/json.js';
import { loadModuleExport } from '../util/load-module.js';
import { orAbort } from '../util/or-abort.js';
import { describeValue, toJsonValue } from '../util/to-json.js';
import type { Guardrail, GuardrailVerdict } from './guardrail.js';

/** The output that a guardrail of the user's own code is given. */
export interface GuardrailOutput {
  readonly raw: string;
  /** The parsed output, where the task has an output schema; null otherwise. */
  readonly json: JsonValue;
  readonly taskKey: string;
  /** Role of the agent that gave it. */
  readonly agent: string;
}

/** What it is given beside the output. */
export interface GuardrailCallContext {
  /** Aborted when the run is stopped. */
  readonly signal: AbortSignal;
  readonly runId: string;
  /** Absolute. */
  readonly workingDirectory: string;
}

/**
 * What a guardrail of the user's own code gives back: passed or not; or with the reason why not; or passed with another
 * output in the place of the first, where what is no text becomes JSON. `[true, output]` and `[false, reason]` mean the same.
 */
export type GuardrailResult =
  | boolean
  | readonly [passed: boolean, outputOrReason?: unknown]
  | { readonly passed: boolean; readonly reason?: string; readonly output?: unknown };

/** A guardrail as a user's file exports it. */
export type GuardrailFunction = (
  output: GuardrailOutput,
  context: GuardrailCallContext,
) => GuardrailResult | Promise<GuardrailResult>;

const SHAPE = 'A guardrail gives true, false, [passed, output or reason], or { passed, reason, output }.';

/**
 * `./file.ts#export`: a function of the user's. What it throws, or gives back that is no verdict, becomes a TaskError. Rejects
 * with UsageError where the file cannot be loaded or exports no function.
 */
export async function loadCustomGuardrail(
  { name, path, exportName }: GuardrailDefinition & { readonly kind: 'module' },
  { definitionDirectory: directory }: { readonly definitionDirectory: string },
): Promise<Guardrail> {
  const found = await loadModuleExport(path, exportName, { directory, accepts: isFunction });
  const { value } = found;
  if (!isFunction(value)) {
    throw new UsageError(`${name} is not a guardrail: it is no function`, { hint: SHAPE });
  }
  return {
    name,
    digest: fingerprintOf({ code: await digestSource(resolve(directory, path)), exportName: found.name }),
    async check({ text, value: json, taskKey, agent }, { signal, runId, workingDirectory }) {
      const output = { raw: text, json: structuredClone(json), taskKey, agent };
      const call = async (): Promise<unknown> => value(output, { signal, runId, workingDirectory });
      const result = await orAbort(call(), signal).catch((error: unknown) => {
        signal.throwIfAborted();
        throw new TaskError(`guardrail ${name} failed: ${messageOf(error)}`, {
          hint: 'It is code of the crew: mend it, then crew resume goes on.',
          cause: error,
        });
      });
      return readResult(name, result);
    },
  };
}

function isFunction(value: unknown): value is (output: GuardrailOutput, context: GuardrailCallContext) => unknown {
  return typeof value === 'function';
}

function readResult(name: string, result: unknown): GuardrailVerdict {
  const { passed, reason, output } = partsOf(result);
  if (typeof passed !== 'boolean') throw noVerdictError(name, result);
  if (!passed) return { passed, reason: reasonText(reason) };
  return output === undefined || output === null ? { passed } : { passed, output: outputText(name, output) };
}

function partsOf(result: unknown): { readonly passed?: unknown; readonly reason?: unknown; readonly output?: unknown } {
  if (typeof result === 'boolean') return { passed: result };
  if (Array.isArray(result)) return { passed: result[0], reason: result[1], output: result[1] };
  return typeof result === 'object' && result !== null ? result : {};
}

function reasonText(reason: unknown): string {
  const text = reason === undefined || reason === null ? '' : messageOf(reason).trim();
  return text === '' ? 'it gives no reason' : text;
}

function outputText(name: string, output: unknown): string {
  if (typeof output === 'string') return output;
  const json = toJsonValue(output);
  if (json.ok) return JSON.stringify(json.value);
  throw new TaskError(`guardrail ${name} gave an output that is no text and no JSON: ${json.reason}`, { hint: SHAPE });
}

function noVerdictError(name: string, result: unknown): TaskError {
  return new TaskError(`guardrail ${name} gave no verdict but ${describeValue(result)}`, { hint: SHAPE });
}
