import { durationMs, toTokenUsageResult } from '../store/to-result.js';
import type { RunSummary } from '../store/records.js';
import { formatCost, formatCount, formatDuration } from '../util/amounts.js';
import { alignColumns, type Alignment } from '../util/columns.js';
import type { JsonObject, JsonValue } from '../util/json.js';
import { formatIsoTime, formatLocalTime } from '../util/local-time.js';
import { printableLine } from '../util/printable.js';
import { knownCostUsd, totalTokens } from '../util/spend.js';
import type { Paint } from './progress-lines.js';
import { statusTone, statusWords } from './status.js';

const HEAD = ['RUN', 'CREW', 'STATUS', 'STARTED', 'TIME', 'TASKS', 'TOKENS', 'COST', 'REPLAY OF'];
const ALIGNMENTS: readonly Alignment[] = ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right', 'left'];

/** The runs as a table, one line each below a head; the last column only where a run is a replay. */
export function renderRunsTable(runs: readonly RunSummary[], paint: Paint): string {
  const hasReplays = runs.some(({ parentRunId }) => parentRunId !== null);
  const head = (hasReplays ? HEAD : HEAD.slice(0, -1)).map((name) => paint('faint', name));
  return `${alignColumns([head, ...runs.map((run) => cellsOf(run, paint))], ALIGNMENTS).join('\n')}\n`;
}

function cellsOf(run: RunSummary, paint: Paint): string[] {
  const duration = durationMs(run);
  return [
    paint('name', run.id),
    printableLine(run.crew),
    paint(statusTone(run.status), statusWords(run.status)),
    formatLocalTime(run.startedAt),
    duration === null ? '' : formatDuration(duration),
    `${run.tasksDone}/${run.tasksTotal}`,
    formatCount(totalTokens(run.spend.usage)),
    formatCost(run.spend),
    run.parentRunId ?? '',
  ];
}

/** A run as a list shows it to programs. */
export function toRunSummaryJson(run: RunSummary): JsonObject {
  return {
    run_id: run.id,
    crew: run.crew,
    process: run.process,
    status: run.status,
    exit_code: run.exitCode,
    parent_run_id: run.parentRunId,
    definition_path: run.definitionPath,
    inputs: run.inputs,
    started_at: formatIsoTime(run.startedAt),
    ended_at: formatIsoTime(run.endedAt),
    duration_ms: durationMs(run),
    tasks_done: run.tasksDone,
    tasks_total: run.tasksTotal,
    token_usage: { ...toTokenUsageResult(run.spend.usage) },
    cost_usd: knownCostUsd(run.spend),
    error: run.error as unknown as JsonValue,
  };
}
