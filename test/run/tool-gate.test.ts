import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import type { AskHuman, HumanAnswer, HumanQuestion } from '../../src/journal/human-question.js';
import type { Tool } from '../../src/tools/tool.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, toolTexts } from '../helpers/run-scripted.js';
import { permissionsOf, sampleTool } from '../helpers/sample-tool.js';

const send = (id: string, to = 'ann') => ({ id, name: 'send', args: { to } });
const crew = (lists: Parameters<typeof permissionsOf>[0], change: Parameters<typeof createDefinition>[0] = {}) =>
  createDefinition({ tasks: [createTask({ key: 'write' })], permissions: permissionsOf(lists), ...change });
const toolsOf = (...tools: readonly Tool[]) => ({ agentTools: new Map([['worker', tools]]) });

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

const lastTexts = ({ models }: Awaited<ReturnType<typeof runScripted>>): string[] =>
  toolTexts(models.requests.at(-1)?.request ?? { messages: [] });

const told = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.type === 'question-start') return [`${event.kind}: ${event.text}`];
    if (event.type === 'question-end') return [`${event.decision} ${event.text}`.trimEnd()];
    return event.type === 'tool-call-end' ? [event.isRefused ? `${event.tool} refused` : event.result] : [];
  });

describe('a call that a rule forbids', () => {
  it('is not carried out: the model is told which rule it was, and goes on', async () => {
    const tool = sampleTool();
    const run = await runScripted(
      crew({ deny: ['send(to=ann)'] }),
      { worker: [{ calls: [send('a'), send('b', 'bob')] }, 'Done.'] },
      toolsOf(tool),
    );
    expect([run.result.exit_code, run.result.raw]).toEqual([0, 'Done.']);
    expect(tool.calls).toEqual(['{"to":"bob"}']);
    expect(lastTexts(run)).toEqual([
      'Not carried out: the rule "send(to=ann)" of the crew forbids this call. Do without it.',
      'send 1',
    ]);
    expect(run.steps.find(({ path }) => path === 'write/tool/a')).toMatchObject({
      isError: true,
      response: { isRefused: true },
    });
    expect(told(run.events)).toEqual(['send refused', 'send 1']);
  });

  it('is one that no rule allows, where there is a list of what is allowed', async () => {
    const tool = sampleTool();
    const run = await runScripted(
      crew({ allow: ['other'] }),
      { worker: [{ calls: [send('a')] }, 'Done.'] },
      toolsOf(tool),
    );
    expect([tool.calls.length, lastTexts(run)]).toEqual([
      0,
      ['Not carried out: no rule of the crew allows this call. Do without it.'],
    ]);
  });

  it('may be one of a coworker, and a delegation, which needs no rule that allows it', async () => {
    const tool = sampleTool();
    const definition = crew(
      { allow: ['other'], deny: ['ask_question_to_coworker'] },
      {
        agents: [createAgent({ key: 'worker', allowDelegation: true }), createAgent({ key: 'helper' })],
        tasks: [createTask({ key: 'write', agent: 'worker' })],
      },
    );
    const delegate = (id: string, name: string, kind: string) => ({
      id,
      name,
      args: { [kind]: 'Send it.', context: '', coworker: 'helper' },
    });
    const run = await runScripted(
      definition,
      {
        worker: [
          {
            calls: [
              delegate('d', 'delegate_work_to_coworker', 'task'),
              delegate('e', 'ask_question_to_coworker', 'question'),
            ],
          },
          'Done.',
        ],
        helper: [{ calls: [send('a')] }, 'I could not.'],
      },
      { agentTools: new Map([['helper', [tool]]]) },
    );
    expect(tool.calls).toEqual([]);
    expect(lastTexts(run)).toEqual([
      'I could not.',
      'Not carried out: the rule "ask_question_to_coworker" of the crew forbids this call. Do without it.',
    ]);
    expect(run.steps.find(({ path }) => path === 'write/delegation/d/tool/a')?.response).toEqual({
      text: 'Not carried out: no rule of the crew allows this call. Do without it.',
      isRefused: true,
    });
  });
});

describe('a call that a person is asked about', () => {
  it('is carried out once they agree, after a step of its own', async () => {
    const tool = sampleTool();
    const person = createPerson({ decision: 'approve' }, { decision: 'deny', text: 'Not him.' });
    const run = await runScripted(
      crew({ ask: ['send'] }),
      { worker: [{ calls: [send('a'), send('b', 'bob')] }, 'Done.'] },
      { ...toolsOf(tool), askHuman: person.ask },
    );
    expect(person.asked).toMatchObject([
      { kind: 'permission', text: 'send {"to":"ann"}', rule: 'send', path: 'write/permission/a', agent: 'worker' },
      { kind: 'permission', text: 'send {"to":"bob"}', path: 'write/permission/b' },
    ]);
    expect(tool.calls).toEqual(['{"to":"ann"}']);
    expect(lastTexts(run)).toEqual([
      'send 1',
      'Not carried out: the person who was asked does not allow this call: Not him.',
    ]);
    expect(run.steps.map(({ path, kind, name }) => `${path} ${kind} ${name}`)).toEqual([
      'write/llm/1 model openai/gpt-4.1-mini',
      'write/permission/a human send',
      'write/tool/a tool send',
      'write/permission/b human send',
      'write/tool/b tool send',
      'write/llm/2 model openai/gpt-4.1-mini',
    ]);
    expect(told(run.events.filter(({ type }) => type.startsWith('question')))).toEqual([
      'permission: send {"to":"ann"}',
      'approve',
      'permission: send {"to":"bob"}',
      'deny Not him.',
    ]);
  });

  it('is asked about one at a time, and not any more once they always agree', async () => {
    const tool = sampleTool();
    const other = sampleTool({ name: 'post' });
    const person = createPerson({ decision: 'always' }, { decision: 'deny', text: '' });
    const run = await runScripted(
      crew({ ask: ['send', 'post'] }),
      {
        worker: [
          { calls: [send('a'), send('b'), { id: 'c', name: 'post', args: {} }] },
          { calls: [send('d')] },
          'Done.',
        ],
      },
      { ...toolsOf(tool, other), askHuman: person.ask },
    );
    expect(person.asked.map(({ path }) => path)).toEqual(['write/permission/a', 'write/permission/c']);
    expect([tool.calls.length, other.calls.length]).toEqual([3, 0]);
    expect(lastTexts(run)[2]).toBe('Not carried out: the person who was asked does not allow this call.');
  });

  it('waits where there is nobody to ask, and nothing of unknown outcome is left; a later life has the answer', async () => {
    const tool = sampleTool();
    const definition = crew({ ask: ['send'] });
    const first = await runScripted(definition, { worker: [{ calls: [send('a')] }] }, toolsOf(tool));
    expect(first.result).toMatchObject({
      exit_code: 5,
      error: {
        message: 'a person has to allow a call of worker in task write: send {"to":"ann"}',
        hint: `Answer with crew answer ${first.result.run_id} --approve, --always, --deny "why" or --abort.`,
      },
    });
    expect(first.steps.map(({ path, status }) => `${path} ${status}`)).toEqual([
      'write/llm/1 completed',
      'write/permission/a failed',
    ]);
    const person = createPerson({ decision: 'always' });
    const second = await runScripted(
      definition,
      { worker: [{ calls: [send('b')] }, { error: new Error('down') }] },
      { ...toolsOf(tool), askHuman: person.ask, resumes: first },
    );
    expect([second.result.status, tool.calls.length]).toEqual(['failed', 2]);
    const third = await runScripted(
      definition,
      { worker: [{ calls: [send('c', 'bob')] }, 'Done.'] },
      { ...toolsOf(tool), resumes: first },
    );
    expect([third.result.raw, tool.calls]).toEqual(['Done.', ['{"to":"ann"}', '{"to":"ann"}', '{"to":"bob"}']]);
  });

  it('does not change its answer when the run goes on, whatever was agreed to later', async () => {
    const tool = sampleTool();
    const definition = crew({ ask: ['send'] });
    const person = createPerson({ decision: 'deny', text: '' }, { decision: 'always' });
    const script = { worker: [{ calls: [send('a')] }, { calls: [send('b')] }, { error: new Error('down') }] };
    const first = await runScripted(definition, script, { ...toolsOf(tool), askHuman: person.ask });
    await runScripted(definition, { worker: ['Done.'] }, { ...toolsOf(tool), resumes: first });
    expect(tool.calls.length).toBe(1);
  });

  it('shows long arguments in part, and what does not show as escapes', async () => {
    const person = createPerson({ decision: 'deny', text: '' });
    const args = { to: 'a\u202Eb\u200B\u001B[2J\u{E0041}', text: `${'x'.repeat(5000)}end`, list: ['one\ntwo'] };
    await runScripted(
      crew({ ask: ['send'] }),
      { worker: [{ calls: [{ id: 'a', name: 'send', args }] }, 'Done.'] },
      { ...toolsOf(sampleTool()), askHuman: person.ask },
    );
    const shown = person.asked[0]?.text.replace(/x{100,}/g, (all) => `<${all.length} x>`);
    expect(shown).toMatchInlineSnapshot(`
      "send {
        "to": "a\\u202eb\\u200b\\u001b[2J\\udb40\\udc41",
        "text": "<3000 x> [… 1,003 characters left out …] <997 x>end",
        "list": [
          "one\\ntwo"
        ]
      }"
    `);
  });

  it('ends the run where they abort', async () => {
    const person = createPerson({ decision: 'abort' });
    const run = await runScripted(
      crew({ ask: ['send'] }),
      { worker: [{ calls: [send('a')] }] },
      { ...toolsOf(sampleTool()), askHuman: person.ask },
    );
    expect(run.result).toMatchObject({ exit_code: 1, error: { message: 'aborted by a person' } });
  });
});

describe('a tool with max_usage_count', () => {
  const limited = (count: number) => sampleTool({ maxUsageCount: count });
  const usedUp = (count: number) =>
    `Not carried out: the calls of send that this run may make (${count}) are used up. Go on with the results you have.`;

  it('is called no more often in a run: over parallel calls, tasks and agents', async () => {
    const tool = limited(3);
    const definition = createDefinition({
      agents: [createAgent({ key: 'worker' }), createAgent({ key: 'other' })],
      tasks: [createTask({ key: 'one', agent: 'worker' }), createTask({ key: 'two', agent: 'other' })],
    });
    const run = await runScripted(
      definition,
      {
        worker: [{ calls: [send('a'), send('b')] }, 'Done.'],
        other: [{ calls: [send('a'), send('b'), send('c')] }, 'Done.'],
      },
      {
        agentTools: new Map([
          ['worker', [tool]],
          ['other', [tool]],
        ]),
      },
    );
    expect(tool.calls.length).toBe(3);
    expect(lastTexts(run)).toEqual(['send 3', usedUp(3), usedUp(3)]);
  });

  it('does not count calls that were not carried out', async () => {
    const tool = sampleTool({
      maxUsageCount: 1,
      parseArguments: async (value) =>
        (value as { to: string }).to === 'bad'
          ? { ok: false, reason: 'bad' }
          : { ok: true, value: value as { to: string } },
    });
    const person = createPerson({ decision: 'deny', text: '' }, { decision: 'approve' });
    const run = await runScripted(
      crew({ deny: ['send(to=bob)'], ask: ['send'] }),
      {
        worker: [
          { calls: [send('a', 'bob'), send('b', 'bad'), send('c')] },
          { calls: [send('d')] },
          { calls: [send('e', 'eve')] },
          'Done.',
        ],
      },
      { ...toolsOf(tool), askHuman: person.ask },
    );
    expect([tool.calls.length, person.asked.length, lastTexts(run).slice(3)]).toEqual([1, 2, ['send 1', usedUp(1)]]);
  });

  it('counts on when the run goes on, nothing twice, and refuses again what it refused', async () => {
    const tool = limited(2);
    const definition = createDefinition({ tasks: [createTask({ key: 'write' })] });
    const first = await runScripted(
      definition,
      { worker: [{ calls: [send('a'), send('b'), send('c')] }, { error: new Error('down') }] },
      toolsOf(tool),
    );
    const second = await runScripted(
      definition,
      { worker: [{ calls: [send('d')] }, 'Done.'] },
      { ...toolsOf(tool), resumes: first },
    );
    expect([tool.calls.length, lastTexts(second)]).toEqual([2, ['send 1', 'send 2', usedUp(2), usedUp(2)]]);
  });
});
