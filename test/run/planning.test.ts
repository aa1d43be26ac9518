import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../src/errors.js';
import type { Tool } from '../../src/tools/tool.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, userTexts } from '../helpers/run-scripted.js';

const planner = { reference: 'openai/gpt-4o', provider: 'openai', modelId: 'gpt-4o' };
const planning = { models: [planner] };
const analyst = createAgent({ key: 'analyst', role: 'Analyst', goal: 'Find facts.' });
const writer = createAgent({ key: 'writer', role: 'Writer', goal: 'Write well.' });
const research = createTask({ key: 'research', agent: 'analyst' });
const write = createTask({ key: 'write', agent: 'writer', context: ['research'] });
const definition = createDefinition({ agents: [analyst, writer], tasks: [research, write], planning });
const plan = { research: '1. Search.', write: '1. Read.\n2. Write.' };
const down = { error: new ProviderError('down', { trouble: 'server', model: 'openai/x' }) };
const search: Tool = {
  name: 'search',
  description: 'Searches.',
  parameters: { type: 'object' },
  effects: 'none',
  digest: 'search',
  parseArguments: async () => ({ ok: true, value: {} }),
  execute: async () => '',
};

/** The planner has no role. */
const answersOf = (...answers: readonly string[]) => ({ '': answers, Analyst: ['Facts.'], Writer: ['Text.'] });

describe('a planned crew', () => {
  it('plans all tasks in one call before the first, and gives each its part', async () => {
    const run = await runScripted(definition, answersOf(JSON.stringify({ plan })), {
      agentTools: new Map([['analyst', [search]]]),
    });
    expect(run.error).toBeUndefined();
    const [asked, first, second] = run.models.requests;
    expect(asked?.request.messages[0]?.content).toMatchInlineSnapshot(
      `"You plan the work of a crew. A task is given the results of those before it, or only of those it names."`,
    );
    expect(userTexts(asked!.request).join()).toMatchInlineSnapshot(`
      "<task name="research">
      Do research.
      Expected output: The result of research.
      Agent: Analyst (tools: search)
      </task>

      <task name="write">
      Do write.
      Expected output: The result of write.
      Agent: Writer
      Results given: research
      </task>

      Plan these tasks: for each, in a few short steps, how to do it and with which tools.

      Answer in JSON: {plan: {research: string, write: string}}"
    `);
    expect(asked?.request.responseSchema?.schema).toMatchObject({
      properties: { plan: { required: ['research', 'write'], additionalProperties: false } },
    });
    expect(userTexts(first!.request)[0]).toContain('\n\nPlan:\n1. Search.\n\n');
    expect(userTexts(second!.request)[0]).toContain('\n\nPlan:\n1. Read.\n2. Write.\n\n');
    expect(run.steps.map(({ path, kind, taskKey, agent, name }) => [path, kind, taskKey, agent, name])).toEqual([
      ['@plan', 'plan', '', 'Planner', 'openai/gpt-4o'],
      ['@plan/llm/1', 'model', '', 'Planner', 'openai/gpt-4o'],
      ['research/llm/1', 'model', 'research', 'Analyst', 'openai/gpt-4.1-mini'],
      ['write/llm/1', 'model', 'write', 'Writer', 'openai/gpt-4.1-mini'],
    ]);
    expect(run.events.map(({ type }) => type).slice(0, 5)).toEqual([
      'run-start',
      'plan-start',
      'model-call-start',
      'model-call-end',
      'plan-end',
    ]);
    expect(run.events.find(({ type }) => type === 'plan-end')).toMatchObject({ plan, spend: { costUsd: 0.001 } });
    expect(run.result.token_usage.successful_requests).toBe(3);
    expect(run.tasks[0]?.spend.usage.requests).toBe(1);
  });

  it('names who may do what where a manager gives out the work', async () => {
    const manager = createAgent({ key: 'manager', role: 'Manager' });
    const tasks = [research, { ...createTask({ key: 'write' }), coworkers: ['writer'] }];
    const crew = createDefinition({ manager, agents: [analyst, writer], tasks, planning, language: 'French' });
    const run = await runScripted(
      crew,
      { '': [JSON.stringify({ plan })], Manager: ['Facts.', 'Text.'] },
      { agentTools: new Map([['analyst', [search]]]) },
    );
    expect(run.error).toBeUndefined();
    expect(run.models.requests[0]?.request.messages[0]?.content).toMatch(/\nAnswer in French\.$/);
    expect(userTexts(run.models.requests[0]!.request).join()).toMatchInlineSnapshot(`
      "<task name="research">
      Do research.
      Expected output: The result of research.
      Suggested coworker: Analyst
      </task>

      <task name="write">
      Do write.
      Expected output: The result of write.
      Only for: Writer
      </task>

      Coworkers of the manager:
      - Analyst: Find facts. (tools: search)
      - Writer: Write well.

      Plan these tasks: for each, in a few short steps, how to do it and which coworkers can do what.

      Answer in JSON: {plan: {research: string, write: string}}"
    `);
    expect(userTexts(run.models.requests[1]!.request)[0]).toContain('Plan:\n1. Search.');
  });

  it('asks again where an answer is no plan', async () => {
    const answers = [
      'No.',
      '{"research": "Search."}',
      '<think>Hm.</think>{"research": "Search.", "write": ["a", "b"]}',
    ];
    const run = await runScripted(definition, answersOf(...answers));
    expect(run.error).toBeUndefined();
    expect(userTexts(run.models.requests[2]!.request).slice(1)).toMatchInlineSnapshot(`
      [
        "This plan cannot be used: it is not a JSON object
      Answer in JSON: {plan: {research: string, write: string}}",
        "This plan cannot be used: it says nothing about write
      Answer in JSON: {plan: {research: string, write: string}}",
      ]
    `);
    expect(userTexts(run.models.requests[4]!.request)[0]).toContain('Plan:\na\nb');
    expect(run.steps.filter(({ path }) => path.startsWith('@plan/')).map(({ path }) => path)).toEqual([
      '@plan/llm/1',
      '@plan/llm/2',
      '@plan/llm/3',
    ]);
  });

  it('ends where there is no plan after three answers, and goes on asking when it is taken up again', async () => {
    const run = await runScripted(definition, { '': ['1', '2', '3'] });
    expect(run.error).toMatchObject({
      message: 'openai/gpt-4o gave no plan, 3 times: it is not a JSON object',
      hint: 'Name another model with planning_llm.',
    });
    expect(run.tasks.map(({ status }) => status)).toEqual(['pending', 'pending']);
    expect(run.events.find(({ type }) => type === 'plan-end')).toMatchObject({ plan: {}, error: expect.any(String) });
    const resumed = await runScripted(definition, answersOf(JSON.stringify({ plan })), { resumes: run });
    expect(resumed.error).toBeUndefined();
    expect(resumed.models.owed()).toEqual({});
  });

  it('keeps its plan when it is taken up again', async () => {
    const run = await runScripted(definition, { '': [JSON.stringify({ plan })], Analyst: ['Facts.'], Writer: [down] });
    const resumed = await runScripted(definition, { Writer: ['Text.'] }, { resumes: run });
    expect(resumed.error).toBeUndefined();
    expect(userTexts(resumed.models.requests[0]!.request)[0]).toContain('Plan:\n1. Read.\n2. Write.');
    expect(resumed.events.filter(({ type }) => type.startsWith('plan-'))).toEqual([]);
  });

  it('plans only what is not done, and names what is', async () => {
    const crew = createDefinition({ ...definition, planning: undefined });
    const run = await runScripted(crew, { Analyst: ['Facts.'], Writer: [down] });
    const script = { '': ['{"plan": {"write": "Write."}}'], Writer: ['Text.'] };
    const resumed = await runScripted(definition, script, { resumes: run });
    expect(resumed.error).toBeUndefined();
    const [asked] = userTexts(resumed.models.requests[0]!.request);
    expect(asked).toMatch(/^Finished: research\n\n<task name="write">\n/);
    expect(asked).toMatch(/Answer in JSON: \{plan: \{write: string\}\}$/);
    const again = await runScripted(definition, {}, { resumes: resumed });
    expect(again.error).toBeUndefined();
    expect(again.models.requests).toEqual([]);
  });
});
