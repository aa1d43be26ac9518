import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../src/errors.js';
import type { OutputSchema } from '../../src/definition/output-schema.js';
import { PROMPT_PIECES } from '../../src/definition/prompt-pieces.js';
import type { Tool } from '../../src/tools/tool.js';
import type { JsonValue } from '../../src/util/json.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, toolTexts, userTexts } from '../helpers/run-scripted.js';

const down = { error: new ProviderError('down', { trouble: 'server', model: 'openai/x' }) };
const manager = createAgent({ key: 'manager', role: 'Manager' });
const one = createAgent({ key: 'one', role: 'One' });
const two = createAgent({ key: 'two', role: 'Two' });

const choose = (task: string) => ({ calls: [{ id: 'c', name: 'choose_task', args: { task } }] });
const delegate = (id: string, coworker: string) => ({
  id,
  name: 'delegate_work_to_coworker',
  args: { task: `Do ${id}.`, context: '', coworker },
});

function countingTool(name: string): { readonly tool: Tool; readonly calls: string[] } {
  const calls: string[] = [];
  const tool: Tool = {
    name,
    description: name,
    parameters: { type: 'object', properties: {} },
    effects: 'external',
    digest: name,
    parseArguments: async () => ({ ok: true, value: {} }),
    execute: async (_args, { stepPath }) => {
      calls.push(stepPath);
      return `result ${calls.length}`;
    },
  };
  return { tool, calls };
}

describe('a resumed run', () => {
  it('does not ask again what was answered inside a delegation, and never repeats a finished tool', async () => {
    const definition = createDefinition({
      process: 'hierarchical',
      manager,
      agents: [one, two],
      tasks: [createTask({ key: 'work' })],
    });
    const { tool, calls } = countingTool('pay');
    const agentTools = new Map([['one', [tool]]]);
    const first = await runScripted(
      definition,
      {
        Manager: [{ calls: [delegate('a', 'One'), delegate('b', 'Two')] }],
        One: [{ calls: [{ id: 't', name: 'pay', args: {} }] }, down],
        Two: ['Two is done.'],
      },
      { agentTools },
    );
    expect(first.result).toMatchObject({ status: 'failed', exit_code: 6 });
    const again = await runScripted(
      definition,
      { One: ['One is done.'], Manager: ['All done.'] },
      { agentTools, resumes: first },
    );
    expect(again.models.owed()).toEqual({});
    expect(calls).toEqual(['work/delegation/a/tool/t']);
    expect(again.result).toMatchObject({ status: 'completed', raw: 'All done.' });
    expect(toolTexts(again.models.requests[1]?.request ?? { messages: [] })).toEqual(['One is done.', 'Two is done.']);
    expect(again.result.token_usage.successful_requests).toBe(5);
  });

  it('tells nobody of what it only remembers', async () => {
    const definition = createDefinition({ agents: [one], tasks: [createTask({ key: 'a' }), createTask({ key: 'b' })] });
    const { tool } = countingTool('look');
    const parts = { agentTools: new Map([['one', [tool]]]) };
    const script = { One: ['a', { calls: [{ id: 't', name: 'look', args: {} }] }, down] };
    const first = await runScripted(definition, script, parts);
    const again = await runScripted(definition, { One: ['b'] }, { ...parts, resumes: first });
    expect(again.events.map(({ type, ...event }) => ('path' in event ? `${type} ${event.path}` : type))).toEqual([
      'run-start',
      'task-start',
      'model-call-start b/llm/2',
      'model-call-end b/llm/2',
      'task-end',
      'run-end',
    ]);
  });

  it('goes on with the task that the manager had chosen, without a new choice', async () => {
    const definition = createDefinition({
      process: 'hierarchical',
      taskOrder: 'manager',
      manager,
      agents: [one],
      tasks: ['a', 'b', 'c', 'd'].map((key) => createTask({ key, context: [] })),
    });
    const first = await runScripted(definition, {
      Manager: [choose('c'), 'c is done.', choose('b'), { calls: [delegate('x', 'One')] }],
      One: [down],
    });
    expect(first.tasks.map(({ key, status }) => `${key} ${status}`)).toEqual([
      'a pending',
      'b failed',
      'c completed',
      'd pending',
    ]);
    const again = await runScripted(
      definition,
      { One: ['x is done.'], Manager: ['b is done.', choose('d'), 'd is done.', 'a is done.'] },
      { resumes: first },
    );
    expect(again.models.owed()).toEqual({});
    expect(again.result.status).toBe('completed');
    expect(again.steps.filter(({ path }) => path.startsWith('@order')).map(({ path }) => path)).toEqual([
      '@order/llm/1',
      '@order/llm/2',
      '@order/llm/3',
    ]);
  });

  it('takes a choice that was made, where its task had not begun', async () => {
    const definition = createDefinition({
      process: 'hierarchical',
      taskOrder: 'manager',
      manager,
      agents: [one],
      tasks: ['a', 'b'].map((key) => createTask({ key, context: [] })),
    });
    const first = await runScripted(definition, { Manager: [choose('b'), down] });
    const again = await runScripted(definition, { Manager: ['b is done.', 'a is done.'] }, { resumes: first });
    expect(again.models.owed()).toEqual({});
    expect(again.result.tasks_output.map(({ raw }) => raw)).toEqual(['a is done.', 'b is done.']);
  });

  it('goes on in the conversation that it failed of, with its allowances anew', async () => {
    const isShort: OutputSchema = {
      name: 'short',
      schema: { type: 'object' },
      parse: async (value) =>
        JSON.stringify(value).length < 9 ? { ok: true, value: value as JsonValue } : { ok: false, reason: 'too long' },
    };
    const definition = createDefinition({ agents: [one], tasks: [createTask({ key: 'a', guardrailMaxRetries: 1 })] });
    const parts = { outputSchemas: new Map([['a', isShort]]) };
    const long = '{"words":"many"}';
    const first = await runScripted(definition, { One: [long, long] }, parts);
    expect(first.result).toMatchObject({ exit_code: 3 });
    const again = await runScripted(definition, { One: [long, '{"a":1}'] }, { ...parts, resumes: first });
    expect(again.result).toMatchObject({ status: 'completed', raw: '{"a":1}' });
    expect(again.steps.map(({ path }) => path)).toEqual(['a/llm/1', 'a/llm/2', 'a/llm/3', 'a/llm/4']);
    expect(again.tasks[0]).toMatchObject({ error: null, spend: { usage: { requests: 4 } } });
  });

  it('asks in other words after an answer that was of no use', async () => {
    const definition = createDefinition({ agents: [one], tasks: [createTask({ key: 'a' })] });
    const first = await runScripted(definition, { One: ['', '', ''] });
    expect(first.result).toMatchObject({ exit_code: 1 });
    const again = await runScripted(definition, { One: ['Done.'] }, { resumes: first });
    expect(again.result).toMatchObject({ raw: 'Done.' });
    expect(userTexts(again.models.requests[0]?.request ?? { messages: [] }).at(-1)).toBe(
      PROMPT_PIECES.unusable_answer.text,
    );
  });

  it('does not make a call that was made too often, nor any finished one again', async () => {
    const definition = createDefinition({ agents: [one], tasks: [createTask({ key: 'a' })] });
    const { tool, calls } = countingTool('pay');
    const parts = { agentTools: new Map([['one', [tool]]]) };
    const pay = (id: string) => ({ calls: [{ id, name: 'pay', args: {} }] });
    const first = await runScripted(definition, { One: ['1', '2', '3', '4', '5'].map(pay) }, parts);
    expect(first.result).toMatchObject({ exit_code: 4 });
    expect(calls).toHaveLength(4);
    const again = await runScripted(definition, { One: ['Paid.'] }, { ...parts, resumes: first });
    expect(again.result).toMatchObject({ raw: 'Paid.' });
    expect(calls).toHaveLength(4);
    expect(toolTexts(again.models.requests[0]?.request ?? { messages: [] }).at(-1)).toContain('Not carried out');
  });

  it('counts repeated calls over its whole life', async () => {
    const definition = createDefinition({ agents: [one], tasks: [createTask({ key: 'a' })] });
    const { tool } = countingTool('look');
    const parts = { agentTools: new Map([['one', [tool]]]) };
    const look = (id: string) => ({ calls: [{ id, name: 'look', args: {} }] });
    const first = await runScripted(definition, { One: [look('1'), look('2'), look('3'), down] }, parts);
    const again = await runScripted(definition, { One: [look('4'), look('5')] }, { ...parts, resumes: first });
    expect(again.result).toMatchObject({ exit_code: 4 });
  });
});
