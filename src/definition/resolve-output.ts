import type { z } from 'zod';
import { findSchemaProblem } from '../util/check-json-schema.js';
import type { ValuePath as Path } from '../util/format-path.js';
import type { JsonSchema } from '../util/json.js';
import type { Entry } from './entries.js';
import type { outputSchema } from './output-field-schema.js';
import { checkFile, isModulePath, parseModulePath, type PathOptions } from './code-files.js';
import type { TaskFields } from './task-schema.js';
import type { OutputReference } from './types.js';

/** The fields by which a task asks for an output schema. */
const FIELDS = ['output_json', 'output_pydantic', 'response_model'] as const;
/** At least one of these stands at the top of a JSON Schema that means something. */
const SCHEMA_KEYWORDS = new Set(['type', 'properties', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const', 'items']);

/** True for a task that asks for an output schema, sound or not. */
export function asksForSchema({ given }: Pick<Entry<TaskFields>, 'given'>): boolean {
  return FIELDS.some((name) => given.has(name));
}

/** The output schema that a task asks for; undefined where it asks for none, or where it is reported. */
export function resolveOutput(task: Entry<TaskFields>, options: PathOptions): OutputReference | undefined {
  const { fields, path, given } = task;
  const field = FIELDS.find((name) => given.has(name));
  const others = FIELDS.filter((name) => name !== field && given.has(name));
  for (const other of others) {
    options.report.error([...path, other], `${field} is there too; a task has one output schema`, {
      target: 'key',
      hint: 'remove one of the two',
    });
  }
  if (field === undefined || others.length > 0) return undefined;
  const value = fields[field];
  if (value === undefined) return undefined;
  const schema = resolveSchema(value, [...path, field], options);
  return schema && { field, schema };
}

/** The schema that a value of `outputSchema` means; undefined where it is reported. */
export function resolveSchema(
  value: z.output<typeof outputSchema>,
  path: Path,
  options: PathOptions,
): OutputReference['schema'] | undefined {
  return typeof value === 'string'
    ? resolveReference(value.trim(), path, options)
    : checkInline(value as JsonSchema, path, options);
}

function resolveReference(text: string, path: Entry<TaskFields>['path'], options: PathOptions) {
  if (/\.(json|ya?ml)$/i.test(text)) {
    return checkFile(text, path, options) ? ({ kind: 'file', path: text } as const) : undefined;
  }
  if (isModulePath(text)) {
    const module = parseModulePath(text);
    return checkFile(module.path, path, options) ? ({ kind: 'module', ...module } as const) : undefined;
  }
  options.report.error(path, `"${text}" is no path of a schema`, {
    hint: 'write a JSON Schema, the path of one (.json, .yaml), or ./file.ts#export of a Zod schema',
  });
  return undefined;
}

function checkInline(schema: JsonSchema, path: Entry<TaskFields>['path'], { report }: PathOptions) {
  if (!Object.keys(schema).some((key) => SCHEMA_KEYWORDS.has(key))) {
    const hint = 'a JSON Schema looks like { type: object, properties: { title: { type: string } } }';
    report.error(path, 'is not a JSON Schema', { target: 'key', hint });
    return undefined;
  }
  const problem = findSchemaProblem(schema);
  if (problem !== undefined) report.error(path, `is not a sound JSON Schema: ${problem}`, { target: 'key' });
  return problem === undefined ? ({ kind: 'inline', schema } as const) : undefined;
}
