import { Validator, type OutputUnit, type Schema, type SchemaDraft } from '@cfworker/json-schema';
import { UsageError } from '../errors.js';
import { findSchemaProblem } from './check-json-schema.js';
import { formatPath } from './format-path.js';
import type { JsonSchema } from './json.js';
import { schemaWords } from './schema-words.js';

export type SchemaVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Most problems that a reason names. */
const MOST_PROBLEMS = 5;

/** Keywords whose errors only point at the errors inside them. */
const WRAPPERS = new Set(
  '$recursiveRef $ref additionalItems additionalProperties allOf dependentSchemas if items patternProperties prefixItems properties unevaluatedItems unevaluatedProperties'.split(
    ' ',
  ),
);

/** Keywords that speak for all errors inside them. */
const SPEAKERS = new Set(['anyOf', 'contains', 'not', 'oneOf', 'propertyNames']);

/**
 * Gives a function that checks JSON values against the schema; its reason is short, each problem after its place:
 * `first_number: must be a number, got a text; city: is missing`. No code is generated. Throws UsageError for a schema
 * that is none.
 */
export function createSchemaValidator(schema: JsonSchema): (value: unknown) => SchemaVerdict {
  const problem = findSchemaProblem(schema);
  if (problem !== undefined) throw new UsageError(`not a valid JSON Schema: ${problem}`);
  const validator = new Validator(structuredClone(schema) as Schema, draftOf(schema), false);
  return (value) => {
    if (value === undefined) return { ok: false, reason: 'there is no value' };
    const { valid, errors } = validator.validate(value);
    return valid ? { ok: true } : { ok: false, reason: joinProblems(describeErrors(errors, schema, value)) };
  };
}

/** Problems as one sentence for a model or a person: the first few, and how many more there are. */
export function joinProblems(problems: readonly string[]): string {
  const different = [...new Set(problems)];
  const shown = different.slice(0, MOST_PROBLEMS).join('; ');
  return different.length > MOST_PROBLEMS ? `${shown}; and ${different.length - MOST_PROBLEMS} more` : shown;
}

function draftOf(schema: JsonSchema): SchemaDraft {
  const address = typeof schema.$schema === 'string' ? schema.$schema : '';
  if (address.includes('draft-04')) return '4';
  return /draft-0[67]/.test(address) ? '7' : '2020-12';
}

function describeErrors(errors: readonly OutputUnit[], schema: JsonSchema, value: unknown): string[] {
  const problems: string[] = [];
  for (let index = 0; index < errors.length; index += 1) {
    const error = errors[index] as OutputUnit;
    if (WRAPPERS.has(error.keyword)) continue;
    const speaksForAll = SPEAKERS.has(error.keyword);
    const inside = speaksForAll ? errorsInside(error, errors.slice(index + 1)) : [];
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf') {
      problems.push(...describeChoice(error, inside, schema, value));
    } else {
      const place = placeIn(value, error.instanceLocation);
      const words = schemaWords(error, valueAt(schema, error.keywordLocation), place.value);
      problems.push(...words.map(({ below, text }) => withPlace([...place.path, ...below], text)));
    }
    index += inside.length;
  }
  return problems;
}

function errorsInside({ keywordLocation }: OutputUnit, following: readonly OutputUnit[]): readonly OutputUnit[] {
  const end = following.findIndex((unit) => !unit.keywordLocation.startsWith(`${keywordLocation}/`));
  return end === -1 ? following : following.slice(0, end);
}

/** Explains a choice by the branch that the value comes nearest to; all branches where only the type is wrong. */
function describeChoice(
  error: OutputUnit,
  inside: readonly OutputUnit[],
  schema: JsonSchema,
  value: unknown,
): string[] {
  const { path, value: part } = placeIn(value, error.instanceLocation);
  const branches = branchesOf(error, inside);
  const choices = valueAt(schema, error.keywordLocation);
  if (Array.isArray(choices) && branches.length < choices.length)
    return [withPlace(path, 'fits more than one allowed form')];
  const isOther = (unit: OutputUnit) => unit.keyword === 'type' && unit.instanceLocation === error.instanceLocation;
  const near = branches.filter((units) => !units.some(isOther));
  if (near.length === 0) {
    const types = inside.filter(isOther).flatMap((unit) => valueAt(schema, unit.keywordLocation) as string | string[]);
    return schemaWords({ ...error, keyword: 'type' }, types, part).map(({ text }) => withPlace(path, text));
  }
  const nearest = near.reduce((best, units) => (distanceOf(units) < distanceOf(best) ? units : best));
  return describeErrors(nearest, schema, value);
}

/** How far a value is from a branch: a wrong tag, such as `kind`, says that another branch was meant. */
function distanceOf(units: readonly OutputUnit[]): number {
  return units.filter(({ keyword }) => keyword === 'const' || keyword === 'enum').length * 100 + units.length;
}

/** The errors of each branch that did not fit. */
function branchesOf(error: OutputUnit, inside: readonly OutputUnit[]): OutputUnit[][] {
  const branches: Record<string, OutputUnit[]> = {};
  for (const unit of inside) {
    const [branch = ''] = unit.keywordLocation.slice(error.keywordLocation.length + 1).split('/', 1);
    (branches[branch] ??= []).push(unit);
  }
  return Object.values(branches);
}

function withPlace(path: readonly (string | number)[], text: string): string {
  return path.length === 0 ? text : `${formatPath(path)}: ${text}`;
}

function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function placeIn(
  value: unknown,
  pointer: string,
): { readonly path: readonly (string | number)[]; readonly value: unknown } {
  const path: (string | number)[] = [];
  let part = value;
  for (const segment of segmentsOf(pointer)) {
    path.push(Array.isArray(part) ? Number(segment) : segment);
    part = (part as Record<string, unknown> | undefined)?.[segment];
  }
  return { path, value: part };
}

/** What stands at a keyword's location, local references followed; undefined where it cannot be found. */
function valueAt(schema: JsonSchema, pointer: string): unknown {
  let part: unknown = schema;
  for (const segment of segmentsOf(pointer)) {
    part = (part as Record<string, unknown> | undefined)?.[segment];
    if (segment === '$ref' && typeof part === 'string') part = valueAt(schema, part);
  }
  return part;
}
