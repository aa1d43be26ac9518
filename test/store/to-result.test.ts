import { expect, it } from 'vitest';
import type { RunRecord, TaskRecord } from '../../src/store/records.js';
import { toRunResult, toTaskResult } from '../../src/store/to-result.js';
import { newRun, spend, START } from './sample.js';

const { tasks: _tasks, ...begun } = newRun();
const run: RunRecord = {
  ...begun,
  status: 'completed',
  exitCode: 0,
  spend: spend(3, 4, 0.5),
  error: null,
  endedAt: START + 9,
  idleMs: 0,
  holder: null,
  heartbeatAt: null,
};

function task(change: Partial<TaskRecord>): TaskRecord {
  return {
    runId: 'run00001',
    key: 'research',
    position: 1,
    description: 'Research solar.',
    expectedOutput: 'Facts.',
    agent: 'Analyst',
    status: 'completed',
    raw: 'Sunny.',
    json: null,
    outputFormat: 'raw',
    outputFile: null,
    spend: spend(1, 2, null),
    error: null,
    startedAt: START,
    endedAt: START + 5,
    fingerprint: {},
    source: null,
    skipReason: null,
    ...change,
  };
}

it('shows a task under the names of results, without a cost where a price is unknown', () => {
  expect(toTaskResult(task({}))).toEqual({
    task_id: 'run00001/research',
    source_task_id: null,
    name: 'research',
    description: 'Research solar.',
    expected_output: 'Facts.',
    agent: 'Analyst',
    raw: 'Sunny.',
    json_dict: null,
    pydantic: null,
    output_format: 'raw',
    summary: 'Research solar.',
    status: 'completed',
    skip_reason: null,
    token_usage: {
      total_tokens: 3,
      prompt_tokens: 1,
      completion_tokens: 2,
      cached_prompt_tokens: 0,
      reasoning_tokens: 0,
      successful_requests: 1,
    },
    cost_usd: null,
    duration_ms: 5,
    error: null,
  });
});

it('names the task that a reused output comes from', () => {
  const source = { runId: 'run00000', taskKey: 'facts' };
  expect(toTaskResult(task({ status: 'reused', source })).source_task_id).toBe('run00000/facts');
});

it('puts a structured output where its format says', () => {
  const json = { a: 1 };
  expect(toTaskResult(task({ json, outputFormat: 'json' }))).toMatchObject({ json_dict: json, pydantic: null });
  expect(toTaskResult(task({ json, outputFormat: 'pydantic' }))).toMatchObject({ json_dict: null, pydantic: json });
});

it('sums a description up in its first ten words', () => {
  const ten = 'one two three four five six seven eight nine ten';
  expect(toTaskResult(task({ description: ten.replace(' ', '\n\n') })).summary).toBe(ten);
  expect(toTaskResult(task({ description: `${ten} eleven` })).summary).toBe(`${ten}...`);
});

it('takes the output of the last task that has one', () => {
  const tasks = [
    task({ raw: 'first' }),
    task({ key: 'b', raw: '{}', json: {}, outputFormat: 'json', status: 'reused' }),
    task({ key: 'c', raw: null, status: 'failed' }),
    task({ key: 'd', raw: null, status: 'pending', startedAt: null, endedAt: null }),
  ];
  expect(toRunResult(run, tasks)).toMatchObject({
    raw: '{}',
    json_dict: {},
    pydantic: null,
    duration_ms: 9,
    cost_usd: 0.5,
  });
  expect(toRunResult(run, tasks.slice(2))).toMatchObject({ raw: null, json_dict: null, pydantic: null });
  expect(toRunResult(run, tasks).tasks_output.map(({ duration_ms }) => duration_ms)).toEqual([5, 5, 5, null]);
});

it('does not count the time in which a run did not run', () => {
  expect(toRunResult({ ...run, idleMs: 4 }, []).duration_ms).toBe(5);
});

it('shows a run that has no end as interrupted, without a duration', () => {
  expect(toRunResult({ ...run, status: 'running', exitCode: null, endedAt: null }, [])).toMatchObject({
    status: 'running',
    exit_code: 130,
    duration_ms: 0,
  });
});
