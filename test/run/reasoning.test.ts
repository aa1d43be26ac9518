import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../src/errors.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, userTexts } from '../helpers/run-scripted.js';

const writer = createAgent({ key: 'writer', role: 'Writer', reasoningAttempts: 3 });
const definition = createDefinition({ agents: [writer], tasks: [createTask({ key: 'essay' })] });
const thought = (plan: string, ready: boolean): string => JSON.stringify({ plan, ready });
const down = { error: new ProviderError('down', { trouble: 'server', model: 'openai/x' }) };

describe('an agent that reasons', () => {
  it('thinks its work over in a call without tools before it begins', async () => {
    const run = await runScripted(definition, { Writer: [thought('1. Write.', true), 'Text.'] });
    expect(run.error).toBeUndefined();
    const [first, second] = run.models.requests;
    expect(userTexts(first!.request)).toMatchInlineSnapshot(`
      [
        "Task: Do essay.

      Expected output: The result of essay.

      Do not begin yet. Plan how you will do this and which tools you will use. You are ready once nothing is missing.

      Answer in JSON: {plan: string, ready: boolean}",
      ]
    `);
    expect(first?.request).toMatchObject({ tools: [], responseSchema: { name: 'plan' } });
    expect(userTexts(second!.request)).toMatchInlineSnapshot(`
      [
        "Task: Do essay.

      Expected output: The result of essay.

      Your plan:
      1. Write.

      Answer with the complete result, nothing else.",
      ]
    `);
    expect(run.steps.map(({ path }) => path)).toEqual(['essay/reasoning/llm/1', 'essay/llm/1']);
    expect(run.tasks[0]?.spend.usage.requests).toBe(2);
  });

  it('thinks again until it is ready, as often as it may, and then goes on with its last plan', async () => {
    const thoughts = [thought('a', false), thought('b', false), thought('c', false)];
    const run = await runScripted(definition, { Writer: [...thoughts, 'Text.'] });
    expect(run.error).toBeUndefined();
    const [, second, , last] = run.models.requests;
    expect(userTexts(second!.request).at(-1)).toBe(
      'Work out what is missing as well as you can, then give the whole plan again.',
    );
    expect(userTexts(last!.request)[0]).toContain('Your plan:\nc\n\n');
  });

  it('takes a text in no form as its plan, and does without where there is none', async () => {
    const run = await runScripted(definition, { Writer: ['Just <do> it.', 'Text.'] });
    expect(userTexts(run.models.requests[1]!.request)[0]).toContain('Your plan:\nJust <do> it.\n\n');
    const silent = await runScripted(definition, { Writer: ['', '', '', 'Text.'] });
    expect(userTexts(silent.models.requests[3]!.request)[0]).not.toContain('plan');
  });

  it('keeps its plan when the run is taken up again', async () => {
    const run = await runScripted(definition, { Writer: [thought('a', false), thought('b', true), down] });
    const resumed = await runScripted(definition, { Writer: ['Text.'] }, { resumes: run });
    expect(resumed.error).toBeUndefined();
    expect(userTexts(resumed.models.requests[0]!.request)[0]).toContain('Your plan:\nb\n\n');
    expect(resumed.tasks[0]?.spend.usage.requests).toBe(3);
  });

  it('does so for delegated work too, as does a manager, and knows its tools then', async () => {
    const manager = createAgent({ key: 'manager', role: 'Manager', reasoningAttempts: 1 });
    const crew = createDefinition({ manager, agents: [writer], tasks: [createTask({ key: 'essay' })] });
    const args = { task: 'Write it.', context: '', coworker: 'Writer' };
    const run = await runScripted(crew, {
      Manager: [
        thought('Let the writer do it.', true),
        { calls: [{ id: 'call_1', name: 'delegate_work_to_coworker', args }] },
        'Text.',
      ],
      Writer: [thought('Write.', true), 'Text.'],
    });
    expect(run.error).toBeUndefined();
    expect(run.steps.map(({ path }) => path)).toEqual([
      'essay/reasoning/llm/1',
      'essay/llm/1',
      'essay/delegation/call_1',
      'essay/delegation/call_1/reasoning/llm/1',
      'essay/delegation/call_1/llm/1',
      'essay/llm/2',
    ]);
    expect(userTexts(run.models.requests[0]!.request)[0]).toMatchInlineSnapshot(`
      "Task: Do essay.

      Expected output: The result of essay.

      Your tools:
      - delegate_work_to_coworker: Give a coworker work. They know only what you write here; work for several can go out at once.
        - Writer: Goal of writer.
      - ask_question_to_coworker: Ask a coworker a question. They know only what you write here.

      Do not begin yet. Plan how you will do this and which tools you will use. You are ready once nothing is missing.

      Answer in JSON: {plan: string, ready: boolean}"
    `);
    expect(run.tasks[0]?.spend.usage.requests).toBe(5);
  });

  it('answers for what it thinks with the limits of the run', async () => {
    const run = await runScripted({ ...definition, limits: { maxModelCalls: 1 } }, { Writer: [thought('a', true)] });
    expect(run.error).toMatchObject({ exitCode: 4 });
  });
});
