import { describe, expect, it } from 'vitest';
import type { ContextForm, TaskDefinition } from '../../src/definition/types.js';
import { ProviderError } from '../../src/errors.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, userTexts } from '../helpers/run-scripted.js';

const form = (fields: Partial<ContextForm>): ContextForm => ({
  as: 'full',
  jsonPath: '',
  maxTokens: undefined,
  ...fields,
});
/** Two tasks, and one that reads them both, the first one in this form. */
const crewWith = (first: Partial<ContextForm>, more: Partial<TaskDefinition> = {}) =>
  createDefinition({
    agents: [createAgent({ key: 'one' }), createAgent({ key: 'two' })],
    tasks: [
      createTask({ key: 'a', agent: 'one' }),
      createTask({ key: 'b', agent: 'one', context: [] }),
      createTask({ key: 'c', agent: 'two', context: ['a', 'b'], contextForms: { a: form(first) }, ...more }),
    ],
  });
type Run = Awaited<ReturnType<typeof runScripted>>;
/** What task c was given of the others. */
const given = ({ models }: Run) => {
  const request = models.requests.findLast(({ role }) => role === 'two')?.request;
  const [prompt = ''] = userTexts(request ?? { messages: [] });
  return [...prompt.matchAll(/<result task="(\w+)">\n(.*?)\n<\/result>/gs)].map(([, key, text]) => `${key}: ${text}`);
};
const warnings = ({ events }: Run) => events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

describe('context', () => {
  it('as a summary is summed up by the agent that is given it, in a step of the task', async () => {
    const run = await runScripted(crewWith({ as: 'summary', maxTokens: 100 }), {
      one: ['A long output.', 'Output b.'],
      '': ['A summary.'],
      two: ['Done.'],
    });
    expect(run.models.owed()).toEqual({});
    expect(given(run)).toEqual(['a: A summary.', 'b: Output b.']);
    expect(run.steps.map(({ path, agent }) => `${path} ${agent}`).slice(2)).toEqual([
      'c/context/a/llm/1 two',
      'c/llm/1 two',
    ]);
    expect(run.tasks[2]?.spend.usage.requests).toBe(2);
    const asked = run.models.requests.find(({ role }) => role === '')?.request;
    expect(userTexts(asked ?? { messages: [] })[0]).toMatchInlineSnapshot(`
      "Sum up this result of an earlier task, in at most 60 words, for somebody who does this task:
      Do c.

      Keep every fact, number, name and source that they need.

      A long output."
    `);
  });

  it('as a summary is not summed up again when the run is resumed', async () => {
    const crew = crewWith({ as: 'summary' });
    const down = { error: new ProviderError('down', { trouble: 'server', model: 'openai/x' }) };
    const first = await runScripted(crew, { one: ['A.', 'B.'], '': ['A summary.'], two: [down] });
    const again = await runScripted(crew, { two: ['Done.'] }, { resumes: first });
    expect(again.result.status).toBe('completed');
    expect(given(again)).toEqual(['a: A summary.', 'b: B.']);
  });

  it('that is longer than it may be is cut, which is said to the model and to people', async () => {
    const run = await runScripted(crewWith({ maxTokens: 20 }), { one: ['word '.repeat(100), 'B.'], two: ['Done.'] });
    expect(given(run)).toMatchInlineSnapshot(`
      [
        "a: word word word word word word word word word word
      [… 90 tokens left out …]",
        "b: B.",
      ]
    `);
    expect(warnings(run)).toMatchInlineSnapshot(`
      [
        "context of c: the last 90 tokens of a are left out (max_tokens 20)",
      ]
    `);
    const short = await runScripted(crewWith({ maxTokens: 20 }), { one: ['word', 'B.'], two: ['Done.'] });
    expect(given(short)[0]).toBe('a: word');
    expect(warnings(short)).toEqual([]);
  });

  it('as a summary is cut where the model does not keep to it', async () => {
    const run = await runScripted(crewWith({ as: 'summary', maxTokens: 20 }), {
      one: ['A.', 'B.'],
      '': ['word '.repeat(100)],
      two: ['Done.'],
    });
    expect(warnings(run)).toMatchInlineSnapshot(`
      [
        "context of c: the last 90 tokens of the summary of a are left out (max_tokens 20)",
      ]
    `);
  });

  it.each([
    ['', '{"facts":[{"name":"sun"},"moon"],"title":"Sky"}'],
    ['title', 'Sky'],
    ['facts', '[{"name":"sun"},"moon"]'],
    ['facts.0.name', 'sun'],
    ['facts.1', 'moon'],
  ])('as json.%s is a part of the output', async (jsonPath, text) => {
    const run = await runScripted(crewWith({ as: 'json', jsonPath }), {
      one: ['Here:\n```json\n{ "facts": [{ "name": "sun" }, "moon"], "title": "Sky" }\n```', 'B.'],
      two: ['Done.'],
    });
    expect(given(run)[0]).toBe(`a: ${text}`);
  });

  it.each([
    ['facts.2', 'json.facts is a list with 0 to 1'],
    ['names', 'json has facts, title'],
    ['title.length', 'json.title is "Sky"'],
    ['toString', 'json has facts, title'],
  ])('as json.%s fails the task, and says what is there', async (jsonPath, words) => {
    const run = await runScripted(crewWith({ as: 'json', jsonPath }), {
      one: ['{"facts":["sun","moon"],"title":"Sky"}', 'B.'],
    });
    expect(run.result).toMatchObject({ status: 'failed', exit_code: 1 });
    expect(run.result.error?.message).toContain(`the output of a has no json.${jsonPath}; ${words}`);
  });
});
