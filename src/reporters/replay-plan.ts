import type { ReplayPreview } from '../replay/external-effects.js';
import type { ReplayPlan, ReplayTask } from '../replay/replay-plan.js';
import type { TaskSource } from '../store/run-settings.js';
import { alignColumns, type Alignment } from '../util/columns.js';
import { printableLine } from '../util/printable.js';
import { describeEffects } from './external-effects.js';
import type { Paint, Tone } from './paint.js';

/** Reasons of tasks that have not run yet. */
const FIRST_TIME = ['new', 'never begun'];
const ALIGNMENTS: readonly Alignment[] = ['right'];

/**
 * Below a head one line for each task: number, key, what is done with it, and where its output comes from or why; then what
 * happens to the outside once more.
 */
export function renderReplayPlan(plan: ReplayPreview, paint: Paint): string {
  const refused = refusedKeys(plan);
  const rows = plan.tasks.map((task) => {
    const [tone, words, details] = looksOf(task, refused.has(task.key));
    return [String(task.position), paint('name', printableLine(task.key)), paint(tone, words), printableLine(details)];
  });
  const effects = describeEffects(plan.effects).map((line) => `  ${line}`);
  const effectLines = effects.length > 0 ? [paint('warn', 'External effects that it causes again:'), ...effects] : [];
  return [paint('faint', `Replay of ${plan.parentRunId}`), ...alignColumns(rows, ALIGNMENTS), ...effectLines]
    .map((line) => `${line}\n`)
    .join('');
}

/** The plan for programs; `refused` tells which tasks stand in its way. */
export function toReplayPlanJson(plan: ReplayPreview): object {
  const refused = refusedKeys(plan);
  return {
    parent_run_id: plan.parentRunId,
    tasks: plan.tasks.map((task) => ({
      number: task.position,
      name: task.key,
      action: task.action,
      refused: refused.has(task.key),
      source_task_id: task.source ? taskId(task.source) : null,
      renamed_from: task.renamedFrom ?? null,
      reasons: task.reasons,
    })),
    effects: plan.effects.map(({ taskKey, tool, arguments: args, count }) => ({
      task: taskKey,
      tool,
      arguments: args,
      count,
    })),
  };
}

function looksOf(
  { action, source, reasons }: ReplayTask,
  isRefused: boolean,
): readonly [tone: Tone, words: string, details: string] {
  const why = reasons.join('; ');
  if (action === 'set') return ['good', 'set by hand', why];
  if (action === 'decide') return ['faint', 'decided again', why];
  if (action === 'run')
    return ['plain', FIRST_TIME.some((reason) => reasons.includes(reason)) ? 'run' : 'run again', why];
  if (isRefused) return ['bad', 'refused', source ? `stale because ${why}` : why];
  const from = source ? `from ${taskId(source)}` : '';
  return reasons.length > 0 ? ['warn', 'reused', `${from}, stale because ${why}`] : ['good', 'reused', from];
}

function refusedKeys({ refusals }: ReplayPlan): ReadonlySet<string> {
  return new Set(refusals.map(({ key }) => key));
}

function taskId({ runId, taskKey }: TaskSource): string {
  return `${runId}/${taskKey}`;
}
