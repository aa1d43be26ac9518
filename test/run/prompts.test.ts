import { encode } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PROMPT_TEXTS } from '../../src/definition/prompt-pieces.js';
import { createPrompts } from '../../src/run/prompts.js';
import { shortenSchema } from '../../src/run/short-schema.js';
import { createAgent } from '../helpers/definitions.js';

const prompts = createPrompts({ texts: DEFAULT_PROMPT_TEXTS, language: undefined });
const agent = createAgent({ key: 'a', role: 'Researcher', goal: 'Find what is true.', backstory: 'You check twice.' });
const task = { description: 'Research solar power.', expectedOutput: 'Ten bullet points.', markdown: false };

describe('the prompts', () => {
  it('say who an agent is', () => {
    expect(prompts.system(agent, { isManager: false })).toMatchInlineSnapshot(`
      "Role: Researcher
      Goal: Find what is true.
      You check twice."
    `);
  });

  it('say how a manager works', () => {
    expect(prompts.system(agent, { isManager: true })).toMatchInlineSnapshot(`
      "Role: Researcher
      Goal: Find what is true.
      You check twice.
      You lead your coworkers: delegate the work, check each answer against the expected output, have it revised where it falls short, then answer with the finished result."
    `);
  });

  it('start a task with everything it has', () => {
    const words = prompts.task({
      task,
      context: [{ taskKey: 'outline', text: 'One.\nTwo.' }],
      suggestedCoworker: 'Writer',
      schema: { type: 'object', properties: { points: { type: 'array', items: { type: 'string' } } } },
      plan: '1. Search.\n2. Write.',
      date: '21 November 2026',
    });
    expect(prompts.work(words, '')).toMatchInlineSnapshot(`
      "Task: Research solar power.

      Expected output: Ten bullet points.

      Suggested coworker: Writer

      Plan:
      1. Search.
      2. Write.

      Current date: 21 November 2026

      Results of earlier tasks:

      <result task="outline">
      One.
      Two.
      </result>

      Answer in JSON: {points?: [string]}"
    `);
  });

  it.each(['task', 'question'] as const)('hand on a %s', (kind) => {
    expect(prompts.work(prompts.delegated({ kind, request: 'Find it.', context: 'All of it.' }), '')).toMatchSnapshot();
  });

  it('ask for the next task', () => {
    const tasks = ['a', 'b'].map((key) => ({ key, description: `Do ${key}.` }));
    expect(prompts.chooseTask(tasks, ['z'])).toMatchInlineSnapshot(`
      "Finished: z

      Which of these tasks should be done next?
      - a: Do a.
      - b: Do b."
    `);
  });

  it('ask an agent to think first, and give it what came of that', () => {
    const words = prompts.task({
      task: { ...task, markdown: true },
      context: [],
      suggestedCoworker: undefined,
      schema: undefined,
    });
    const schema = { type: 'object', properties: { plan: { type: 'string' } }, required: ['plan'] };
    const tools = [{ name: 'search', description: 'Searches.' }, { name: 'read_file' }];
    expect(prompts.thinking(words, tools, schema)).toMatchInlineSnapshot(`
      "Task: Research solar power.

      Expected output: Ten bullet points.

      Format the answer in Markdown.

      Your tools:
      - search: Searches.
      - read_file

      Do not begin yet. Plan how you will do this and which tools you will use. You are ready once nothing is missing.

      Answer in JSON: {plan: string}"
    `);
    expect(prompts.work(words, 'Search, then write.')).toMatchInlineSnapshot(`
      "Task: Research solar power.

      Expected output: Ten bullet points.

      Format the answer in Markdown.

      Your plan:
      Search, then write.

      Answer with the complete result, nothing else."
    `);
  });

  it('are said in the language of the crew', () => {
    const french = createPrompts({ texts: DEFAULT_PROMPT_TEXTS, language: 'French' });
    const last = (text: string): string | undefined => text.split('\n').at(-1);
    expect(last(french.system(agent, { isManager: false }))).toBe('Answer in French.');
    expect(last(french.system(agent, { isManager: true }))).toBe('Delegate and answer in French.');
    expect(last(french.planner())).toBe('Answer in French.');
  });

  it('put values in once, and leave what is in them alone', () => {
    const own = createPrompts({
      texts: { ...DEFAULT_PROMPT_TEXTS, goal: '{{goal}} is {goal} {other}' },
      language: undefined,
    });
    expect(own.system({ ...agent, goal: '{backstory} {goal} $&' }, { isManager: false })).toContain(
      '{goal} is {backstory} {goal} $& {other}',
    );
  });

  it('add few tokens of their own', () => {
    const system = encode(prompts.system(agent, { isManager: false })).length;
    const words = prompts.task({ task, context: [], suggestedCoworker: undefined, schema: undefined });
    const user = encode(prompts.work(words, '')).length;
    const own = [agent.role, agent.goal, agent.backstory, task.description, task.expectedOutput];
    const texts = own.reduce((sum, text) => sum + encode(text).length, 0);
    expect(system + user - texts).toBeLessThanOrEqual(24);
    const manager = encode(prompts.system(agent, { isManager: true })).length;
    expect(manager - system).toBeLessThanOrEqual(36);
  });
});

describe('shortenSchema', () => {
  it.each([
    [
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } }, required: ['a'] },
      '{a: string, b?: integer}',
    ],
    [{ type: 'array', items: { type: 'number' }, minItems: 2 }, '[number] (min items 2)'],
    [{ enum: ['s', 'm', null], description: 'the cut' }, '"s" | "m" | null (the cut)'],
    [{ anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] }, 'string (format date) | null'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ const: 1 }, '1'],
    [{ type: 'object' }, 'object'],
  ])('says %j in few words', (schema, words) => {
    expect(shortenSchema(schema)).toBe(words);
  });

  it('leaves as JSON what the short form cannot say', () => {
    const schema = { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'string' } } };
    expect(shortenSchema(schema)).toBe(JSON.stringify(schema));
    const map = { type: 'object', additionalProperties: { type: 'string' } };
    expect(shortenSchema(map)).toBe(JSON.stringify(map));
  });
});
