import { dereference, type Schema } from '@cfworker/json-schema';
import { messageOf } from '../errors.js';
import { formatPath, type ValuePath } from './format-path.js';
import { isJsonObject } from './json.js';
import { valueWords } from './schema-words.js';
import { suggestHint } from './suggest.js';

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
const SCHEMA_KEYWORDS = new Set(
  'additionalItems additionalProperties contains else if items not propertyNames then unevaluatedItems unevaluatedProperties'.split(
    ' ',
  ),
);
const LIST_KEYWORDS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const MAP_KEYWORDS = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']);
const COUNT_KEYWORDS = new Set(
  'maxContains maxItems maxLength maxProperties minContains minItems minLength minProperties'.split(' '),
);

/** What is wrong with a JSON Schema, first its place: `properties.age.type: …`; undefined for a sound one. */
export function findSchemaProblem(schema: unknown): string | undefined {
  if (!isJsonObject(schema)) return `a JSON Schema is an object, this is ${valueWords(schema)}`;
  return findProblem(schema, []) ?? findUnresolved(schema);
}

function findProblem(schema: unknown, path: ValuePath): string | undefined {
  if (typeof schema === 'boolean') return undefined;
  if (!isJsonObject(schema)) return at(path, 'must be a schema: an object, true or false');
  for (const [keyword, value] of Object.entries(schema)) {
    const problem = findKeywordProblem(keyword, value, [...path, keyword]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function findKeywordProblem(keyword: string, value: unknown, path: ValuePath): string | undefined {
  if (MAP_KEYWORDS.has(keyword)) {
    if (!isJsonObject(value)) return at(path, 'must be an object of schemas');
    return firstOf(Object.entries(value), ([key, item]) =>
      keyword === 'patternProperties'
        ? (findPatternProblem(key, path) ?? findProblem(item, [...path, key]))
        : findProblem(item, [...path, key]),
    );
  }
  if (LIST_KEYWORDS.has(keyword) || (keyword === 'items' && Array.isArray(value))) {
    if (!Array.isArray(value) || value.length === 0) return at(path, 'must be a list of schemas');
    return firstOf([...value.entries()], ([index, item]) => findProblem(item, [...path, index]));
  }
  if (SCHEMA_KEYWORDS.has(keyword)) return findProblem(value, path);
  if (COUNT_KEYWORDS.has(keyword)) {
    return Number.isInteger(value) && (value as number) >= 0
      ? undefined
      : at(path, 'must be a whole number, 0 or more');
  }
  switch (keyword) {
    case 'type':
      return findTypeProblem(value, path);
    case 'required':
      return isStringList(value) ? undefined : at(path, 'must be a list of field names, beside "properties"');
    case 'enum':
      return Array.isArray(value) && value.length > 0 ? undefined : at(path, 'must be a list of values');
    case 'pattern':
      return findPatternProblem(value, path);
    case '$ref':
      return typeof value === 'string' ? undefined : at(path, 'must be a text');
    default:
      return undefined;
  }
}

function findTypeProblem(value: unknown, path: ValuePath): string | undefined {
  return firstOf(Array.isArray(value) ? value : [value], (type) => {
    if (typeof type === 'string' && TYPES.includes(type)) return undefined;
    const hint = typeof type === 'string' ? suggestHint(type, TYPES) : undefined;
    return at(path, `${JSON.stringify(type)} is not a JSON Schema type; ${hint ?? `there are ${TYPES.join(', ')}`}`);
  });
}

function findPatternProblem(pattern: unknown, path: ValuePath): string | undefined {
  try {
    return typeof pattern === 'string' && new RegExp(pattern, 'u') ? undefined : at(path, 'must be a text');
  } catch (error) {
    return at(path, messageOf(error));
  }
}

/** Finds a `$ref` to nothing. Works on a copy, because the library writes into what it reads. */
function findUnresolved(schema: object): string | undefined {
  try {
    const schemas = dereference(structuredClone(schema) as Schema);
    for (const part of Object.values(schemas)) {
      if (typeof part === 'boolean') continue;
      const { $ref, __absolute_ref__: address } = part;
      if (address && !(address in schemas)) return `$ref "${$ref}" points to nothing in this schema`;
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function firstOf<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = find(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isStringList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function at(path: ValuePath, problem: string): string {
  return path.length === 0 ? problem : `${formatPath(path)}: ${problem}`;
}
