import { UsageError } from '../errors.js';
import { fingerprintOf } from '../util/fingerprint.js';
import type { JsonObject, JsonSchema } from '../util/json.js';
import { toValueSchema } from '../util/value-schema.js';
import { parseArguments } from './parse-arguments.js';
import type { Tool, ToolContext, ToolEffects } from './tool.js';

/** What a built-in tool may know of the place where the crew runs. */
export interface ToolEnvironment {
  /** Absolute. */
  readonly workingDirectory: string;
}

/** A tool that comes with crew. */
export interface BuiltinTool {
  /** One or two short sentences: every model call pays for them. */
  readonly description: string;
  readonly effects: ToolEffects;
  /** As `Tool.isQuestion`. */
  readonly isQuestion?: true;
  /** As `Tool.isCacheable`. */
  readonly isCacheable?: false;
  /** JSON Schema of an object: what may stand beside the tool's name in a definition. */
  readonly settings: JsonSchema;
  /** JSON Schema of an object: what the model gives. */
  readonly parameters: JsonSchema;
  /** Gives the function that does the work. Rejects with UsageError for settings that cannot work. */
  prepare(
    settings: JsonObject,
    environment: ToolEnvironment,
  ): Promise<(args: JsonObject, context: ToolContext) => Promise<string>>;
}

/** The built-in tool with its settings, ready for a model. Rejects with UsageError for settings that do not fit. */
export async function createBuiltinTool(
  name: string,
  builtin: BuiltinTool,
  { settings, environment }: { readonly settings: JsonObject; readonly environment: ToolEnvironment },
): Promise<Tool> {
  const checked = await (await toValueSchema(builtin.settings)).parse(settings);
  if (!checked.ok) throw new UsageError(`settings of ${name}: ${checked.reason}`);
  const schema = await toValueSchema(builtin.parameters);
  const { description, isQuestion, isCacheable } = builtin;
  const parameters = schema.jsonSchema;
  return {
    name,
    description,
    parameters,
    effects: builtin.effects,
    ...(isQuestion && { isQuestion }),
    ...(isCacheable !== undefined && { isCacheable }),
    digest: fingerprintOf({ settings, description, parameters }),
    parseArguments: (value) => parseArguments(schema, value),
    execute: await builtin.prepare(settings, environment),
  };
}
