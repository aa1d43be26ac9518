import type { RunRecord } from '../store/records.js';
import { durationMs } from '../store/to-result.js';
import { countOf, formatCost, formatCount, formatDuration } from '../util/amounts.js';
import { alignColumns, shorten } from '../util/columns.js';
import { formatLocalTime } from '../util/local-time.js';
import { printable, printableLine } from '../util/printable.js';
import { totalTokens } from '../util/spend.js';
import type { Paint } from './paint.js';
import type { RunHistory } from './run-json.js';
import { statusTone, statusWords } from './status.js';

/** Columns of an input's value that are shown; `--format json` has it in full. */
const INPUT_WIDTH = 100;

/** What a run was, what it took and, where it failed, why and what to do next. */
export function renderRunHeader({ run, item }: Pick<RunHistory, 'run' | 'item'>, paint: Paint): string {
  const status = paint(statusTone(run.status), statusWords(run.status));
  const exit = run.exitCode === null ? '' : ` (exit ${run.exitCode})`;
  const facts = factsOf(run, item).map(([name, value]) => [paint('faint', name), value]);
  return [
    `${paint('name', `Run ${run.id}`)}  ${printableLine(run.crew)}  ${status}${exit}`,
    '',
    ...alignColumns(facts),
    ...errorLines(run, paint),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function factsOf(run: RunRecord, item: RunHistory['item']): [name: string, value: string][] {
  const { inputTokens, outputTokens, cachedInputTokens, requests } = run.spend.usage;
  const cached = cachedInputTokens > 0 ? ` (${inWords(cachedInputTokens)} from cache)` : '';
  const tokens = `${inWords(inputTokens)} in${cached}, ${inWords(outputTokens)} out, ${countOf(requests, 'model call')}`;
  const duration = durationMs(run);
  return [
    ['started', formatLocalTime(run.startedAt)],
    ...(duration === null ? [] : [['time', formatDuration(duration)] satisfies [string, string]]),
    ['tokens', `${formatCount(totalTokens(run.spend.usage))}: ${tokens}`],
    ['cost', formatCost(run.spend)],
    ['process', run.process],
    ['definition', run.definitionPath],
    ...(run.parentRunId === null ? [] : [['replay of', run.parentRunId] satisfies [string, string]]),
    ...(item
      ? [['batch', `${item.batchId}, item ${item.item} (${printableLine(item.place)})`] satisfies [string, string]]
      : []),
    ...Object.entries(run.inputs).map(([name, value], index): [string, string] => [
      index === 0 ? 'inputs' : '',
      shorten(`${name}: ${printableLine(typeof value === 'string' ? value : JSON.stringify(value))}`, INPUT_WIDTH),
    ]),
  ];
}

function errorLines({ error }: RunRecord, paint: Paint): string[] {
  if (!error) return [];
  return [
    '',
    ...printable(`error: ${error.message}`)
      .split('\n')
      .map((line) => paint('bad', line)),
    ...(error.hint === null ? [] : printable(`hint: ${error.hint}`).split('\n')),
  ];
}

function inWords(tokens: number): string {
  return formatCount(tokens);
}
