import { findSchemaProblem } from '../util/check-json-schema.js';
import type { ValuePath as Path } from '../util/format-path.js';
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../util/json.js';
import { suggestHint } from '../util/suggest.js';
import { checkFields } from './check-shape.js';
import { checkFile, type PathOptions } from './code-files.js';
import { commandToolSchema } from './command-tool-schema.js';
import type { Report } from './report.js';
import { toToolOptions } from './tool-options.js';
import type { ToolReference } from './tool-types.js';

/** Types of parameters in the short form. */
const TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'];
/** A word of a command that is a file of the definition: it starts as a path. */
const PATH = /^\.{1,2}\//;
/** The same for what stands right after the program. */
const SCRIPT = /\.(?:py|rb|pl|php|sh|[cm]?[jt]s)$/;

/** The tool that is a program; undefined, and reported, where it cannot be one. `key` is its name under the top `tools`. */
export function resolveCommandTool(
  written: Readonly<Record<string, unknown>>,
  path: Path,
  { key, ...options }: PathOptions & { readonly key: string | undefined },
): ToolReference | undefined {
  const { report } = options;
  const before = report.errorCount;
  const isOneText = typeof written['command'] === 'string' && /\S\s/.test(written['command'].trim());
  if (isOneText) {
    const hint = `write a list: [${String(written['command']).trim().split(/\s+/).join(', ')}]`;
    report.error([...path, 'command'], 'must be a list: the program, then its arguments, not text', { hint });
  }
  const skip = isOneText ? ['command'] : [];
  const { fields, given } = checkFields(commandToolSchema, written, path, report, { skip });
  const { name = key, description = '', command = [], env = [] } = fields;
  if (name === undefined && !given.has('name')) {
    report.error(path, 'name is missing', { hint: 'models call the tool by it', target: 'key' });
  }
  const parameters =
    fields.parameters && toParameters(fields.parameters as JsonObject, [...path, 'parameters'], report);
  for (const [index, word] of command.entries()) {
    if (PATH.test(word) || (index === 1 && SCRIPT.test(word))) checkFile(word, [...path, 'command', index], options);
  }
  // The name and description are the tool's own.
  const { name: _name, description: _description, ...more } = toToolOptions(fields, path, options);
  if (report.errorCount > before || name === undefined || !parameters) return undefined;
  return {
    kind: 'command',
    name,
    description: description.trim(),
    parameters,
    command,
    env: [...new Set(env)],
    options: more,
    label: name,
  };
}

/** The JSON Schema of an object; short forms are written out. Undefined, and reported, for what is none. */
function toParameters(written: JsonObject, path: Path, report: Report): JsonSchema | undefined {
  const schema = isSchema(written) ? written : fromShortForm(written, path, report);
  if (!schema) return undefined;
  const problem = findSchemaProblem(schema);
  if (problem !== undefined) {
    report.error(path, `is not a sound JSON Schema: ${problem}`, { target: 'key' });
    return undefined;
  }
  if (schema['type'] !== undefined && schema['type'] !== 'object') {
    report.error([...path, 'type'], 'parameters are an object: type must be object');
    return undefined;
  }
  return { ...schema, type: 'object' };
}

/** True for a JSON Schema of an object, and not a map of parameters. */
function isSchema(written: JsonObject): boolean {
  if (written['type'] === 'object' || isJsonObject(written['properties'])) return true;
  return ['$ref', 'anyOf', 'oneOf', 'allOf'].some((keyword) => Object.hasOwn(written, keyword));
}

/** `{ city: string, days: { type: integer, default: 3 } }`: all are required but those with a default. */
function fromShortForm(written: JsonObject, path: Path, report: Report): JsonSchema | undefined {
  const before = report.errorCount;
  const properties = Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name, toProperty(value, [...path, name], report)]),
  );
  if (report.errorCount > before) return undefined;
  const required = Object.entries(properties).flatMap(([name, schema]) => ('default' in schema ? [] : [name]));
  return {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function toProperty(value: JsonValue, path: Path, report: Report): JsonObject {
  if (isJsonObject(value)) return value;
  if (typeof value === 'string' && TYPES.includes(value.trim())) return { type: value.trim() };
  const hint = typeof value === 'string' ? suggestHint(value, TYPES) : undefined;
  report.error(path, `must be ${TYPES.slice(0, -1).join(', ')} or ${TYPES.at(-1)}, or a JSON Schema`, { hint });
  return {};
}
