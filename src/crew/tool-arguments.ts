import { parseDocument } from 'yaml';
import { UsageError } from '../errors.js';
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../util/json.js';
import { parseJson } from '../util/parse-json.js';
import { suggestHint } from '../util/suggest.js';

/**
 * The arguments that words such as `days=3` give, each as its type in the tool's schema says: `tags=a tags=b` and `tags=["a"]`
 * are both lists. Those of `input`, a JSON object, stand below them. Throws UsageError for what is none.
 */
export function toArguments(
  words: readonly string[],
  { parameters, input }: { readonly parameters: JsonSchema; readonly input: string | undefined },
): JsonObject {
  const properties = isJsonObject(parameters['properties']) ? parameters['properties'] : {};
  const given = new Map<string, string[]>();
  const names = Object.keys(properties).join(', ') || 'none';
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) {
      throw new UsageError(`"${word}" is no argument`, { hint: `Write name=value; the arguments are ${names}.` });
    }
    const name = word.slice(0, at);
    if (!Object.hasOwn(properties, name)) {
      const hint = suggestHint(name, Object.keys(properties));
      if (parameters['additionalProperties'] === false || hint !== undefined) {
        throw new UsageError(`there is no argument "${name}"`, { hint: hint ?? `The arguments are ${names}.` });
      }
    }
    given.set(name, [...(given.get(name) ?? []), word.slice(at + 1)]);
  }
  const entries = [...given].map(([name, texts]) => [name, toValue(texts, properties[name], name)] as const);
  return { ...parseInput(input), ...Object.fromEntries(entries) };
}

/** The settings that words such as `root=docs` give, each a YAML value, or a text where it is no YAML. Throws UsageError. */
export function toSettings(words: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new UsageError(`--set ${word}: write name=value, such as --set root=docs`);
      const text = word.slice(at + 1);
      const document = parseDocument(text);
      return [word.slice(0, at), document.errors.length > 0 ? text : (document.toJS() as unknown)] as const;
    }),
  );
}

function parseInput(input: string | undefined): JsonObject {
  if (input === undefined) return {};
  const value = parseJson(input);
  if (isJsonObject(value)) return value;
  throw new UsageError('--input is no JSON object', { hint: `Write --input '{"path": "notes.md"}'.` });
}

function toValue(texts: readonly string[], schema: JsonValue | undefined, name: string): JsonValue {
  const types = typesOf(schema);
  const values = texts.map((text) => toOneValue(text, types));
  const [first] = values;
  if (values.length === 1 && first !== undefined && (!types.has('array') || Array.isArray(first))) return first;
  if (types.has('array')) return values;
  throw new UsageError(`argument "${name}" is given ${texts.length} times`);
}

/** The text, or the JSON value in it where the schema takes no text, or one of another type fits. */
function toOneValue(text: string, types: ReadonlySet<string>): JsonValue {
  if (types.has('string')) return text;
  const value = parseJson(text);
  return value === undefined ? text : value;
}

/** The types that a schema names; those of its items count for a list, as its values may be given one by one. */
function typesOf(schema: JsonValue | undefined): ReadonlySet<string> {
  if (!isJsonObject(schema)) return new Set();
  const { type, enum: values, anyOf, oneOf } = schema;
  const own = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const ofValues = Array.isArray(values) ? values.map((value) => typeof value) : [];
  const others = [anyOf, oneOf]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .flatMap((one) => [...typesOf(one)]);
  return new Set([...own, ...ofValues, ...others].map(String));
}
