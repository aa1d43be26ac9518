import { durationMs } from '../store/to-result.js';
import type { RunSummary } from '../store/records.js';
import { formatCost, formatCount, formatDuration } from '../util/amounts.js';
import { alignColumns, type Alignment } from '../util/columns.js';
import { formatLocalTime } from '../util/local-time.js';
import { printableLine } from '../util/printable.js';
import { totalTokens } from '../util/spend.js';
import type { Paint } from './paint.js';
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
    `${run.tasksDone}/${run.tasksTotal}${run.tasksSkipped === 0 ? '' : `, ${run.tasksSkipped} skipped`}`,
    formatCount(totalTokens(run.spend.usage)),
    formatCost(run.spend),
    run.parentRunId ?? '',
  ];
}
