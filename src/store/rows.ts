import type { ErrorResult } from '../errors.js';
import type { StepKind } from '../journal/step.js';
import type { JsonValue } from '../util/json.js';
import type { Spend } from '../util/spend.js';
import type { RunRecord, RunSummary, StepRecord, TaskChange, TaskRecord } from './records.js';
import type { RunSettings } from './run-settings.js';

/** What a column can hold. */
export type SqlValue = string | number | null;

/** One row by column name, or the values of a statement by parameter name. */
export type Row = Record<string, SqlValue>;

/** The spend columns that `runs`, `task_outputs` and `steps` have in common. */
export function spendToRow(spend: Spend): Row {
  return {
    input_tokens: Math.round(spend.usage.inputTokens),
    output_tokens: Math.round(spend.usage.outputTokens),
    cached_input_tokens: Math.round(spend.usage.cachedInputTokens),
    reasoning_tokens: Math.round(spend.usage.reasoningTokens),
    requests: spend.usage.requests,
    cost_usd: spend.costUsd,
    unpriced_requests: spend.unpricedRequests,
  };
}

/** The sums of the spend columns of several rows, under their names. */
export const SUMMED_SPEND = `
coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
coalesce(sum(cached_input_tokens), 0) AS cached_input_tokens, coalesce(sum(reasoning_tokens), 0) AS reasoning_tokens,
coalesce(sum(requests), 0) AS requests, coalesce(sum(cost_usd), 0.0) AS cost_usd,
coalesce(sum(unpriced_requests), 0) AS unpriced_requests`;

/** Assigns the spend columns from parameters of the same names. */
export const SET_SPEND = `
input_tokens = @input_tokens, output_tokens = @output_tokens, cached_input_tokens = @cached_input_tokens,
reasoning_tokens = @reasoning_tokens, requests = @requests, cost_usd = @cost_usd, unpriced_requests = @unpriced_requests`;

/** A step that failed may have been paid for: what it takes when it is made again comes on top. */
export const ADD_SPEND = `
input_tokens = input_tokens + @input_tokens, output_tokens = output_tokens + @output_tokens,
cached_input_tokens = cached_input_tokens + @cached_input_tokens,
reasoning_tokens = reasoning_tokens + @reasoning_tokens, requests = requests + @requests,
cost_usd = cost_usd + @cost_usd, unpriced_requests = unpriced_requests + @unpriced_requests`;

/** JSON text for a column; null stays null. */
export function jsonToColumn(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** The columns that a change of a task sets; those it does not name are left out. */
export function taskChangeToRow(change: TaskChange): Row {
  const row: Row = {};
  if (change.agent !== undefined) row.agent = change.agent;
  if (change.status !== undefined) row.status = change.status;
  if (change.raw !== undefined) row.raw = change.raw;
  if (change.json !== undefined) row.json = jsonToColumn(change.json);
  if (change.outputFormat !== undefined) row.output_format = change.outputFormat;
  if (change.outputFile !== undefined) row.output_file = change.outputFile;
  if (change.error !== undefined) row.error = jsonToColumn(change.error);
  if (change.startedAt !== undefined) row.started_at = change.startedAt;
  if (change.endedAt !== undefined) row.ended_at = change.endedAt;
  if (change.skipReason !== undefined) row.skip_reason = change.skipReason;
  if (change.fingerprint !== undefined) row.fingerprint = JSON.stringify(change.fingerprint);
  return change.spend === undefined ? row : { ...row, ...spendToRow(change.spend) };
}

/** A row of `runs` without its definition, with the counts `tasks_total`, `tasks_done` and `tasks_skipped`. */
export function rowToRunSummary(row: Row): RunSummary {
  return {
    ...rowToRunFields(row),
    tasksTotal: row.tasks_total as number,
    tasksDone: row.tasks_done as number,
    tasksSkipped: row.tasks_skipped as number,
  };
}

/** A whole row of `runs`. */
export function rowToRun(row: Row): RunRecord {
  return {
    ...rowToRunFields(row),
    definitionFiles: columnToJson<RunRecord['definitionFiles']>(row.definition_files),
    workingDirectory: row.working_directory as string,
    options: columnToJson<RunSettings>(row.options),
    holder: row.holder as string | null,
    heartbeatAt: row.heartbeat_at as number | null,
  };
}

/** A whole row of `task_outputs`. */
export function rowToTask(row: Row): TaskRecord {
  return {
    runId: row.run_id as string,
    key: row.task_key as string,
    position: row.position as number,
    description: row.description as string,
    expectedOutput: row.expected_output as string,
    agent: row.agent as string | null,
    status: row.status as TaskRecord['status'],
    raw: row.raw as string | null,
    json: columnToJson<JsonValue>(row.json),
    outputFormat: row.output_format as TaskRecord['outputFormat'],
    outputFile: row.output_file as string | null,
    spend: rowToSpend(row),
    error: columnToJson<ErrorResult | null>(row.error),
    startedAt: row.started_at as number | null,
    endedAt: row.ended_at as number | null,
    fingerprint: columnToJson<TaskRecord['fingerprint']>(row.fingerprint),
    source:
      row.source_run_id === null
        ? null
        : { runId: row.source_run_id as string, taskKey: row.source_task_key as string },
    skipReason: row.skip_reason as string | null,
  };
}

/** A whole row of `steps`. */
export function rowToStep(row: Row): StepRecord {
  return {
    id: row.id as number,
    runId: row.run_id as string,
    path: row.path as string,
    kind: row.kind as StepKind,
    taskKey: row.task_key as string,
    agent: row.agent as string,
    name: row.name as string,
    status: row.status as StepRecord['status'],
    fingerprint: row.fingerprint as string,
    request: columnToJson<object>(row.request),
    response: columnToJson<object | null>(row.response),
    isError: row.is_error === 1,
    spend: rowToSpend(row),
    error: columnToJson<ErrorResult | null>(row.error),
    startedAt: row.started_at as number,
    endedAt: row.ended_at as number | null,
    hasEffects: row.has_effects === 1,
  };
}

function rowToRunFields(
  row: Row,
): Omit<RunRecord, 'definitionFiles' | 'workingDirectory' | 'options' | 'holder' | 'heartbeatAt'> {
  return {
    id: row.id as string,
    crew: row.crew as string,
    process: row.process as RunRecord['process'],
    definitionPath: row.definition_path as string,
    inputs: columnToJson<RunRecord['inputs']>(row.inputs),
    parentRunId: row.parent_run_id as string | null,
    status: row.status as RunRecord['status'],
    exitCode: row.exit_code as RunRecord['exitCode'],
    spend: rowToSpend(row),
    error: columnToJson<ErrorResult | null>(row.error),
    startedAt: row.started_at as number,
    endedAt: row.ended_at as number | null,
    idleMs: row.idle_ms as number,
  };
}

/** The spend columns of a row. */
export function rowToSpend(row: Row): Spend {
  return {
    usage: {
      inputTokens: row.input_tokens as number,
      outputTokens: row.output_tokens as number,
      cachedInputTokens: row.cached_input_tokens as number,
      reasoningTokens: row.reasoning_tokens as number,
      requests: row.requests as number,
    },
    costUsd: row.cost_usd as number,
    unpricedRequests: row.unpriced_requests as number,
  };
}

/** What `jsonToColumn` put in; the type is the one that was written. */
function columnToJson<T>(column: SqlValue | undefined): T {
  return (column === null || column === undefined ? null : JSON.parse(column as string)) as T;
}
