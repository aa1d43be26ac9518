import { parse } from 'yaml';
import { readFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { messageOf, TaskError, UsageError } from '../errors.js';
import { fileTrouble } from '../util/file-trouble.js';
import { toIdentifier } from '../util/identifier.js';
import type { JsonSchema, JsonValue } from '../util/json.js';
import { loadModuleExport } from '../util/load-module.js';
import { toJsonValue } from '../util/to-json.js';
import { isSchema, toValueSchema, type ValueSchema } from '../util/value-schema.js';
import type { OutputReference } from './types.js';

/** What a task's output has to be. */
export interface OutputSchema {
  /** For providers: letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  /** Without `$schema`. */
  readonly schema: JsonSchema;
  /**
   * Gives the value as the schema parses it, with its defaults and transforms, or says in words for the model what does
   * not fit. Rejects with TaskError where a transform gives what is no JSON: no other answer would help.
   */
  parse(
    value: unknown,
  ): Promise<{ readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly reason: string }>;
}

/**
 * The schema that a field such as `output_json` means. Paths start at `directory`, which is absolute. Rejects with
 * UsageError that names the field, the file and what is wrong with it.
 */
export async function loadOutputSchema(
  { field, schema: source }: Pick<OutputReference, 'schema'> & { readonly field: string },
  { directory }: { readonly directory: string },
): Promise<OutputSchema> {
  const { value, name } = await readSource(source, directory).catch((error: unknown) => {
    throw error instanceof UsageError ? within(field, error) : error;
  });
  const place = source.kind === 'inline' ? field : `${field}: ${source.path}`;
  const schema = await toValueSchema(value).catch((error: unknown) => {
    throw error instanceof UsageError ? within(place, error) : error;
  });
  const title = typeof schema.jsonSchema.title === 'string' ? schema.jsonSchema.title : name;
  return {
    name: toIdentifier(title) || 'output',
    schema: schema.jsonSchema,
    parse: (output) => parseOutput(schema, output, place),
  };
}

async function readSource(
  source: OutputReference['schema'],
  directory: string,
): Promise<{ readonly value: unknown; readonly name: string }> {
  if (source.kind === 'inline') return { value: source.schema, name: 'output' };
  const stem = basename(source.path, extname(source.path));
  if (source.kind === 'file') return { value: await readSchemaFile(source.path, directory), name: stem };
  const found = await loadModuleExport(source.path, source.exportName, { directory, accepts: isSchema });
  return { value: found.value, name: found.name === 'default' ? stem : found.name };
}

async function readSchemaFile(path: string, directory: string): Promise<unknown> {
  const file = resolve(directory, path);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path}: ${fileTrouble(error)}`, { hint: `looked for ${file}`, cause: error });
  });
  try {
    // JSON is YAML too, and this parser says where it went wrong.
    return parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error).trimEnd()}`, { cause: error });
  }
}

async function parseOutput(schema: ValueSchema, output: unknown, place: string): ReturnType<OutputSchema['parse']> {
  const parsed = await schema.parse(output);
  if (!parsed.ok) return parsed;
  const json = toJsonValue(parsed.value);
  if (json.ok) return json;
  throw new TaskError(`${place}: the schema's result is not JSON: ${json.reason}`, {
    hint: 'let its transforms give texts, numbers, lists and objects',
  });
}

function within(place: string, error: UsageError): UsageError {
  return new UsageError(`${place}: ${error.message}`, { hint: error.hint, cause: error });
}
