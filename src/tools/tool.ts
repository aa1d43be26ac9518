import type { ToolEffects } from '../definition/tool-types.js';
import type { JsonObject, JsonSchema } from '../util/json.js';

export type { ToolEffects };

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
  /** How permission rules may name it too: `mcp:server/tool`, or its own name where it was given another. */
  readonly id?: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly parameters: JsonSchema;
  readonly effects: ToolEffects;
  /** Its results hold text from files, the web or other programs: marked as data, which no instruction may come from. */
  readonly isOutside?: boolean;
  /** Most calls of it in one run. Default: any number. */
  readonly maxUsageCount?: number;
  /** Its result is the answer of whoever calls it in the task, as it is. */
  readonly isAnswer?: boolean;
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
  /** Says whether a result, as `value` or `text` of a call gives it, may be given again for equal arguments. Default: any. */
  readonly cacheFunction?: CacheFunction;
  /** Whether equal calls are given earlier results, whatever the agent's `cache` says. Default: as it says. */
  readonly usesCache?: boolean;
  /** Longest time of one call, milliseconds, where the definition says nothing. Default: any. */
  readonly timeoutMs?: number;
  /** Gives the result for the model. What it throws is shown to the model as an error result. */
  execute(args: JsonObject, context: ToolContext): Promise<ToolResult>;
}

/** What it gives decides, also later; where it fails the result is not kept. */
export type CacheFunction = (args: unknown, result: unknown) => unknown;

/** A text for the model, or that with more to say of it. */
export type ToolResult = string | DetailedResult;

export interface DetailedResult {
  readonly text: string;
  /** Words of the tool itself, such as how to get the rest; they stand after the text, outside its marks. */
  readonly note?: string;
  /** What code of the user gave, for a function that judges whether it may be given again. Default: the text. */
  readonly value?: unknown;
  /** Says whether the result may be given again for an equal call. Never rejects. Default: as the tool is. */
  mayKeep?(): Promise<boolean>;
}
