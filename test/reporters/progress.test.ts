import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import { createJsonlReporter } from '../../src/reporters/jsonl-reporter.js';
import { createPlainReporter } from '../../src/reporters/plain-reporter.js';
import { summaryLines } from '../../src/reporters/summary.js';
import type { RunResult } from '../../src/result.js';
import { type Spend, NO_USAGE } from '../../src/util/spend.js';
import type { Output } from '../../src/util/io.js';

const spend: Spend = {
  usage: { ...NO_USAGE, inputTokens: 1200, outputTokens: 34, requests: 2 },
  costUsd: 0.0123,
  unpricedRequests: 0,
};
const result: RunResult = {
  run_id: 'k3m9x2ab',
  status: 'completed',
  exit_code: 0,
  crew: 'brief',
  raw: 'The article.',
  json_dict: null,
  pydantic: null,
  tasks_output: [],
  token_usage: {
    total_tokens: 1234,
    prompt_tokens: 1200,
    completion_tokens: 34,
    cached_prompt_tokens: 0,
    reasoning_tokens: 0,
    successful_requests: 2,
  },
  cost_usd: 0.0123,
  duration_ms: 12_345,
  error: null,
};
const task = { ...result, task_id: 'k3m9x2ab/article', name: 'article' } as unknown as Extract<
  RunEvent,
  { type: 'task-end' }
>['result'];
const at = { taskKey: 'article', agent: 'Crew Manager' };
const EVENTS: RunEvent[] = [
  {
    type: 'run-start',
    runId: 'k3m9x2ab',
    crew: 'brief',
    process: 'hierarchical',
    taskCount: 1,
    doneCount: 0,
    parentRunId: null,
    isResumed: false,
  },
  { type: 'task-start', taskKey: 'article', position: 1, agent: 'Crew Manager' },
  { type: 'model-call-start', ...at, path: 'article/llm/1', model: 'openai/x' },
  {
    type: 'model-call-end',
    ...at,
    path: 'article/llm/1',
    model: 'openai/x',
    spend,
    durationMs: 5,
    text: 'Let me see.\nOn it.',
  },
  {
    type: 'delegation-start',
    ...at,
    path: 'article/delegation/a',
    tool: 'delegate_work_to_coworker',
    coworker: 'Writer',
    request: `Write\n${'long '.repeat(40)}`,
  },
  {
    type: 'tool-call-start',
    ...at,
    agent: 'Writer',
    path: 'article/delegation/a/tool/b',
    tool: 'read_file',
    arguments: { path: 'a.md' },
  },
  {
    type: 'tool-call-end',
    ...at,
    agent: 'Writer',
    path: 'article/delegation/a/tool/b',
    tool: 'read_file',
    result: 'It failed: it said:\n<data from="read_file">\nno such file\u001B[2J\n</data>',
    isError: true,
    durationMs: 3,
  },
  {
    type: 'delegation-end',
    ...at,
    path: 'article/delegation/a',
    coworker: 'Writer',
    result: 'Draft.',
    isError: false,
    spend,
    durationMs: 1500,
  },
  { type: 'warning', message: 'openai/x: 503; trying again in 1.2 s (2 of 4)' },
  { type: 'task-end', taskKey: 'article', result: task, outputFile: '/project/out/a.md' },
  { type: 'run-end', result },
];

function collect(): Output & { readonly text: () => string } {
  const parts: string[] = [];
  return {
    write: (text) => void parts.push(text),
    isTTY: false,
    color: false,
    columns: 80,
    text: () => parts.join(''),
  };
}

describe('the plain reporter', () => {
  it.each([
    ['says in lines what happens, delegated work indented', false],
    ['shows answers and results in full when verbose', true],
  ])('%s', (_title, verbose) => {
    const output = collect();
    const reporter = createPlainReporter({ output, verbose, workingDirectory: '/project' });
    for (const event of EVENTS) reporter.onEvent(event);
    expect(output.text()).toMatchSnapshot();
  });
});

describe('the jsonl reporter', () => {
  it('writes one object a line, the last one with the fields of the result', () => {
    const output = collect();
    const reporter = createJsonlReporter({ output });
    for (const event of EVENTS) reporter.onEvent(event);
    const lines = output
      .text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(lines.map(({ type }) => type)).toEqual(EVENTS.map(({ type }) => type));
    expect(lines[3]).toMatchInlineSnapshot(`
      {
        "agent": "Crew Manager",
        "duration_ms": 5,
        "model": "openai/x",
        "path": "article/llm/1",
        "spend": {
          "cached_prompt_tokens": 0,
          "completion_tokens": 34,
          "cost_usd": 0.0123,
          "prompt_tokens": 1200,
          "reasoning_tokens": 0,
          "successful_requests": 2,
          "total_tokens": 1234,
        },
        "task_key": "article",
        "text": "Let me see.
      On it.",
        "type": "model-call-end",
      }
    `);
    expect(lines.at(-1)).toEqual({ type: 'run-end', ...result });
  });
});

describe('the summary', () => {
  it('ends a run with id, time, tokens, cost and the command that shows it', () => {
    expect(summaryLines(result, { db: undefined })).toMatchInlineSnapshot(`
      {
        "amounts": [
          "done · run k3m9x2ab · 12.3 s · 1,234 tokens · $0.0123",
          "see it: crew show k3m9x2ab",
        ],
        "error": [],
      }
    `);
  });

  it('says what failed, why and what to do, and never calls unknown costs 0', () => {
    const error = { code: 'provider', message: 'openai/x: 401 Unauthorized', hint: 'check OPENAI_API_KEY' };
    const failed = {
      ...result,
      status: 'failed',
      exit_code: 6,
      cost_usd: null,
      tasks_output: [
        { ...task, name: 'other', status: 'failed', error: { ...error, message: 'something later' } },
        { ...task, status: 'failed', error },
      ],
      error,
    } as const;
    expect(summaryLines(failed, { db: 'my.db' })).toMatchInlineSnapshot(`
      {
        "amounts": [
          "failed · run k3m9x2ab · 12.3 s · 1,234 tokens · unpriced",
          "see it: crew show k3m9x2ab --steps --db my.db",
          "go on: crew resume k3m9x2ab --db my.db",
        ],
        "error": [
          "error: task article: openai/x: 401 Unauthorized",
          "hint: check OPENAI_API_KEY",
        ],
      }
    `);
  });
});
