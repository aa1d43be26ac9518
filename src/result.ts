import { isJsonObject, type JsonObject, type JsonValue } from './util/json.js';
import type { RunStatus, TaskStatus } from './store/records.js';
import { CrewError, type ErrorResult, type ExitCode } from './errors.js';

/** Token counts under crewAI's names. */
export interface TokenUsageResult {
  readonly total_tokens: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cached_prompt_tokens: number;
  readonly reasoning_tokens: number;
  readonly successful_requests: number;
}

export interface TaskResult {
  /** `<run id>/<task key>`. */
  readonly task_id: string;
  /** The task of another run that the output comes from; null where the output is this run's own or was given by hand. */
  readonly source_task_id: string | null;
  /** The task's key. */
  readonly name: string;
  readonly description: string;
  readonly expected_output: string;
  /** The role of the agent that gave the answer; null for a task that no one took. */
  readonly agent: string | null;
  readonly raw: string | null;
  readonly json_dict: JsonValue;
  readonly pydantic: JsonValue;
  readonly output_format: 'raw' | 'json' | 'pydantic';
  /** The first ten words of the description. */
  readonly summary: string;
  readonly status: TaskStatus;
  /** Why the task was left out; null where it was not. */
  readonly skip_reason: string | null;
  readonly token_usage: TokenUsageResult;
  /** Null where the price of a call is unknown. */
  readonly cost_usd: number | null;
  readonly duration_ms: number | null;
  readonly error: ErrorResult | null;
}

/** What a run came to: the object of `--format json`. */
export interface RunResult {
  /** Null where no run was made. */
  readonly run_id: string | null;
  readonly status: RunStatus;
  readonly exit_code: ExitCode;
  /** Null where no run was made. */
  readonly crew: string | null;
  readonly raw: string | null;
  readonly json_dict: JsonValue;
  readonly pydantic: JsonValue;
  readonly tasks_output: readonly TaskResult[];
  readonly token_usage: TokenUsageResult;
  readonly cost_usd: number | null;
  readonly duration_ms: number;
  readonly error: ErrorResult | null;
}

/** The result of a run that was never made, because of how it was asked for. */
export function refusedResult(error: ErrorResult, exitCode: ExitCode): RunResult {
  return {
    run_id: null,
    status: error.code === 'interrupted' ? 'interrupted' : 'failed',
    exit_code: exitCode,
    crew: null,
    raw: null,
    json_dict: null,
    pydantic: null,
    tasks_output: [],
    token_usage: {
      total_tokens: 0,
      prompt_tokens: 0,
      completion_tokens: 0,
      cached_prompt_tokens: 0,
      reasoning_tokens: 0,
      successful_requests: 0,
    },
    cost_usd: 0,
    duration_ms: 0,
    error,
  };
}

/** What a kickoff gives back: the final output, every task's output, tokens and cost. */
export class CrewOutput {
  readonly run_id: string;
  /** The final task's answer as text. */
  readonly raw: string;
  /** The final task's value, where it has `output_json`; else null. */
  readonly json_dict: JsonValue;
  /** The final task's value, where it has `output_pydantic`; else null. */
  readonly pydantic: JsonValue;
  /** In file order. */
  readonly tasks_output: readonly TaskResult[];
  readonly token_usage: TokenUsageResult;
  /** US dollars; null where the price of a call is unknown. */
  readonly cost_usd: number | null;
  readonly duration_ms: number;
  readonly #isFull: boolean;

  /** `fullOutput`: its text form holds every task's output. */
  constructor(result: RunResult, { fullOutput = false }: { readonly fullOutput?: boolean | undefined } = {}) {
    this.#isFull = fullOutput;
    this.run_id = result.run_id ?? '';
    this.raw = result.raw ?? '';
    this.json_dict = result.json_dict;
    this.pydantic = result.pydantic;
    this.tasks_output = result.tasks_output;
    this.token_usage = result.token_usage;
    this.cost_usd = result.cost_usd;
    this.duration_ms = result.duration_ms;
  }

  /** The structured output as an object; empty where there is none. */
  toDict(): JsonObject {
    const value = this.pydantic ?? this.json_dict;
    return isJsonObject(value) ? value : {};
  }

  /** The final output as text: the structured one as JSON if there is one, else raw. With `full_output` that of every task. */
  toString(): string {
    return this.#isFull ? fullOutputText(this) : outputText(this);
  }
}

/** The text form of a result: the structured output as JSON if there is one, else raw. */
export function outputText({ raw, json_dict, pydantic }: Pick<RunResult, 'raw' | 'json_dict' | 'pydantic'>): string {
  const value = pydantic ?? json_dict;
  return value === null ? (raw ?? '') : JSON.stringify(value, null, 2);
}

/** The text form of every task's output, each below a heading with the task's name, in file order; skipped tasks are left out. */
export function fullOutputText({ tasks_output: tasks }: Pick<RunResult, 'tasks_output'>): string {
  return tasks
    .filter(({ raw }) => raw !== null)
    .map((task) => `# ${task.name}\n\n${outputText(task)}`)
    .join('\n\n');
}

/** A run that did not succeed. Its record, with everything that was finished, is in `result` and in the database. */
export class RunError extends CrewError {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly result: RunResult;

  constructor(result: RunResult & { readonly error: ErrorResult }, cause: unknown) {
    super(result.error.message, { hint: result.error.hint ?? undefined, cause });
    this.code = result.error.code;
    this.exitCode = result.exit_code;
    this.result = result;
  }
}
