import { resolveInputs } from '../definition/inputs.js';
import type { CrewDefinition } from '../definition/types.js';
import { messageOf, UsageError } from '../errors.js';
import { loadCallbacks, loadFunctions } from '../run/callbacks.js';
import { loadConditions } from '../run/conditions.js';
import { isJsonObject } from '../util/json.js';
import { orAbort } from '../util/or-abort.js';
import { describeValue, toJsonValue } from '../util/to-json.js';
import { redactorOf } from './redactor-of.js';
import type { Inputs } from './run-options.js';

/**
 * The inputs as the crew's `before_kickoff` wants them, which is called with what was given and the defaults; without one as
 * they were given. Rejects with UsageError where it cannot be loaded, throws, or gives back what is no map of inputs.
 */
export async function changeInputs(definition: CrewDefinition, given: Inputs, signal: AbortSignal): Promise<Inputs> {
  const { beforeKickoff } = definition.callbacks;
  if (beforeKickoff.length === 0) return given;
  const { values, problems, missing } = resolveInputs(definition, given);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  const functions = await loadFunctions('before_kickoff', beforeKickoff, definition);
  // What is wrong with other code of the crew is told before any of it is called.
  await loadCallbacks(definition);
  await loadConditions(definition);
  let inputs: Inputs = structuredClone(values);
  for (const { name, call } of functions) {
    const copy = { ...inputs };
    const changed = await orAbort(call(copy), signal).catch((error: unknown) => {
      signal.throwIfAborted();
      const names = missing.filter((input) => !Object.hasOwn(inputs, input.name)).map((input) => input.name);
      throw new UsageError(redactorOf(definition).text(`before_kickoff ${name} failed: ${messageOf(error)}`), {
        hint: names.length > 0 ? `There is no value for ${names.join(', ')}.` : 'Nothing was run.',
        cause: error,
      });
    });
    inputs = readInputs(name, changed ?? copy);
  }
  return inputs;
}

function readInputs(name: string, value: unknown): Inputs {
  const json = toJsonValue(value);
  if (json.ok && isJsonObject(json.value)) return json.value;
  throw new UsageError(`before_kickoff ${name} gave ${describeValue(value)}; it gives a map of inputs, or nothing`);
}
