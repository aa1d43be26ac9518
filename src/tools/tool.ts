import type { JsonObject, JsonSchema } from '../util/json.js';

/** What a tool does outside itself; decides whether it may be repeated after a crash. */
export type ToolEffects = 'none' | 'write' | 'external';

/** What a tool is handed when it runs. */
export interface ToolContext {
  readonly signal: AbortSignal;
  readonly runId: string;
  readonly taskKey: string;
  /** Path of the call's step, unique in the run and the same when the run is resumed: good as an idempotency key. */
  readonly stepPath: string;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Shows a line to the person who watches the run. */
  readonly log: (line: string) => void;
}

/** A tool ready to be offered to a model. */
export interface Tool {
  /** As the model sees it: letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly parameters: JsonSchema;
  readonly effects: ToolEffects;
  /** Its one argument, `question`, is put to a person by the run itself; `execute` is not called. */
  readonly isQuestion?: true;
  /** The same for tools that do the same: made of code or settings, description and parameters. */
  readonly digest: string;
  /** Gives the arguments as the tool takes them, or says in words for the model what is wrong with them. */
  parseArguments(
    value: unknown,
  ): Promise<{ readonly ok: true; readonly value: JsonObject } | { readonly ok: false; readonly reason: string }>;
  /** Whether its results may be given again for equal calls, where the agent has a cache. Default: where it has no effects. */
  readonly isCacheable?: boolean;
  /** Gives the result as text for the model. What it throws is shown to the model as an error result. */
  execute(args: JsonObject, context: ToolContext): Promise<string | JudgedResult>;
}

/** A result of a tool that itself says which of its results may be given again. */
export interface JudgedResult {
  readonly text: string;
  /** Never rejects. */
  mayKeep(): Promise<boolean>;
}
