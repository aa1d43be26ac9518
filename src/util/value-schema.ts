import type { ZodType } from 'zod';
import { messageOf, UsageError } from '../errors.js';
import { findSchemaProblem } from './check-json-schema.js';
import { formatPath } from './format-path.js';
import { createSchemaValidator, joinProblems } from './json-schema.js';
import { isJsonObject, type JsonSchema } from './json.js';
import { valueWords } from './schema-words.js';
import { toJsonValue } from './to-json.js';

export type SchemaParse =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

/** A schema of any library, in the two forms that are needed here. */
export interface ValueSchema {
  /** What a model is to write, without `$schema`: before defaults and transforms are applied. */
  readonly jsonSchema: JsonSchema;
  /** True for plain JSON Schema, whose values come back as they are. */
  readonly isPlain: boolean;
  /** Gives the value as the schema's library parses it. Never rejects for a value that does not fit. */
  parse(value: unknown): Promise<SchemaParse>;
}

/** The part of https://standardschema.dev that is used here. */
interface StandardSchema {
  readonly '~standard': {
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>;
    readonly jsonSchema?: { input(options: { target: 'draft-07' }): Record<string, unknown> };
  };
}
type StandardResult = { readonly value: unknown; readonly issues?: undefined } | { readonly issues: readonly Issue[] };
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Zod's, for a choice: why each branch did not fit. */
  readonly errors?: readonly (readonly Issue[])[];
}

const SCHEMA_KEYWORDS = ['type', 'properties', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const'];

/** True for what `toValueSchema` takes: Zod 3 or 4, any Standard Schema, the AI SDK's `jsonSchema()`, or JSON Schema. */
export function isSchema(value: unknown): boolean {
  return (
    isLibrarySchema(value) || (isJsonObject(value) && SCHEMA_KEYWORDS.some((keyword) => Object.hasOwn(value, keyword)))
  );
}

/** The schema in one form for all libraries. Rejects with UsageError where it is none, or where JSON Schema cannot say it. */
export async function toValueSchema(schema: unknown): Promise<ValueSchema> {
  if (isLibrarySchema(schema) || isLazySchema(schema)) return readLibrarySchema(schema);
  if (!isJsonObject(schema))
    throw new UsageError(`a schema is a Zod schema or a JSON Schema, this is ${valueWords(schema)}`);
  if (Object.values(schema).some(isLibrarySchema)) {
    throw new UsageError('an object of schemas is no schema', { hint: 'wrap it: z.object({ … })' });
  }
  return readJsonSchema(schema);
}

function isLibrarySchema(value: unknown): value is object {
  // Some libraries' schemas are functions.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return '~standard' in value || isAiSchema(value) || ('_def' in value && 'safeParseAsync' in value);
}

/** The AI SDK's `lazySchema()`. */
function isLazySchema(value: unknown): value is object {
  return typeof value === 'function' && value.length === 0;
}

function isAiSchema(value: object): boolean {
  return Symbol.for('vercel.ai.schema') in value;
}

async function readJsonSchema(schema: unknown): Promise<ValueSchema> {
  const jsonSchema = asJsonSchema(schema);
  const validate = createSchemaValidator(jsonSchema);
  const parse = async (value: unknown): Promise<SchemaParse> => {
    const verdict = validate(value);
    return verdict.ok ? { ok: true, value } : verdict;
  };
  return { jsonSchema: withoutAddress(jsonSchema), isPlain: true, parse };
}

async function readLibrarySchema(schema: object): Promise<ValueSchema> {
  if ('~standard' in schema) {
    const standard = (schema as StandardSchema)['~standard'];
    return {
      jsonSchema: await convert(async () => standard.jsonSchema?.input({ target: 'draft-07' }) ?? convertOlder(schema)),
      isPlain: false,
      parse: (value) =>
        settle(async () => {
          const result = await standard.validate(value);
          return result.issues ? refuse(result.issues) : { ok: true, value: result.value };
        }),
    };
  }
  const { asSchema, zodSchema } = await import('@ai-sdk/provider-utils');
  const known = '_def' in schema ? zodSchema(schema as Parameters<typeof zodSchema>[0]) : asSchema(schema as never);
  const { validate } = known;
  if (!validate) return readJsonSchema(await known.jsonSchema);
  return {
    jsonSchema: await convert(async () => known.jsonSchema),
    isPlain: false,
    parse: (value) =>
      settle(async () => {
        const result = await validate(value);
        return result.success ? { ok: true, value: result.value } : refuse(issuesOf(result.error));
      }),
  };
}

/** JSON Schema of a Zod that does not bring its own conversion: 3, or 4 before 4.2. */
async function convertOlder(schema: object): Promise<unknown> {
  if ('_zod' in schema) {
    const { toJSONSchema } = await import('zod');
    return toJSONSchema(schema as ZodType, { io: 'input', target: 'draft-7' });
  }
  const { asSchema } = await import('@ai-sdk/provider-utils');
  return asSchema(schema as never).jsonSchema;
}

async function convert(read: () => Promise<unknown>): Promise<JsonSchema> {
  try {
    return withoutAddress(withoutSafeBounds(asJsonSchema(await read())));
  } catch (error) {
    throw new UsageError(`the schema has no JSON Schema form: ${messageOf(error)}`, { cause: error });
  }
}

function asJsonSchema(schema: unknown): JsonSchema {
  const json = toJsonValue(schema);
  if (!json.ok) throw new UsageError(`not a valid JSON Schema: ${json.reason}`);
  const problem = findSchemaProblem(json.value);
  if (problem !== undefined) throw new UsageError(`not a valid JSON Schema: ${problem}`);
  return json.value as JsonSchema;
}

/** Models are not told the dialect: some providers refuse the key. */
function withoutAddress({ $schema: _address, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

/** Without the bounds of JavaScript's integers, which Zod writes at every `int()`: no news to a model, but paid for. */
function withoutSafeBounds(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    SAFE_BOUNDS.has(key) && SAFE_BOUNDS.get(key) === value ? undefined : value,
  ) as JsonSchema;
}

const SAFE_BOUNDS = new Map<string, unknown>([
  ['minimum', Number.MIN_SAFE_INTEGER],
  ['maximum', Number.MAX_SAFE_INTEGER],
]);

/** A transform or check that throws is a refusal in its own words. */
async function settle(parse: () => Promise<SchemaParse>): Promise<SchemaParse> {
  try {
    return await parse();
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}

function issuesOf(error: Error): readonly Issue[] {
  const { issues } = error as { readonly issues?: unknown };
  return Array.isArray(issues) ? (issues as Issue[]) : [{ message: error.message }];
}

function refuse(issues: readonly Issue[]): SchemaParse {
  return { ok: false, reason: joinProblems(issues.map(issueWords)) };
}

function issueWords({ message, path = [], errors = [] }: Issue): string {
  const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
  const place = formatPath(keys.map((key) => (typeof key === 'number' ? key : String(key))));
  const words = message.replace(/^Invalid (?:input|option): /, '');
  const branches = errors.map((issues) => issues.map(issueWords).join(', '));
  const explained = branches.length > 0 ? branches.join(', or ') : words;
  return place === '' ? explained : `${place}: ${explained}`;
}
