import { encode } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';
import * as prompts from '../../src/run/prompts.js';
import { shortenSchema } from '../../src/run/short-schema.js';
import { createAgent } from '../helpers/definitions.js';

const agent = createAgent({ key: 'a', role: 'Researcher', goal: 'Find what is true.', backstory: 'You check twice.' });
const task = { description: 'Research solar power.', expectedOutput: 'Ten bullet points.' };

describe('the prompts', () => {
  it('say who an agent is', () => {
    expect(prompts.systemPrompt(agent, { isManager: false })).toMatchInlineSnapshot(`
      "Role: Researcher
      Goal: Find what is true.
      You check twice."
    `);
  });

  it('say how a manager works', () => {
    expect(prompts.systemPrompt(agent, { isManager: true })).toMatchInlineSnapshot(`
      "Role: Researcher
      Goal: Find what is true.
      You check twice.
      You lead your coworkers: delegate the work, check each answer against the expected output, have it revised where it falls short, then answer with the finished result."
    `);
  });

  it('start a task with everything it has', () => {
    expect(
      prompts.taskPrompt({
        task,
        context: [{ taskKey: 'outline', text: 'One.\nTwo.' }],
        suggestedCoworker: 'Writer',
        schema: { type: 'object', properties: { points: { type: 'array', items: { type: 'string' } } } },
      }),
    ).toMatchInlineSnapshot(`
      "Task: Research solar power.

      Expected output: Ten bullet points.

      Suggested coworker: Writer

      Results of earlier tasks:

      <result task="outline">
      One.
      Two.
      </result>

      Answer in JSON: {points?: [string]}"
    `);
  });

  it.each(['task', 'question'] as const)('hand on a %s', (kind) => {
    expect(prompts.delegatedPrompt({ kind, request: 'Find it.', context: 'All of it.' })).toMatchSnapshot();
  });

  it('ask for the next task', () => {
    const tasks = ['a', 'b'].map((key) => ({ key, description: `Do ${key}.` }));
    expect(prompts.chooseTaskPrompt(tasks, ['z'])).toMatchInlineSnapshot(`
      "Finished: z

      Which of these tasks should be done next?
      - a: Do a.
      - b: Do b."
    `);
  });

  it('add few tokens of their own', () => {
    const system = encode(prompts.systemPrompt(agent, { isManager: false })).length;
    const user = encode(
      prompts.taskPrompt({ task, context: [], suggestedCoworker: undefined, schema: undefined }),
    ).length;
    const own = [agent.role, agent.goal, agent.backstory, task.description, task.expectedOutput];
    const texts = own.reduce((sum, text) => sum + encode(text).length, 0);
    expect(system + user - texts).toBeLessThanOrEqual(24);
    const manager = encode(prompts.systemPrompt(agent, { isManager: true })).length;
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
