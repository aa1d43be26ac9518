import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import { systemTimer } from '../../src/limits/deadline.js';
import type { AskHuman, HumanAnswer, HumanQuestion } from '../../src/journal/human-question.js';
import { createBuiltinTool } from '../../src/tools/builtin-tool.js';
import { TOOLS } from '../../src/tools/registry.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, toolTexts, userTexts } from '../helpers/run-scripted.js';

const write = createTask({ key: 'write', humanInput: true });
const askHumanTool = await createBuiltinTool('ask_human', await TOOLS.ask_human(), {
  settings: {},
  environment: { workingDirectory: '/', environment: {} },
});
const askTools = new Map([['worker', [askHumanTool]]]);

/** Somebody who gives these answers, in order, and keeps the questions. */
function createPerson(...answers: readonly HumanAnswer[]): { ask: AskHuman; asked: HumanQuestion[] } {
  const left = [...answers];
  const asked: HumanQuestion[] = [];
  return {
    asked,
    ask: (question) => {
      asked.push(question);
      const answer = left.shift();
      return answer ? Promise.resolve(answer) : Promise.reject(new Error(`nobody expected: ${question.text}`));
    },
  };
}

const question = (id: string, text: unknown) => ({ id, name: 'ask_human', args: { question: text } });

/** Events about questions, without what they have in common. */
function told(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === 'question-start') return [`${event.path} ${event.kind}: ${event.text}`];
    return event.type === 'question-end' ? [`${event.path} ${event.decision} ${event.text}`.trimEnd()] : [];
  });
}

describe('a review', () => {
  it('accepts what a person approves, as a step', async () => {
    const person = createPerson({ decision: 'approve' });
    const { result, steps, events } = await runScripted(
      createDefinition({ tasks: [write] }),
      { worker: ['A draft.'] },
      { askHuman: person.ask },
    );
    expect([result.exit_code, result.raw]).toEqual([0, 'A draft.']);
    expect(steps.map(({ path, kind, name, status }) => [path, kind, name, status])).toEqual([
      ['write/llm/1', 'model', 'openai/gpt-4.1-mini', 'completed'],
      ['write/human/1', 'human', 'review', 'completed'],
    ]);
    expect(steps[1]).toMatchObject({
      agent: 'worker',
      request: { kind: 'review', text: 'A draft.' },
      response: { decision: 'approve' },
    });
    expect(person.asked).toMatchObject([{ kind: 'review', text: 'A draft.', taskKey: 'write', path: 'write/human/1' }]);
    expect(told(events)).toEqual(['write/human/1 review: A draft.', 'write/human/1 approve']);
  });

  it('has an output made again as often as a person wishes, whatever may be rejected', async () => {
    const person = createPerson(
      { decision: 'revise', text: 'Shorter.' },
      { decision: 'revise', text: 'Longer.' },
      { decision: 'approve' },
    );
    const { result, models } = await runScripted(
      createDefinition({ tasks: [{ ...write, guardrailMaxRetries: 0 }] }),
      { worker: ['One.', 'Two.', 'Three.'] },
      { askHuman: person.ask },
    );
    expect(result.raw).toBe('Three.');
    expect(userTexts(models.requests[2]?.request ?? { messages: [] }).slice(1)).toEqual([
      'The person who looked at this answer asks for a change: Shorter.\nGive the complete result again.',
      'The person who looked at this answer asks for a change: Longer.\nGive the complete result again.',
    ]);
    expect(person.asked.map(({ path, text }) => `${path} ${text}`)).toEqual([
      'write/human/1 One.',
      'write/human/2 Two.',
      'write/human/3 Three.',
    ]);
  });

  it('ends the run where a person aborts, and is asked again when the run goes on', async () => {
    const first = await runScripted(
      createDefinition({ tasks: [write] }),
      { worker: ['A draft.'] },
      { askHuman: createPerson({ decision: 'abort' }).ask },
    );
    expect(first.result).toMatchObject({
      status: 'failed',
      exit_code: 1,
      error: {
        message: 'aborted by a person',
        hint: `Go on with crew resume ${first.result.run_id}, which asks again.`,
      },
    });
    expect(first.steps.at(-1)).toMatchObject({ path: 'write/human/1', status: 'failed', error: { code: 'task' } });
    const person = createPerson({ decision: 'approve' });
    const second = await runScripted(
      createDefinition({ tasks: [write] }),
      {},
      { askHuman: person.ask, resumes: first },
    );
    expect([second.result.exit_code, second.result.raw, person.asked.length]).toEqual([0, 'A draft.', 1]);
  });

  it('waits where there is nobody to ask; other tasks come to their end', async () => {
    const definition = createDefinition({
      agents: [createAgent({ key: 'worker' }), createAgent({ key: 'other' })],
      tasks: [
        createTask({ key: 'write', agent: 'worker', humanInput: true, context: [], asyncExecution: true }),
        createTask({ key: 'check', agent: 'other', context: [] }),
        createTask({ key: 'end', agent: 'other' }),
      ],
    });
    const first = await runScripted(definition, { worker: ['A draft.'], other: ['Checked.'] });
    expect(first.result).toMatchObject({
      status: 'needs_input',
      exit_code: 5,
      error: {
        code: 'needs-input',
        message: 'a person has to review the output of task write: "A draft."',
        hint: `Answer with crew answer ${first.result.run_id} --approve, --revise "what to change" or --abort.`,
      },
    });
    expect(first.tasks.map(({ key, status }) => [key, status])).toEqual([
      ['write', 'needs_input'],
      ['check', 'completed'],
      ['end', 'pending'],
    ]);
    expect(first.steps.find(({ kind }) => kind === 'human')).toMatchObject({
      status: 'failed',
      error: { code: 'needs-input' },
    });
    expect(told(first.events).at(-1)).toBe('write/human/1 unanswered');

    const person = createPerson({ decision: 'revise', text: 'Better.' }, { decision: 'approve' });
    const second = await runScripted(
      definition,
      { worker: ['A text.'], other: ['Done.'] },
      { askHuman: person.ask, resumes: first },
    );
    expect([second.result.exit_code, second.tasks[0]?.raw, second.models.owed()]).toEqual([0, 'A text.', {}]);
  });

  it('is not asked for again once it is answered', async () => {
    const definition = createDefinition({ tasks: [write, createTask({ key: 'end' })] });
    const first = await runScripted(
      definition,
      { worker: ['A draft.', 'A text.', { error: new Error('broken') }] },
      { askHuman: createPerson({ decision: 'revise', text: 'Better.' }, { decision: 'approve' }).ask },
    );
    const second = await runScripted(
      definition,
      { worker: ['Done.'] },
      { askHuman: createPerson().ask, resumes: first },
    );
    expect([second.result.raw, told(second.events)]).toEqual(['Done.', []]);
  });

  it('does not count the time that a person takes', async () => {
    const { result } = await runScripted(
      createDefinition({
        agents: [createAgent({ key: 'worker', maxExecutionTimeMs: 400 })],
        tasks: [{ ...write, maxExecutionTimeMs: 400 }],
      }),
      { worker: ['A draft.'] },
      { askHuman: () => new Promise((resolve) => systemTimer(450, () => resolve({ decision: 'approve' }))) },
    );
    expect(result.error).toBeNull();
  });

  it('fails the task where the answer is none to a review', async () => {
    const { result } = await runScripted(
      createDefinition({ tasks: [write] }),
      { worker: ['A draft.'] },
      { askHuman: createPerson({ decision: 'answer', text: '42' }).ask },
    );
    expect(result.error?.message).toBe('"answer" is no answer to a review');
  });
});

describe('ask_human', () => {
  it('gives the agent the answer of a person, as a step', async () => {
    const person = createPerson({ decision: 'answer', text: '2024' });
    const { result, steps, models } = await runScripted(
      createDefinition({ tasks: [createTask({ key: 'write' })] }),
      { worker: [{ calls: [question('call_1', 'Which year?')] }, 'In 2024.'] },
      { askHuman: person.ask, agentTools: askTools },
    );
    expect(result.raw).toBe('In 2024.');
    expect(toolTexts(models.requests[1]?.request ?? { messages: [] })).toEqual(['2024']);
    expect(steps[1]).toMatchObject({
      path: 'write/human/call_1',
      kind: 'human',
      name: 'ask_human',
      request: { kind: 'question', text: 'Which year?' },
      response: { decision: 'answer', text: '2024' },
    });
    expect(steps[2]?.request).toEqual({ messages: [{ role: 'tool', results: [{ step: 'write/human/call_1' }] }] });
  });

  it('keeps the numbers of calls and of reviews apart', async () => {
    const { result, steps } = await runScripted(
      createDefinition({ tasks: [write] }),
      { worker: [{ calls: [question('1', 'Which year?')] }, 'In 2024.'] },
      {
        askHuman: createPerson({ decision: 'answer', text: '2024' }, { decision: 'approve' }).ask,
        agentTools: askTools,
      },
    );
    expect(result.raw).toBe('In 2024.');
    expect(steps.filter(({ kind }) => kind === 'human').map(({ path }) => path)).toEqual([
      'write/human/call-1',
      'write/human/1',
    ]);
  });

  it('asks one question after the other', async () => {
    const order: string[] = [];
    const ask: AskHuman = async ({ text }) => {
      order.push(`${text} asked`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${text} answered`);
      return { decision: 'answer', text };
    };
    const { models } = await runScripted(
      createDefinition({ tasks: [createTask({ key: 'write' })] }),
      { worker: [{ calls: [question('a', 'One?'), question('b', 'Two?')] }, 'Both.'] },
      { askHuman: ask, agentTools: askTools },
    );
    expect(order).toEqual(['One? asked', 'One? answered', 'Two? asked', 'Two? answered']);
    expect(toolTexts(models.requests[1]?.request ?? { messages: [] })).toEqual(['One?', 'Two?']);
  });

  it('tells the model what is wrong with its arguments, and asks nobody', async () => {
    const { models, steps } = await runScripted(
      createDefinition({ tasks: [createTask({ key: 'write' })] }),
      { worker: [{ calls: [question('a', 7)] }, 'Without.'] },
      { askHuman: createPerson().ask, agentTools: askTools },
    );
    expect(toolTexts(models.requests[1]?.request ?? { messages: [] })).toMatchInlineSnapshot(`
      [
        "The arguments do not fit: question: must be a string, got 7. Correct them and call again.",
      ]
    `);
    expect(steps[1]).toMatchObject({ path: 'write/tool/a', kind: 'tool', isError: true });
  });

  it('waits where there is nobody to ask, and goes on with the answer', async () => {
    const definition = createDefinition({ tasks: [createTask({ key: 'write' })] });
    const first = await runScripted(
      definition,
      { worker: [{ calls: [question('a', 'Which year?')] }] },
      { agentTools: askTools },
    );
    expect(first.result).toMatchObject({
      exit_code: 5,
      error: {
        message: 'worker asks in task write: "Which year?"',
        hint: `Answer with crew answer ${first.result.run_id} --answer "…" or --abort.`,
      },
    });
    const second = await runScripted(
      definition,
      { worker: ['In 2024.'] },
      { agentTools: askTools, resumes: first, askHuman: createPerson({ decision: 'answer', text: '2024' }).ask },
    );
    expect(second.result.raw).toBe('In 2024.');
  });

  it('ends the run where a person aborts, also in delegated work', async () => {
    const manager = createAgent({ key: 'manager', role: 'Manager' });
    const { result, models } = await runScripted(
      createDefinition({ manager, tasks: [createTask({ key: 'write' })] }),
      {
        Manager: [
          {
            calls: [
              { id: 'd', name: 'delegate_work_to_coworker', args: { task: 'It.', context: '', coworker: 'worker' } },
            ],
          },
        ],
        worker: [{ calls: [question('a', 'Which year?')] }],
      },
      { askHuman: createPerson({ decision: 'abort' }).ask, agentTools: askTools },
    );
    expect([result.exit_code, result.error?.message, models.owed()]).toEqual([1, 'aborted by a person', {}]);
  });
});
