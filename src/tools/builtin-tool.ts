import type { BuiltinToolName, ToolSettings } from '../definition/tool-settings.js';
import { fingerprintOf } from '../util/fingerprint.js';
import type { JsonObject, JsonSchema } from '../util/json.js';
import { toValueSchema } from '../util/value-schema.js';
import { parseArguments } from './parse-arguments.js';
import type { Tool, ToolContext, ToolEffects, ToolResult } from './tool.js';

/** What a built-in tool may know of the place where the crew runs. */
export interface ToolEnvironment {
  /** Absolute. */
  readonly workingDirectory: string;
  /** Environment variables, with those of `.env`. Hold secrets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute, links resolved: files that the crew is made of, which its tools never write. Default: none. */
  readonly ownFiles?: ReadonlySet<string>;
}

/** Longest time of one call of a tool that is not the user's own code, milliseconds. */
export const TIMEOUT_MS = 60_000;

/** A tool that comes with crew. */
export interface BuiltinTool<Name extends BuiltinToolName> {
  /** One or two short sentences: every model call pays for them. */
  readonly description: Of<Name, string>;
  readonly effects: Of<Name, ToolEffects>;
  /** As `Tool.isQuestion`. */
  readonly isQuestion?: true;
  /** As `Tool.isCacheable`. */
  readonly isCacheable?: false;
  /** As `Tool.isOutside`. */
  readonly isOutside?: true;
  /** JSON Schema of an object: what the model gives. */
  readonly parameters: Of<Name, JsonSchema>;
  /** Longest time of one call, milliseconds, where the definition says nothing. Default 60 s. */
  readonly timeoutMs?: number;
  /** Gives the function that does the work. Rejects with UsageError for settings that cannot work. */
  prepare(
    settings: ToolSettings[Name],
    environment: ToolEnvironment,
  ): Promise<(args: JsonObject, context: ToolContext) => Promise<ToolResult>>;
}

/** A value, or how it follows from the settings. */
type Of<Name extends BuiltinToolName, Value> = Value | ((settings: ToolSettings[Name]) => Value);

/** What models and the run see of a built-in tool with these settings. */
export function builtinFace<Name extends BuiltinToolName>(
  { description, effects, parameters }: BuiltinTool<Name>,
  settings: ToolSettings[Name],
): { readonly description: string; readonly effects: ToolEffects; readonly parameters: JsonSchema } {
  const of = <Value>(value: Of<Name, Value>): Value =>
    typeof value === 'function' ? (value as (settings: ToolSettings[Name]) => Value)(settings) : value;
  return { description: of(description), effects: of(effects), parameters: of(parameters) };
}

/** The built-in tool with its settings, ready for a model. Rejects with UsageError for settings that cannot work. */
export async function createBuiltinTool<Name extends BuiltinToolName>(
  name: Name,
  builtin: BuiltinTool<Name>,
  { settings, environment }: { readonly settings: ToolSettings[Name]; readonly environment: ToolEnvironment },
): Promise<Tool> {
  const { description, effects, parameters: written } = builtinFace(builtin, settings);
  const schema = await toValueSchema(written);
  const { isQuestion, isCacheable, isOutside, timeoutMs = TIMEOUT_MS } = builtin;
  const parameters = schema.jsonSchema;
  return {
    name,
    description,
    parameters,
    effects,
    timeoutMs,
    ...(isQuestion && { isQuestion }),
    ...(isOutside && { isOutside }),
    ...(isCacheable !== undefined && { isCacheable }),
    digest: fingerprintOf({ settings: withoutSecrets(settings), description, parameters }),
    parseArguments: (value) => parseArguments(schema, value),
    execute: await builtin.prepare(settings, environment),
  };
}

/** Settings that hold keys: a new key makes no other tool. */
const SECRET_SETTINGS: ReadonlySet<string> = new Set(['api_key', 'headers', 'url']);

function withoutSecrets(settings: object): JsonObject {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !SECRET_SETTINGS.has(name)));
}
