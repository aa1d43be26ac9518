import type { JsonValue } from '../util/json.js';
import { isJsonObject } from '../util/json.js';
import type { InputFields, InputValue } from './input-schema.js';
import { isOfType, isSameValue, typeOfValue } from './input-values.js';
import { PLACEHOLDER_NAME } from './placeholders.js';
import type { Report } from './report.js';
import type { InputDefinition } from './types.js';
import { valueWords } from './value-words.js';

/** The inputs of a definition, in file order; defaults and options that do not fit their type are reported. */
export function resolveInputDefinitions(
  inputs: Readonly<Record<string, InputValue>>,
  report: Report,
): Readonly<Record<string, InputDefinition>> {
  const resolved = Object.entries(inputs).flatMap(([name, value]) => {
    if (!PLACEHOLDER_NAME.test(name)) {
      report.error(['inputs', name], 'the name of an input must be letters, digits, "_" and "-", a letter first', {
        target: 'key',
      });
      return [];
    }
    return [[name, resolveInput(name, value, report)] as const];
  });
  return Object.fromEntries(resolved);
}

function resolveInput(name: string, value: InputValue, report: Report): InputDefinition {
  if (!isJsonObject(value)) {
    const fallback = value === null ? undefined : trimText(value as JsonValue);
    const type = fallback === undefined ? 'string' : typeOfValue(fallback);
    return { name, description: undefined, type, default: fallback, options: undefined };
  }
  const { description, type: writtenType, ...rest } = value as InputFields;
  const options = rest.options as JsonValue[] | undefined;
  const fallback =
    rest.default === undefined || rest.default === null ? undefined : trimText(rest.default as JsonValue);
  const sample = fallback ?? options?.[0];
  const type = writtenType ?? (sample === undefined ? 'string' : typeOfValue(sample));
  const path = ['inputs', name];
  if (fallback !== undefined && !isOfType(fallback, type)) {
    report.error([...path, 'default'], `must be of the type ${type}, not ${valueWords(fallback)}`);
  }
  for (const [index, option] of (options ?? []).entries()) {
    if (isOfType(option, type)) continue;
    report.error([...path, 'options', index], `must be of the type ${type}, not ${valueWords(option)}`);
  }
  if (fallback !== undefined && options && !options.some((option) => isSameValue(option, fallback))) {
    report.error([...path, 'default'], `${valueWords(fallback)} is not among the options`);
  }
  return { name, description: description?.trim(), type, default: fallback, options };
}

function trimText(value: JsonValue): JsonValue {
  return typeof value === 'string' ? value.trim() : value;
}
