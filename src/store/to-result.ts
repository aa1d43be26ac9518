import { EXIT } from '../errors.js';
import type { RunResult, TaskResult, TokenUsageResult } from '../result.js';
import { knownCostUsd, type TokenUsage, totalTokens } from '../util/spend.js';
import type { RunRecord, TaskRecord } from './records.js';

/** Words of a description that make its summary. */
const SUMMARY_WORDS = 10;

/** Token counts under the names of results. */
export function toTokenUsageResult(usage: TokenUsage): TokenUsageResult {
  return {
    total_tokens: totalTokens(usage),
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    cached_prompt_tokens: usage.cachedInputTokens,
    reasoning_tokens: usage.reasoningTokens,
    successful_requests: usage.requests,
  };
}

/** A task's record as results show it. */
export function toTaskResult(task: TaskRecord): TaskResult {
  return {
    task_id: `${task.runId}/${task.key}`,
    source_task_id: task.source && `${task.source.runId}/${task.source.taskKey}`,
    name: task.key,
    description: task.description,
    expected_output: task.expectedOutput,
    agent: task.agent,
    raw: task.raw,
    json_dict: task.outputFormat === 'json' ? task.json : null,
    pydantic: task.outputFormat === 'pydantic' ? task.json : null,
    output_format: task.outputFormat,
    summary: summaryOf(task.description),
    status: task.status,
    skip_reason: task.skipReason,
    token_usage: toTokenUsageResult(task.spend.usage),
    cost_usd: knownCostUsd(task.spend),
    duration_ms: durationMs(task),
    error: task.error,
  };
}

/** What a result tells of a run. */
type EndedRun = Pick<
  RunRecord,
  'id' | 'crew' | 'status' | 'exitCode' | 'spend' | 'error' | 'startedAt' | 'endedAt' | 'idleMs'
>;

/**
 * A run's record with its tasks, in file order, as results show it: the output is that of the last task that has one
 * (completed or reused), and null unless the run was completed. A run that has not ended counts as interrupted (exit code 130) and has a duration of 0.
 */
export function toRunResult(run: EndedRun, tasks: readonly TaskRecord[]): RunResult {
  const results = tasks.map(toTaskResult);
  const final =
    run.status === 'completed'
      ? results.findLast(({ status }) => status === 'completed' || status === 'reused')
      : undefined;
  return {
    run_id: run.id,
    status: run.status,
    exit_code: run.exitCode ?? EXIT.interrupted,
    crew: run.crew,
    raw: final?.raw ?? null,
    json_dict: final?.json_dict ?? null,
    pydantic: final?.pydantic ?? null,
    tasks_output: results,
    token_usage: toTokenUsageResult(run.spend.usage),
    cost_usd: knownCostUsd(run.spend),
    duration_ms: durationMs(run) ?? 0,
    error: run.error,
  };
}

/** Milliseconds from start to end, without the time in which a run did not run; null before the end. */
export function durationMs({ startedAt, endedAt, idleMs = 0 }: Times): number | null {
  return startedAt === null || endedAt === null ? null : Math.max(0, endedAt - startedAt - idleMs);
}

interface Times {
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly idleMs?: number;
}

function summaryOf(description: string): string {
  const words = description.split(/\s+/).filter(Boolean);
  const first = words.slice(0, SUMMARY_WORDS).join(' ');
  return words.length > SUMMARY_WORDS ? `${first}...` : first;
}
