import { outputText } from '../result.js';
import type { FoundOutput, TaskRecord } from '../store/records.js';
import { toTaskResult } from '../store/to-result.js';
import { alignColumns, type Alignment, shorten } from '../util/columns.js';
import { printable, printableLine } from '../util/printable.js';
import type { Paint } from './paint.js';
import { renderSnippet } from './snippet.js';
import { statusTone, taskStatusWords } from './status.js';

/** Columns of the beginning of an output in the brief form. */
const EXCERPT_WIDTH = 60;
/** Columns of the place of an output that was searched for. */
const SNIPPET_WIDTH = 160;
const ALIGNMENTS: readonly Alignment[] = ['right'];

/** Each task's number, name, id, status and agent with its output in full, an empty line between two. */
export function renderTaskOutputs(tasks: readonly TaskRecord[], paint: Paint): string {
  return tasks.map((task) => `${headOf(task, paint)}\n${bodyOf(task, paint)}\n`).join('\n');
}

/** One line for each task: number, id, status, agent and how its output begins. */
export function renderTaskOutputsBrief(tasks: readonly TaskRecord[], paint: Paint): string {
  return renderLines(
    tasks.map((task) => ({
      task,
      excerpt: shorten(printableLine(textOf(task) ?? task.skipReason ?? task.error?.message ?? ''), EXCERPT_WIDTH),
    })),
    paint,
  );
}

/** Each task's number, name, id, status and agent with the place of its output that was searched for. */
export function renderFoundOutputs(found: readonly FoundOutput[], paint: Paint): string {
  return found
    .map(({ task, snippet }) => {
      const place = renderSnippet(snippet, SNIPPET_WIDTH, paint);
      return `${headOf(task, paint)}\n${paint('faint', 'found')}\n${place}\n`;
    })
    .join('\n');
}

/** One line for each task that was found: number, id, status, agent and the place of its output. */
export function renderFoundOutputsBrief(found: readonly FoundOutput[], paint: Paint): string {
  return renderLines(
    found.map(({ task, snippet }) => ({ task, excerpt: renderSnippet(snippet, EXCERPT_WIDTH, paint) })),
    paint,
  );
}

function renderLines(lines: readonly { readonly task: TaskRecord; readonly excerpt: string }[], paint: Paint): string {
  const rows = lines.map(({ task, excerpt }) => [
    String(task.position),
    paint('name', taskId(task)),
    paint(statusTone(task.status), taskStatusWords(task)),
    printableLine(task.agent ?? '-'),
    excerpt,
  ]);
  return alignColumns(rows, ALIGNMENTS)
    .map((line) => `${line}\n`)
    .join('');
}

function headOf(task: TaskRecord, paint: Paint): string {
  const facts = alignColumns([
    [paint('faint', 'id'), taskId(task)],
    [paint('faint', 'status'), paint(statusTone(task.status), taskStatusWords(task))],
    [paint('faint', 'agent'), printableLine(task.agent ?? '-')],
  ]);
  return [paint('name', `Task ${task.position}: ${printableLine(task.key)}`), ...facts].join('\n');
}

function bodyOf(task: TaskRecord, paint: Paint): string {
  const text = textOf(task);
  const parts = text === undefined ? [] : [`${paint('faint', 'output')}\n${printable(text).trimEnd()}`];
  if (task.skipReason !== null) parts.push(`${paint('faint', 'reason')}\n${printable(task.skipReason)}`);
  if (task.error) parts.push(`${paint('bad', 'error')}\n${printable(task.error.message)}`);
  return parts.length > 0 ? parts.join('\n') : paint('faint', 'no output');
}

function taskId({ runId, key }: TaskRecord): string {
  return `${runId}/${printableLine(key)}`;
}

function textOf(task: TaskRecord): string | undefined {
  return task.raw === null && task.json === null ? undefined : outputText(toTaskResult(task));
}
