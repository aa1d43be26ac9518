import { expect, it } from 'vitest';
import { type RunNode, toRunNodes } from '../../src/reporters/run-nodes.js';
import type { StepRecord, TaskRecord } from '../../src/store/records.js';
import { NO_SPEND } from '../../src/util/spend.js';
import { newStep, START } from '../store/sample.js';

function task(key: string, position: number): TaskRecord {
  return {
    runId: 'run00001',
    key,
    position,
    description: '',
    expectedOutput: '',
    agent: null,
    status: 'completed',
    raw: '',
    json: null,
    outputFormat: 'raw',
    outputFile: null,
    spend: NO_SPEND,
    error: null,
    startedAt: START,
    endedAt: START,
    fingerprint: {},
    source: null,
    skipReason: null,
  };
}

function step(id: number, path: string, change: Partial<StepRecord> = {}): StepRecord {
  return {
    ...newStep({ path, taskKey: path.split('/')[0] ?? '' }),
    id,
    status: 'completed',
    response: null,
    isError: false,
    spend: NO_SPEND,
    error: null,
    endedAt: START,
    ...change,
  };
}

function delegation(id: number, path: string, name: string): StepRecord {
  return step(id, path, { kind: 'delegation', name, request: { coworker: 'Writer', task: '', context: '' } });
}

/** One line for each node, indented by its depth. */
function outline(nodes: readonly RunNode[], depth = 0): string[] {
  return nodes.flatMap(({ label, children }) => ['  '.repeat(depth) + label, ...outline(children, depth + 1)]);
}

it('puts steps into their tasks and delegations, also where they went on at the same time', () => {
  const steps = [
    step(1, '@order/llm/1', { taskKey: '' }),
    step(2, 'a/llm/1'),
    delegation(3, 'a/delegation/x', 'delegate_work_to_coworker'),
    delegation(4, 'a/delegation/y', 'ask_question_to_coworker'),
    step(5, 'b/llm/1'),
    step(6, 'a/delegation/y/tool/t', { kind: 'tool', name: 'read_file' }),
    delegation(7, 'a/delegation/x/delegation/z', 'delegate_work_to_coworker'),
    step(8, 'a/delegation/x/delegation/z/llm/1'),
    step(9, 'a/delegation/x/llm/1'),
    step(10, 'a/llm/2'),
  ];
  expect(outline(toRunNodes({ tasks: [task('a', 1), task('b', 2), task('c', 3)], steps })).join('\n'))
    .toMatchInlineSnapshot(`
    "model openai/gpt-4o
    1 a
      model openai/gpt-4o
      delegates to Writer
        delegates to Writer
          model openai/gpt-4o
        model openai/gpt-4o
      asks Writer
        tool read_file
      model openai/gpt-4o
    2 b
      model openai/gpt-4o
    3 c"
  `);
});
