import type { JsonObject, JsonSchema, JsonValue } from '../util/json.js';

export type Process = 'sequential' | 'hierarchical';

/** A checked crew. Immutable; running it changes nothing in it. Texts still hold their `{input}` placeholders. */
export interface CrewDefinition {
  readonly name: string;
  readonly process: Process;
  readonly inputs: Readonly<Record<string, InputDefinition>>;
  /** In file order. The manager is not among them. */
  readonly agents: readonly AgentDefinition[];
  /** In file order. */
  readonly tasks: readonly TaskDefinition[];
  /** Hierarchical crews only: `manager_agent`, or one made from `manager_llm`. */
  readonly manager: AgentDefinition | undefined;
  readonly taskOrder: 'file' | 'manager';
  readonly limits: LimitsDefinition;
  /** Most model calls of the run in any 60 seconds; the smaller one where the file says it twice. Undefined: no limit. */
  readonly maxRpm: number | undefined;
  /** `maxRpm` counts the calls of all runs with this flag on one database. */
  readonly shareRateLimit: boolean;
  readonly source: DefinitionSource;
  /** Environment variables whose values must never be stored or shown. */
  readonly secretVariables: readonly string[];
  readonly warnings: readonly Problem[];
  /** An API key that a used model needs and the environment lacks. Each is an error, unless no model is called. */
  readonly missingKeys: readonly Problem[];
  /** The process's environment with `.env` beside the file added. Holds secrets: never stored, never shown. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a run may take at most; undefined: no limit. */
export interface LimitsDefinition {
  readonly budgetUsd?: number | undefined;
  /** For one process's work at the run: a resumed run has the full time again. */
  readonly timeoutMs?: number | undefined;
  readonly maxModelCalls?: number | undefined;
  /** Input and output tokens together. */
  readonly maxTokens?: number | undefined;
}

/** Where a definition came from, in full, so that a run can be repeated from its record. */
export interface DefinitionSource {
  /** Absolute path of the main file. */
  readonly path: string;
  /** The main file's folder, absolute: relative paths in the definition start here. */
  readonly directory: string;
  /** Every file that the definition was read from, the main file first; paths relative to `directory`. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

export type InputType = 'string' | 'number' | 'integer' | 'boolean' | 'list' | 'object';

export interface InputDefinition {
  readonly name: string;
  readonly description: string | undefined;
  readonly type: InputType;
  /** Undefined: the input is required. */
  readonly default: JsonValue | undefined;
  readonly options: readonly JsonValue[] | undefined;
}

export interface AgentDefinition {
  /** The name in the file. */
  readonly key: string;
  readonly role: string;
  readonly goal: string;
  readonly backstory: string;
  /** The model to use, then the fallbacks in order; never empty. */
  readonly models: readonly ModelDefinition[];
  readonly tools: readonly ToolReference[];
  readonly allowDelegation: boolean;
  /** Most model calls for one task before a final answer is forced. */
  readonly maxIter: number;
  /** Most model calls of the agent in any 60 seconds, retries included. Undefined: only the crew's limit holds. */
  readonly maxRpm: number | undefined;
  /** For one piece of work. Undefined: none. */
  readonly maxExecutionTimeMs: number | undefined;
}

export interface TaskDefinition {
  /** The name in the file; with the run id it makes the task id. */
  readonly key: string;
  /** 1-based place in the file. */
  readonly position: number;
  readonly description: string;
  readonly expectedOutput: string;
  /** Key of an agent. In a hierarchical crew only a suggestion to the manager. */
  readonly agent: string | undefined;
  /** Keys of tasks in file order. Undefined: all earlier tasks. Empty: none. */
  readonly context: readonly string[] | undefined;
  /** Keys of tasks that must be finished first, without giving their output. */
  readonly dependsOn: readonly string[];
  readonly asyncExecution: boolean;
  readonly tools: readonly ToolReference[];
  /** Hierarchical: keys of the only agents this task may be delegated to. Undefined: all. */
  readonly coworkers: readonly string[] | undefined;
  /** As written, relative to the working directory; interpolated when the task runs. */
  readonly outputFile: string | undefined;
  readonly output: OutputReference | undefined;
  /** Times a rejected output may be tried again. */
  readonly guardrailMaxRetries: number;
  /** Undefined: none. */
  readonly maxExecutionTimeMs: number | undefined;
}

/** `output_json` or `output_pydantic`: which of the two decides where the value is shown. */
export interface OutputReference {
  readonly field: 'output_json' | 'output_pydantic';
  readonly schema:
    | { readonly kind: 'inline'; readonly schema: JsonSchema }
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'module'; readonly path: string; readonly exportName: string | undefined };
}

/** A tool as an agent or task names it. */
export type ToolReference =
  | { readonly kind: 'builtin'; readonly name: string; readonly settings: JsonObject }
  | { readonly kind: 'module'; readonly path: string; readonly exportName: string | undefined };

/** One model with its settings. `apiKey` and `headers` are never stored. */
export interface ModelDefinition {
  /** `provider/model`, for people and prices. */
  readonly reference: string;
  readonly provider: string;
  readonly modelId: string;
  readonly baseUrl?: string;
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly api?: 'chat' | 'responses';
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** Per call, milliseconds. */
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
  /** Passed to the provider as they are. */
  readonly options?: JsonObject;
  /** US dollars per million tokens; overrides the price table. */
  readonly price?: { readonly input: number; readonly output: number; readonly cachedInput?: number };
}

/** One thing wrong with a definition, and its place. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** As given on the command line, or relative to the working directory. */
  readonly file: string;
  /** 1-based; 0 when the problem has no place in the file. */
  readonly line: number;
  /** 1-based, counted in characters. */
  readonly column: number;
  /** Dotted path, such as `tasks.research.agent`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  /** "did you mean …", or what to write instead. */
  readonly hint: string | undefined;
  /** The line of the file that the problem is in, without its line break. */
  readonly sourceLine: string | undefined;
  /** Characters under which the caret line is drawn; at least 1. */
  readonly length: number;
}
