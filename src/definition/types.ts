import type { JsonObject, JsonSchema, JsonValue } from '../util/json.js';
import type { PromptTexts } from './prompt-pieces.js';
import type { McpServerDefinition, Permissions, ToolReference } from './tool-types.js';

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
  /** Most tokens of the run in any 60 seconds, those of requests and answers together. Undefined: no limit. */
  readonly maxTpm: number | undefined;
  /** `maxRpm` and `maxTpm` count the calls of all runs with this flag on one database. */
  readonly shareRateLimit: boolean;
  /** Texts of the prompts, the crew's own in the places of ours. */
  readonly promptTexts: PromptTexts;
  /** In which the agents work and answer, such as `French`. Undefined: as the texts lead them. */
  readonly language: string | undefined;
  /** A plan is made before the tasks, by the first of these models that answers. Undefined: none. */
  readonly planning: { readonly models: readonly ModelDefinition[] } | undefined;
  readonly callbacks: CrewCallbacks;
  /** For `crew chat`; undefined where the file names none and the crew was not loaded for a chat. */
  readonly chatModels: readonly ModelDefinition[] | undefined;
  /** The text form of the result holds every task's output. */
  readonly fullOutput: boolean;
  /** As written, relative to the working directory. */
  readonly outputLogFile: string | undefined;
  readonly verbose: boolean;
  /** The final task's text is told as it comes. */
  readonly stream: boolean;
  /** Tools that are named at the top, by that name, used or not. */
  readonly namedTools: Readonly<Record<string, ToolReference>>;
  /** Servers of tools by name; only those that an agent or task names are ever started. */
  readonly mcpServers: Readonly<Record<string, McpServerDefinition>>;
  readonly permissions: Permissions;
  readonly source: DefinitionSource;
  /** Environment variables whose values must never be stored or shown. */
  readonly secretVariables: readonly string[];
  readonly warnings: readonly Problem[];
  /** An API key that a used model needs and the environment lacks. Each is an error, unless no model is called. */
  readonly missingKeys: readonly Problem[];
  /** The same for tools, which a cassette does not stand in for. */
  readonly missingToolKeys: readonly Problem[];
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
  /** Models of the turns that offer tools, instead of `models`. Undefined: `models`. */
  readonly functionCallingModels: readonly ModelDefinition[] | undefined;
  /** Most tokens of the agent in any 60 seconds. Undefined: only the crew's limit holds. */
  readonly maxTpm: number | undefined;
  /** Results of its tools are kept and used again. */
  readonly cache: boolean;
  /** Called after each step of the agent, beside those of the crew. */
  readonly stepCallback: ModuleReference | undefined;
  /** Checks of everything that the agent answers. */
  readonly guardrails: readonly GuardrailDefinition[];
  readonly guardrailMaxRetries: number;
  readonly templates: PromptTemplates;
  /** False: the system text stands at the head of the first user message. */
  readonly useSystemPrompt: boolean;
  /** A conversation that no longer fits is summarised in its middle; false: the task then ends with exit 4. */
  readonly respectContextWindow: boolean;
  /** Form in which it is told today's date, as strftime writes it. Undefined: it is not told. */
  readonly dateFormat: string | undefined;
  /** Most attempts at thinking the work over before it begins. 0: none. */
  readonly reasoningAttempts: number;
  /** It can be given images and PDF files. */
  readonly multimodal: boolean;
  /** Its answers, arguments and results are shown in full. */
  readonly verbose: boolean;
}

/** Texts around the parts of a prompt, for models that are given plain text; `{{ .System }}`, `{{ .Prompt }}`, `{{ .Response }}`. */
export interface PromptTemplates {
  readonly system: string | undefined;
  readonly prompt: string | undefined;
  readonly response: string | undefined;
}

/** An export of a file of the user's code; without a name the default one. */
export interface ModuleReference {
  /** As written, relative to the definition's folder. */
  readonly path: string;
  readonly exportName: string | undefined;
}

/** Code of the user that is told of what happens in a run. */
export interface CrewCallbacks {
  readonly step: ModuleReference | undefined;
  readonly task: ModuleReference | undefined;
  /** After each step of the manager. */
  readonly manager: readonly ModuleReference[];
  readonly beforeKickoff: readonly ModuleReference[];
  readonly afterKickoff: readonly ModuleReference[];
}

/** One check of an output. `name` is how people and prompts call it, such as `max_words: 200`. */
export type GuardrailDefinition = { readonly name: string } & (
  | {
      readonly kind: 'sentence';
      readonly text: string;
      /** Who judges. Undefined: the models of the agent that answered. */
      readonly models: readonly ModelDefinition[] | undefined;
    }
  | { readonly kind: 'matches' | 'not_matches'; readonly pattern: string }
  | { readonly kind: 'min_chars' | 'max_chars' | 'max_words'; readonly count: number }
  | { readonly kind: 'json_schema'; readonly schema: OutputReference['schema'] }
  | { readonly kind: 'shell'; readonly command: string }
  | ({ readonly kind: 'module' } & ModuleReference)
);

/** When a task runs: an expression, or code of the user. */
export type ConditionDefinition =
  | {
      readonly kind: 'expression';
      readonly text: string;
      /** Keys of the tasks that it looks at, in file order. */
      readonly tasks: readonly string[];
      /** Names of the inputs that it looks at. */
      readonly inputs: readonly string[];
    }
  | ({ readonly kind: 'module' } & ModuleReference);

/** How the output of a task stands in another one's prompt. */
export interface ContextForm {
  readonly as: 'full' | 'summary' | 'json';
  /** `json`: the dotted path of the part; empty for all of it. */
  readonly jsonPath: string;
  /** Undefined: as long as it is. */
  readonly maxTokens: number | undefined;
}

/** One more file that an output is written to. */
export interface OutputFileDefinition {
  /** As written, relative to the working directory. */
  readonly path: string;
  readonly as: 'raw' | 'json';
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
  /** By key of a task in `context`: how its output is given, where that is not in full. */
  readonly contextForms: Readonly<Record<string, ContextForm>>;
  /** Keys of tasks that must be finished first, without giving their output. */
  readonly dependsOn: readonly string[];
  readonly asyncExecution: boolean;
  readonly tools: readonly ToolReference[];
  /** Hierarchical: keys of the only agents this task may be delegated to. Undefined: all. */
  readonly coworkers: readonly string[] | undefined;
  /** As written, relative to the working directory; interpolated when the task runs. */
  readonly outputFile: string | undefined;
  readonly output: OutputReference | undefined;
  /** More files for the output, beside `outputFile`. */
  readonly outputs: readonly OutputFileDefinition[];
  /** Folders of output files are made where they are not there. */
  readonly createDirectory: boolean;
  readonly guardrails: readonly GuardrailDefinition[];
  /** Times a rejected output may be tried again. */
  readonly guardrailMaxRetries: number;
  /** Undefined: none. */
  readonly maxExecutionTimeMs: number | undefined;
  /** A person approves the output before it counts. */
  readonly humanInput: boolean;
  /** Undefined: the task always runs. */
  readonly when: ConditionDefinition | undefined;
  /** Runs also where everything that it depends on is skipped. */
  readonly runsIfSkipped: boolean;
  /** Called with the task's result, before that of the crew. */
  readonly callback: ModuleReference | undefined;
  /** The answer is asked for in Markdown; never where there is an `output`. */
  readonly markdown: boolean;
  /** Files that are given to the model with the task, as written, relative to the working directory. */
  readonly inputFiles: readonly string[];
}

/** `output_json`, `output_pydantic` or `response_model`: which of them decides where the value is shown. */
export interface OutputReference {
  readonly field: 'output_json' | 'output_pydantic' | 'response_model';
  readonly schema:
    | { readonly kind: 'inline'; readonly schema: JsonSchema }
    | { readonly kind: 'file'; readonly path: string }
    | ({ readonly kind: 'module' } & ModuleReference);
}

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
  /** Tokens that a request and its answer have room in; overrides the price table's. */
  readonly contextWindow?: number;
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
