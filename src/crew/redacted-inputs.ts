import type { CrewDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import type { RunRecord } from '../store/records.js';
import { canonicalJson } from '../util/fingerprint.js';
import { isJsonObject, type JsonValue } from '../util/json.js';
import { checkInputs } from './kickoff.js';
import { redactorOf } from './redactor-of.js';
import type { Inputs } from './run-options.js';

/**
 * The inputs of a run that goes on: those of its record, and in place of what was stored without its secrets what is given
 * again. Throws UsageError where such an input is not given, and where another one is, or another value.
 */
export function restoreInputs(record: RunRecord, given: Inputs, definition: CrewDefinition): Inputs {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(record.inputs, name));
  if (unknown !== undefined) throw new UsageError(`run ${record.id} has no input ${unknown}`);
  requireUnchanged(record, given);
  const merged = mergeInputs({ of: `run ${record.id}`, inputs: record.inputs }, given, definition);
  if (Object.keys(given).length === 0) return merged;
  const { inputs } = checkInputs(definition, merged);
  const redactor = redactorOf(definition);
  for (const name of Object.keys(given)) {
    const stored = record.inputs[name] ?? null;
    if (!isSame(redactor.json(inputs[name] ?? null), stored)) throw otherValueError(record, name, stored);
  }
  return inputs;
}

/** Throws UsageError for a given input that the run's record has in full. */
export function requireUnchanged({ id, inputs }: RunRecord, given: Inputs): void {
  for (const name of Object.keys(given)) {
    const stored = inputs[name];
    if (stored === undefined || isRedacted(stored)) continue;
    throw new UsageError(`the input ${name} of run ${id} cannot change while the run goes on`, {
      hint: `crew replay --run ${id} --auto -i ${name}=… makes a new run with another value.`,
    });
  }
}

/**
 * Stored inputs with those that are given in their place. Throws UsageError where one is left that lacks its secret and is
 * not the default that the definition has still; `of` says whose inputs they are, and `hint` what to do then.
 */
export function mergeInputs(
  { of, inputs, hint }: { readonly of: string; readonly inputs: Inputs; readonly hint?: string },
  given: Inputs,
  definition: CrewDefinition,
): Inputs {
  const redactor = redactorOf(definition);
  const merged = { ...inputs };
  const lacking: string[] = [];
  for (const [name, stored] of Object.entries(inputs)) {
    if (Object.hasOwn(given, name) || !isRedacted(stored)) continue;
    const fallback = definition.inputs[name]?.default;
    if (fallback === undefined || isRedacted(fallback) || !isSame(redactor.json(fallback), stored)) lacking.push(name);
    else merged[name] = fallback;
  }
  if (lacking.length === 0) return { ...merged, ...given };
  const [what, them] = lacking.length === 1 ? ['input', 'it'] : ['inputs', 'them'];
  throw new UsageError(`the ${what} ${lacking.join(', ')} of ${of} had a secret, which is not stored`, {
    hint: hint ?? `Give ${them} again: ${lacking.map((name) => `-i ${name}=…`).join(' ')}`,
  });
}

/** Whether the redactor has taken something out of a value. */
function isRedacted(value: JsonValue): boolean {
  if (typeof value === 'string') return /\[redacted:[^\]]+\]/.test(value);
  if (Array.isArray(value)) return value.some(isRedacted);
  return isJsonObject(value) && Object.values(value).some(isRedacted);
}

function otherValueError({ id }: RunRecord, name: string, stored: JsonValue): UsageError {
  const text = typeof stored === 'string' ? stored : JSON.stringify(stored);
  return new UsageError(`the input ${name} is not the one that run ${id} was given, which is stored as ${text}`, {
    hint: `crew replay --run ${id} --auto -i ${name}=… makes a new run with another value.`,
  });
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
