import { carriedOverFrom } from '../journal/carry-over-journal.js';
import type { RunItem } from '../store/batch-records.js';
import type { FoundOutput, RunRecord, RunSummary, StepRecord, TaskRecord } from '../store/records.js';
import { cachedFrom, isRefusedCall } from './step-texts.js';
import { durationMs, toTaskResult, toTokenUsageResult } from '../store/to-result.js';
import { formatIsoTime } from '../util/local-time.js';
import { knownCostUsd } from '../util/spend.js';
import { createConversations } from './rebuild-conversation.js';

/** Everything that is stored of one run. */
export interface RunHistory {
  readonly run: RunRecord;
  /** Where it is one of a batch. */
  readonly item?: RunItem | undefined;
  /** In file order. */
  readonly tasks: readonly TaskRecord[];
  /** In the order in which they began. */
  readonly steps: readonly StepRecord[];
}

/**
 * A run with its tasks and steps for programs. With texts each step also has its request and response as they are stored,
 * and a model call its whole conversation.
 */
export function toRunJson(
  { run, item, tasks, steps }: RunHistory,
  { withTexts }: { readonly withTexts: boolean },
): object {
  const conversationOf = createConversations(steps);
  return {
    ...runFields(run),
    ...(item && { batch_id: item.batchId, item: item.item, place: item.place }),
    ...figuresOf(run),
    tasks: tasks.map(toTaskJson),
    steps: steps.map((step) => ({
      ...toStepJson(step),
      ...(withTexts && { request: step.request, response: step.response }),
      ...(withTexts && step.kind === 'model' && { conversation: conversationOf(step) }),
    })),
  };
}

/** A run as a list shows it to programs. */
export function toRunSummaryJson(run: RunSummary): object {
  return {
    ...runFields(run),
    ...figuresOf(run),
    tasks_done: run.tasksDone,
    tasks_skipped: run.tasksSkipped,
    tasks_total: run.tasksTotal,
  };
}

function runFields(run: RunRecord | RunSummary): object {
  return {
    run_id: run.id,
    crew: run.crew,
    process: run.process,
    status: run.status,
    exit_code: run.exitCode,
    parent_run_id: run.parentRunId,
    definition_path: run.definitionPath,
    inputs: run.inputs,
  };
}

/** A task with its output for programs. */
export function toTaskJson(task: TaskRecord): object {
  const result = toTaskResult(task);
  return {
    task_id: result.task_id,
    number: task.position,
    run_id: task.runId,
    name: task.key,
    status: task.status,
    skip_reason: task.skipReason,
    source_task_id: result.source_task_id,
    agent: task.agent,
    description: task.description,
    expected_output: task.expectedOutput,
    raw: task.raw,
    json_dict: result.json_dict,
    pydantic: result.pydantic,
    output_format: task.outputFormat,
    output_file: task.outputFile,
    ...figuresOf(task),
  };
}

/** A task that was searched for, with its output and the place that fits. */
export function toFoundOutputJson({ task, snippet }: FoundOutput): object {
  return { ...toTaskJson(task), snippet: snippet.map(({ text }) => text).join('') };
}

function toStepJson(step: StepRecord): object {
  const source = carriedOverFrom(step.response);
  const cached = cachedFrom(step.response);
  return {
    path: step.path,
    kind: step.kind,
    task: step.taskKey,
    agent: step.agent,
    name: step.name,
    status: step.status,
    is_error: step.isError,
    ...(isRefusedCall(step.response) && { is_refused: true }),
    ...(source !== undefined && { carried_over_from: source }),
    ...(cached !== undefined && { cached_from: cached }),
    ...figuresOf(step),
  };
}

function figuresOf(record: RunSummary | RunRecord | TaskRecord | StepRecord): object {
  return {
    started_at: formatIsoTime(record.startedAt),
    ended_at: formatIsoTime(record.endedAt),
    duration_ms: durationMs(record),
    token_usage: { ...toTokenUsageResult(record.spend.usage) },
    cost_usd: knownCostUsd(record.spend),
    error: record.error,
  };
}
