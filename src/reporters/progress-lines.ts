import type { RunEvent } from '../events.js';
import { countOf, formatCost, formatCount, formatDuration, formatTokens, formatUsd } from '../util/amounts.js';
import { withoutMarks } from '../util/outside-text.js';
import { nearPath } from '../util/real-path.js';
import { printable, printableLine } from '../util/printable.js';
import { type Spend, totalTokens } from '../util/spend.js';
import type { Paint } from './paint.js';
import { statusMark, statusTone, statusWords } from './status.js';

export interface ProgressOptions {
  readonly paint: Paint;
  /** Adds what models answered and what tools were given and gave back; a crew or an agent may ask for it too. */
  readonly verbose: boolean;
  /** Absolute; files below it are named from here. */
  readonly workingDirectory: string;
}

/** Characters of a request, result or answer that a line shows. */
const EXCERPT = 100;

/**
 * Turns events into the lines that people read while a run goes on: one line an event, delegated work indented below
 * the delegation. Gives back no line for what is not worth one.
 */
export function createProgressLines({
  paint,
  verbose: isAlwaysVerbose,
  workingDirectory,
}: ProgressOptions): (event: RunEvent) => string[] {
  let taskCount = 0;
  let wanted: (RunEvent & { type: 'run-start' })['verbose'];
  const amounts = (spend: Spend, durationMs: number): string =>
    paint(
      'faint',
      [
        formatDuration(durationMs),
        ...(totalTokens(spend.usage) > 0 ? [formatTokens(spend), formatCost(spend)] : []),
      ].join(' · '),
    );

  return (event) => {
    const isWanted = wanted === true || ('agent' in event && wanted?.includes(event.agent));
    const verbose = isAlwaysVerbose || isWanted === true;
    switch (event.type) {
      case 'run-start':
        taskCount = event.taskCount;
        wanted = event.verbose;
        return [`${paint('name', event.crew)} ${paint('faint', beginningOf(event))}`];
      case 'task-reuse':
        return [`${paint('good', '↺')} ${event.taskKey} ${paint('faint', sourceOf(event))}`];
      case 'task-skip':
        return [
          `${paint('faint', '–')} ${event.taskKey} ${paint('faint', `skipped: ${shown(event.reason, verbose)}`)}`,
        ];
      case 'plan-end': {
        const parts = Object.entries(event.plan).flatMap(([key, text]) => planLines(`${key}: ${shown(text, verbose)}`));
        const mark = event.error === undefined ? paint('good', '✓') : paint('bad', '✗');
        return [`${mark} plan ${amounts(event.spend, event.durationMs)}`, ...parts];
      }
      case 'guardrail-end': {
        if (!event.passed)
          return indented(
            event.path,
            paint(
              'warn',
              `${event.hasFailed ? 'not checked' : 'not accepted'}: ${shown(event.guardrail, false)}: ${shown(event.reason ?? '', verbose)}`,
            ),
          );
        return verbose ? indented(event.path, `passed: ${shown(event.guardrail, true)}`) : [];
      }
      case 'question-end': {
        const said = event.text === '' ? '' : `: ${shown(event.text, verbose)}`;
        return indented(event.path, `${event.kind} ${paint('name', event.decision)}${said}`);
      }
      case 'task-start':
        return [`${paint('name', event.taskKey)} ${paint('faint', `${event.position}/${taskCount} · ${event.agent}`)}`];
      case 'task-end': {
        const { result } = event;
        const { status } = result;
        const mark =
          status === 'needs_input'
            ? paint(statusTone(status), statusMark(status))
            : paint(status === 'completed' ? 'good' : 'bad', status === 'completed' ? '✓' : '✗');
        const files = [event.outputFile ?? [], event.moreFiles ?? []].flat();
        const near = files.map((path) => nearPath(path, workingDirectory)).join(', ');
        const file = files.length === 0 ? '' : ` ${paint('faint', `→ ${near}`)}`;
        return [
          `${mark} ${event.taskKey} ${paint('faint', `${statusWords(status)} · ${resultAmounts(result)}`)}${file}`,
        ];
      }
      case 'model-call-end': {
        if (!verbose || event.text === '') return [];
        return indented(event.path, `${event.agent} (${event.model}): ${shown(event.text, true)}`);
      }
      case 'tool-call-start':
        return indented(
          event.path,
          `${event.agent} uses ${paint('name', shown(event.tool, false))} ${shown(JSON.stringify(event.arguments), verbose)}`,
        );
      case 'tool-call-end':
        if (event.isError) {
          const what = event.isRefused ? `${event.tool} refused` : event.tool;
          const result = verbose ? event.result : withoutMarks(event.result);
          return indented(event.path, paint('warn', shown(`${what}: ${result}`, verbose)));
        }
        if (event.fromCache) {
          const cached = `${event.tool}: ${paint('faint', `cached, from run ${event.fromCache.runId}`)}`;
          return indented(event.path, verbose ? `${cached}: ${shown(event.result, true)}` : cached);
        }
        return verbose ? indented(event.path, `${event.tool}: ${shown(event.result, true)}`) : [];
      case 'tool-log':
        return indented(event.path, `${event.tool}: ${shown(event.message, true)}`);
      case 'delegation-start':
        return indented(
          event.path,
          `${event.agent} → ${paint('name', shown(event.coworker, false))}: ${shown(event.request, verbose)}`,
        );
      case 'delegation-end': {
        const back = `${event.agent} ← ${paint('name', shown(event.coworker, false))} ${amounts(event.spend, event.durationMs)}`;
        return indented(event.path, event.isError ? `${back} ${paint('warn', shown(event.result, verbose))}` : back);
      }
      case 'warning':
        return [`${paint('warn', 'warning:')} ${shown(event.message, true)}`];
      default:
        return [];
    }
  };
}

/** The lines of one task's part of a plan, below the heading. */
function planLines(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`);
}

function beginningOf(event: RunEvent & { type: 'run-start' }): string {
  const { runId, process, taskCount, doneCount, isResumed, parentRunId } = event;
  const tasks = countOf(taskCount, 'task');
  return [
    `run ${runId}`,
    process,
    doneCount === 0 ? tasks : `${doneCount} of ${tasks} done`,
    ...(isResumed ? ['resumed'] : []),
    ...(parentRunId === null ? [] : [`replay of ${parentRunId}`]),
  ].join(' · ');
}

function sourceOf({ source }: RunEvent & { type: 'task-reuse' }): string {
  return source ? `reused from ${source.runId}/${source.taskKey}` : 'set by hand';
}

/** The text in one line and cut short, or whole; without what steers a terminal. */
function shown(text: string, isWhole: boolean): string {
  if (isWhole) return printable(text);
  const line = printableLine(text);
  return line.length <= EXCERPT ? line : `${line.slice(0, EXCERPT - 1)}…`;
}

/** Tokens, cost and time of a result's own fields. */
export function resultAmounts(result: {
  readonly token_usage: { readonly total_tokens: number };
  readonly cost_usd: number | null;
  readonly duration_ms: number | null;
}): string {
  const { total_tokens: tokens } = result.token_usage;
  const cost = result.cost_usd === null ? 'unpriced' : formatUsd(result.cost_usd);
  return [formatDuration(result.duration_ms ?? 0), `${formatCount(tokens)} tokens`, cost].join(' · ');
}

/** Two spaces for each delegation that the path leads through, and two for being inside a task. */
function indented(path: string, text: string): string[] {
  const depth = path.split('/delegation/').length - (/\/delegation\/[^/]+$/.test(path) ? 1 : 0);
  const indent = '  '.repeat(depth);
  return text.split('\n').map((line) => indent + line);
}
