import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import { checkLogFile, createLogFile } from '../../src/reporters/log-file.js';
import type { RunResult, TaskResult } from '../../src/result.js';
import { NO_SPEND } from '../../src/util/spend.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const place = { taskKey: 'write', path: 'write/llm/1', agent: 'Writer' };
const error = { code: 'task', message: 'it is empty', hint: 'Say more.' };
const result = {
  run_id: 'k3m9x2ab',
  status: 'failed',
  exit_code: 1,
  tasks_output: [{ name: 'write', status: 'failed', error }],
  token_usage: { total_tokens: 15 },
  cost_usd: 0.001,
  duration_ms: 20,
  error,
} as unknown as RunResult;
const EVENTS: readonly RunEvent[] = [
  { type: 'warning', message: 'there is no input "x"' },
  {
    type: 'run-start',
    runId: 'k3m9x2ab',
    crew: 'brief',
    process: 'sequential',
    taskCount: 1,
    doneCount: 0,
    parentRunId: null,
    isResumed: false,
  },
  { type: 'task-start', taskKey: 'write', position: 1, agent: 'Writer' },
  { type: 'model-call-start', ...place, model: 'openai/x' },
  { type: 'model-call-delta', ...place, text: 'A text', isOutput: true },
  { type: 'model-call-end', ...place, model: 'openai/x', spend: NO_SPEND, durationMs: 5, text: 'A text\nof lines.' },
  { type: 'question-start', ...place, kind: 'question', text: 'For whom?' },
  { type: 'question-end', ...place, kind: 'question', decision: 'answer', text: 'For all.' },
  {
    type: 'task-end',
    taskKey: 'write',
    result: { ...result, name: 'write' } as unknown as TaskResult,
    outputFile: null,
  },
  { type: 'run-end', result },
];

function createLog(name: string, folder = temporaryFolder()) {
  const warnings: string[] = [];
  let time = Date.UTC(2026, 2, 1, 12);
  const path = join(folder, name);
  const warn = (message: string): void => void warnings.push(message);
  const log = createLogFile({ path, name, workingDirectory: folder, now: () => (time += 1), warn });
  return { log, path, warnings };
}

it('has a line of text with time and run for all that happens', () => {
  const { log, path } = createLog('logs/run.txt');
  for (const event of EVENTS) log(event);
  expect(`\n${readFileSync(path, 'utf8')}`).toMatchInlineSnapshot(`
    "
    2026-03-01T12:00:00.001Z k3m9x2ab warning: there is no input "x"
    2026-03-01T12:00:00.002Z k3m9x2ab brief run k3m9x2ab · sequential · 1 task
    2026-03-01T12:00:00.003Z k3m9x2ab write 1/1 · Writer
    2026-03-01T12:00:00.006Z k3m9x2ab   Writer (openai/x): A text
    2026-03-01T12:00:00.006Z k3m9x2ab   of lines.
    2026-03-01T12:00:00.007Z k3m9x2ab Writer asks: For whom?
    2026-03-01T12:00:00.008Z k3m9x2ab   question answer: For all.
    2026-03-01T12:00:00.009Z k3m9x2ab ✗ write failed · 20 ms · 15 tokens · $0.0010
    2026-03-01T12:00:00.009Z k3m9x2ab write: it is empty
    2026-03-01T12:00:00.010Z k3m9x2ab error: task write: it is empty
    2026-03-01T12:00:00.010Z k3m9x2ab hint: Say more.
    2026-03-01T12:00:00.010Z k3m9x2ab failed · run k3m9x2ab · 20 ms · 15 tokens · $0.0010
    "
  `);
});

it('has one JSON object a line in a .json file, but no pieces of text', () => {
  const { log, path } = createLog('run.json');
  for (const event of EVENTS) log(event);
  const rows = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(rows.map(({ type }) => type)).toEqual(
    EVENTS.map(({ type }) => type).filter((type) => type !== 'model-call-delta'),
  );
  expect(rows[0]).toEqual({
    time: '2026-03-01T12:00:00.001Z',
    run_id: 'k3m9x2ab',
    type: 'warning',
    message: 'there is no input "x"',
  });
  expect(rows.every((row) => row['run_id'] === 'k3m9x2ab')).toBe(true);
});

it('is not touched by a run that never begins', () => {
  const { log, path } = createLog('run.txt');
  log(EVENTS[0] as RunEvent);
  expect(existsSync(path)).toBe(false);
});

it('keeps what other runs have written, line by line', () => {
  const folder = temporaryFolder();
  const [one, two] = [createLog('run.txt', folder), createLog('run.txt', folder)];
  for (const event of EVENTS) {
    one.log(event);
    two.log(event.type === 'run-start' ? { ...event, runId: 'other678' } : event);
  }
  const lines = readFileSync(one.path, 'utf8').trimEnd().split('\n');
  const of = (run: string): string[] => lines.filter((line) => line.split(' ')[1] === run);
  expect(of('k3m9x2ab')).toHaveLength(lines.length / 2);
  expect(of('other678')).toHaveLength(lines.length / 2);
});

it('is warned of once where it cannot be written any more', () => {
  const { log, path, warnings } = createLog('run.txt');
  mkdirSync(path);
  for (const event of EVENTS) log(event);
  expect(warnings).toEqual(['the log file run.txt cannot be written any more: is a folder, not a file']);
});

it('is refused before the run where it cannot be written', async () => {
  const folder = temporaryFolder({ 'crew.yaml': '', 'docs/a.txt': '' });
  const check = (name: string): Promise<string> =>
    checkLogFile(name, { workingDirectory: folder, allowOutside: false }).catch((thrown: Error) =>
      thrown.message.replaceAll(folder, '<folder>'),
    );
  expect(await check('new/deep/run.txt')).toBe(join(folder, 'new/deep/run.txt'));
  expect([await check('docs'), await check('crew.yaml/run.txt'), await check('../run.txt'), await check('.git/x.txt')])
    .toMatchInlineSnapshot(`
      [
        "log file docs is a folder",
        "log file crew.yaml/run.txt: a part of the path is a file, not a folder",
        "log file ../run.txt is outside the working directory <folder>",
        "log file .git/x.txt may not be written: .git is protected",
      ]
    `);
});
