import { carriedOverFrom } from '../journal/carry-over-journal.js';
import type { StepRecord, TaskRecord } from '../store/records.js';
import { durationMs } from '../store/to-result.js';
import { formatCost, formatCount, formatDuration } from '../util/amounts.js';
import { alignColumns, type Alignment, shorten } from '../util/columns.js';
import { printable, printableLine } from '../util/printable.js';
import { totalTokens } from '../util/spend.js';
import type { Paint } from './paint.js';
import type { RunHistory } from './run-json.js';
import { type RunNode, toRunNodes } from './run-nodes.js';
import { statusMark, statusTone, statusWords, taskStatusWords } from './status.js';
import { cachedFrom, isRefusedCall, type StepText, textsOf } from './step-texts.js';

/** Columns of the beginning of what a model was told went wrong. */
const EXCERPT_WIDTH = 100;
const HEAD = ['TASKS AND STEPS', 'AGENT', 'TOKENS', 'COST', 'TIME'];
const ALIGNMENTS: readonly Alignment[] = ['left', 'left', 'right', 'right', 'right'];

export interface RunTreeOptions {
  readonly paint: Paint;
  /** Adds the prompts and answers of every step. */
  readonly withTexts: boolean;
}

/** A line of the tree: cells of a table, or a text that stands between its rows. */
type Line = { readonly cells: readonly string[] } | { readonly text: string };

/**
 * The tasks of a run and, as branches, their model calls, tool calls and delegations, each with agent, tokens, cost and time.
 * Empty where the run has no tasks.
 */
export function renderRunTree(
  history: Pick<RunHistory, 'tasks' | 'steps'>,
  { paint, withTexts }: RunTreeOptions,
): string {
  const stepNames = new Map(history.steps.map(({ path, name }) => [path, name]));
  const lines: Line[] = [];

  const draw = (node: RunNode, { branch, trunk }: { readonly branch: string; readonly trunk: string }): void => {
    const { record, children } = node;
    const texts = withTexts && 'kind' in record ? textsOf(record, stepNames) : { given: [], answered: [] };
    const inside = trunk + (children.length > 0 ? '│  ' : '   ');
    lines.push({ cells: [paint('faint', branch) + labelOf(node, paint), ...figuresOf(record)] });
    for (const text of texts.given) pushText(inside, text);
    for (const [index, child] of children.entries()) {
      const isLast = index === children.length - 1;
      draw(child, { branch: `${trunk}${isLast ? '└─ ' : '├─ '}`, trunk: `${trunk}${isLast ? '   ' : '│  '}` });
    }
    for (const text of texts.answered) pushText(`${trunk}   `, text);
    for (const text of troubleOf(node, withTexts)) pushText(`${trunk}   `, text);
  };
  const pushText = (prefix: string, { title, text }: StepText): void => {
    const body = printable(text).trimEnd().split('\n');
    const head = paint(title === 'error' ? 'bad' : 'faint', `${title}:`);
    const drawn = body.length === 1 ? [`${head} ${body[0]}`] : [head, ...body.map((line) => `  ${line}`)];
    for (const line of drawn.map((whole) => whole.trimEnd())) {
      lines.push({ text: paint('faint', line === '' ? prefix.trimEnd() : prefix) + line });
    }
  };

  for (const node of toRunNodes(history)) draw(node, { branch: '', trunk: '' });
  return lines.length === 0 ? '' : layOut(lines, paint);
}

/** Aligns the rows with one another, whatever texts stand between them. */
function layOut(lines: readonly Line[], paint: Paint): string {
  const rows = lines.flatMap((line) => ('cells' in line ? [line.cells] : []));
  const [head, ...aligned] = alignColumns([HEAD.map((name) => paint('faint', name)), ...rows], ALIGNMENTS);
  const drawn = lines.map((line) => ('cells' in line ? aligned.shift() : line.text));
  return `${[head, ...drawn].join('\n')}\n`;
}

function labelOf({ record, label }: RunNode, paint: Paint): string {
  const source = 'kind' in record ? carriedOverFrom(record.response) : undefined;
  if (source !== undefined)
    return `${paint('good', statusMark('reused'))} ${printableLine(label)} (carried over from ${source})`;
  const isToldError = 'kind' in record && record.isError && record.status === 'completed';
  const own = statusOf(record);
  const mark = isToldError ? paint('warn', '!') : paint(statusTone(own), statusMark(own));
  const name = 'kind' in record ? printableLine(label) : paint('name', printableLine(label));
  const isPlain = record.status === 'completed' && !isToldError;
  const status = 'kind' in record ? statusWords(own) : taskStatusWords(record);
  const cached = 'kind' in record ? cachedFrom(record.response) : undefined;
  if (isPlain && cached !== undefined) return `${mark} ${name} (cached, from ${cached})`;
  return `${mark} ${name}${isPlain ? '' : ` (${isToldError ? toldErrorWords(record) : status})`}`;
}

/** A question that nobody has answered did not fail: it waits. */
function statusOf({ status, error }: TaskRecord | StepRecord): TaskRecord['status'] {
  return status === 'failed' && error?.code === 'needs-input' ? 'needs_input' : status;
}

function figuresOf(record: TaskRecord | StepRecord): string[] {
  const { spend } = record;
  const duration = durationMs(record);
  const hasCalls = spend.usage.requests > 0;
  return [
    printableLine(record.agent ?? ''),
    hasCalls ? formatCount(totalTokens(spend.usage)) : '',
    hasCalls ? formatCost(spend) : '',
    duration === null ? '' : formatDuration(duration),
  ];
}

function toldErrorWords({ kind, response }: StepRecord): string {
  if (isRefusedCall(response)) return 'refused';
  return kind === 'guardrail' ? 'not passed' : 'error';
}

/** Why a task was skipped, or what went wrong, said once: where it happened, not again in what is around it. */
function troubleOf({ record, children }: RunNode, withTexts: boolean): StepText[] {
  const { error } = record;
  if (!('kind' in record) && record.skipReason !== null) {
    // The texts of its condition have it.
    return withTexts && children.length > 0 ? [] : [{ title: 'reason', text: record.skipReason }];
  }
  if (error && !children.some((child) => hasError(child, error.message)))
    return [{ title: 'error', text: error.message }];
  if (withTexts || !('kind' in record) || !record.isError) return [];
  const told = textsOf(record, new Map()).answered.map(({ text }) => printableLine(text));
  const title = record.kind === 'guardrail' || isRefusedCall(record.response) ? 'reason' : 'error';
  return [{ title, text: shorten(told.join(' '), EXCERPT_WIDTH) }];
}

function hasError({ record, children }: RunNode, message: string): boolean {
  return record.error?.message === message || children.some((child) => hasError(child, message));
}
