import type { JsonSchema } from '../../util/json.js';
import type { ToolContext, ToolEffects } from '../tool.js';

/**
 * A tool of your own, as a file exports it: `export default { … } satisfies ToolDefinition<{ city: string }>`. The AI SDK's
 * `tool()` is one too.
 */
export interface ToolDefinition<Arguments extends object = Readonly<Record<string, unknown>>> {
  /** As the model sees it. Default: the name of the export, or of the file. */
  readonly name?: string;
  /** What the model is told of it: every model call pays for it. */
  readonly description: string;
  /** A Zod object or a JSON Schema of an object: the arguments are checked against it before `execute` is called. */
  readonly parameters: JsonSchema | SchemaOf<Arguments>;
  /** What a call does outside: decides what resume and replay may repeat. Default: `external`. */
  readonly effects?: ToolEffects;
  /** Its results hold text of others, such as web pages: they are marked as data for the model. Default: false. */
  readonly isOutside?: boolean;
  /** Says whether a result may be given again for equal arguments. Default: every one, where it has no effects. */
  readonly cacheFunction?: (args: Arguments, result: unknown) => boolean | Promise<boolean>;
  /**
   * Gives the result: a text, or any value that JSON can hold. What it throws, the model is told. Work that it starts has to
   * end when `context.signal` is aborted.
   */
  execute(args: Arguments, context: ToolContext): unknown;
}

/** A schema of Zod, or of another library of https://standardschema.dev. */
interface SchemaOf<Value> {
  readonly '~standard': { readonly types?: { readonly output: Value } | undefined };
}
