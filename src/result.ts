import type { JsonValue } from './util/json.js';
import type { RunStatus, TaskStatus } from './store/records.js';
import type { ExitCode } from './errors.js';

/** Token counts under crewAI's names. */
export interface TokenUsageResult {
  readonly total_tokens: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cached_prompt_tokens: number;
  readonly reasoning_tokens: number;
  readonly successful_requests: number;
}

export interface ErrorResult {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export interface TaskResult {
  /** `<run id>/<task key>`. */
  readonly task_id: string;
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
  readonly token_usage: TokenUsageResult;
  /** Null where the price of a call is unknown. */
  readonly cost_usd: number | null;
  readonly duration_ms: number | null;
  readonly error: ErrorResult | null;
}

/** What a run came to: the object of `--format json`. */
export interface RunResult {
  readonly run_id: string;
  readonly status: RunStatus;
  readonly exit_code: ExitCode;
  readonly crew: string;
  readonly raw: string | null;
  readonly json_dict: JsonValue;
  readonly pydantic: JsonValue;
  readonly tasks_output: readonly TaskResult[];
  readonly token_usage: TokenUsageResult;
  readonly cost_usd: number | null;
  readonly duration_ms: number;
  readonly error: ErrorResult | null;
}
