import { UsageError } from '../errors.js';
import type { JsonValue } from '../util/json.js';
import { suggestHint } from '../util/suggest.js';
import { coerceInput } from './input-values.js';
import type { CrewDefinition, InputDefinition } from './types.js';

export interface ResolvedInputs {
  /** Given values and defaults, by name. */
  readonly values: Readonly<Record<string, JsonValue>>;
  /** Required inputs that have no value, in file order. */
  readonly missing: readonly InputDefinition[];
  /** One sentence for each value that does not fit its input. */
  readonly problems: readonly string[];
  /** One sentence for each value whose input is not declared; it is used all the same. */
  readonly warnings: readonly string[];
}

/** The values of a run's inputs: what was given, as its input's type, then the defaults. */
export function resolveInputs(
  definition: Pick<CrewDefinition, 'inputs'>,
  given: Readonly<Record<string, JsonValue>>,
): ResolvedInputs {
  const declared = Object.values(definition.inputs);
  const values: [string, JsonValue][] = [];
  const missing: InputDefinition[] = [];
  const problems: string[] = [];
  for (const input of declared) {
    const value = Object.hasOwn(given, input.name) ? given[input.name] : undefined;
    if (value === undefined || value === null) {
      if (input.default === undefined) missing.push(input);
      else values.push([input.name, input.default]);
      continue;
    }
    const coerced = coerceInput(input, value);
    if (coerced.ok) values.push([input.name, coerced.value]);
    else problems.push(coerced.reason);
  }
  const names = declared.map(({ name }) => name);
  const others = Object.entries(given).filter(([name]) => !names.includes(name));
  return {
    values: Object.fromEntries([...values, ...others]),
    missing,
    problems,
    warnings: others.map(([name]) => {
      const hint = suggestHint(name, names);
      return `input ${name} is not declared under inputs${hint === undefined ? '' : `: ${hint}`}`;
    }),
  };
}

/** The error for required inputs that nobody can be asked for: names all of them, and what `warnings` say of those given. */
export function missingInputsError(missing: readonly InputDefinition[], warnings: readonly string[] = []): UsageError {
  const lines = missing.map(({ name, type, description }) => {
    const kind = type === 'string' ? '' : ` (${type})`;
    return `  ${name}${kind}${description === undefined ? '' : `: ${description}`}`;
  });
  const flags = missing.map(({ name }) => `--input ${name}=…`).join(' ');
  const what = missing.length === 1 ? 'a required input has' : `${missing.length} required inputs have`;
  return new UsageError([`${what} no value:`, ...lines, ...warnings].join('\n'), {
    hint: `give ${missing.length === 1 ? 'it' : 'them'} with ${flags}, or a file with --inputs`,
  });
}
