import { appendFileSync, mkdirSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../errors.js';
import type { EmitEvent, RunEvent } from '../events.js';
import { errorCode, fileTrouble } from '../util/file-trouble.js';
import { type OutputFileOptions, resolveOutputFile } from '../util/output-path.js';
import { printable } from '../util/printable.js';
import { toEventRow } from './jsonl-reporter.js';
import { NO_PAINT } from './paint.js';
import { createProgressLines } from './progress-lines.js';
import { summaryLines } from './summary.js';

export interface LogFileOptions {
  /** Absolute. `.json` and `.jsonl`: one JSON object a line. Anything else: lines of text. */
  readonly path: string;
  /** As the definition has it. */
  readonly name: string;
  /** Absolute; files below it are named from here. */
  readonly workingDirectory: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told once, where the log cannot be written any more. */
  readonly warn: (message: string) => void;
}

/**
 * The absolute path of a log that can be written. Touches nothing. Rejects with UsageError for a path outside the working
 * directory (unless allowed), and for what is no file or may not be written.
 */
export async function checkLogFile(name: string, options: OutputFileOptions): Promise<string> {
  const path = await resolveOutputFile(name, { ...options, what: 'log file' });
  try {
    const stats = await statOf(path);
    if (stats && !stats.isFile()) throw new UsageError(`log file ${name} is not a file`);
    let nearest = path;
    while (!(await statOf(nearest))) nearest = dirname(nearest);
    await access(nearest, constants.W_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`log file ${name} cannot be written: ${fileTrouble(error)}`, { cause: error });
  }
  return path;
}

/**
 * A listener that appends what happens in a run to a file. Each event is one write, so that the lines of several runs do not
 * mix, and on its way to the disk when it returns. Every line has the time, in UTC, and the run. Nothing is written unless
 * the run begins.
 */
export function createLogFile({ path, name, now, warn, workingDirectory }: LogFileOptions): EmitEvent {
  const toLines = /\.jsonl?$/i.test(path) ? createJsonLines() : createTextLines(workingDirectory);
  let runId: string | undefined;
  let early: { readonly event: RunEvent; readonly time: string }[] = [];
  let isBroken = false;
  return (event) => {
    if (isBroken) return;
    early.push({ event, time: new Date(now()).toISOString() });
    if (event.type === 'run-start') runId = event.runId;
    if (runId === undefined) return;
    const lines = early.map(({ time, event: told }) => toLines(told, { time, run_id: runId ?? '' }));
    const text = lines.join('');
    early = [];
    if (text === '') return;
    try {
      if (event.type === 'run-start') mkdirSync(dirname(path), { recursive: true });
      appendFileSync(path, text);
    } catch (error) {
      isBroken = true;
      warn(`the log file ${name} cannot be written any more: ${fileTrouble(error)}`);
    }
  };
}

/** With which every line begins. */
interface LogPlace {
  readonly time: string;
  readonly run_id: string;
}

type ToLines = (event: RunEvent, at: LogPlace) => string;

function createJsonLines(): ToLines {
  return (event, at) =>
    event.type === 'model-call-delta' ? '' : `${JSON.stringify({ ...at, ...toEventRow(event) })}\n`;
}

function createTextLines(workingDirectory: string): ToLines {
  const toProgress = createProgressLines({ paint: NO_PAINT, verbose: true, workingDirectory });
  return (event, { time, run_id: runId }) =>
    [...toProgress(event), ...furtherLinesOf(event)].map((line) => `${time} ${runId} ${line}\n`).join('');
}

/** What elsewhere is asked on the terminal, or told when all is over: questions, why a task failed, what came of the run. */
function furtherLinesOf(event: RunEvent): readonly string[] {
  if (event.type === 'task-end' && event.result.error) {
    return printable(`${event.taskKey}: ${event.result.error.message}`).split('\n');
  }
  if (event.type === 'question-start') {
    const { kind, agent, taskKey, text } = event;
    const words = {
      review: `${taskKey} waits for a review`,
      question: `${agent} asks: ${text}`,
      permission: `${agent} asks to call ${text}`,
    };
    return printable(words[kind]).split('\n');
  }
  if (event.type !== 'run-end') return [];
  const { error, amounts } = summaryLines(event.result, { db: undefined });
  return [...error, ...amounts.slice(0, 1)];
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
