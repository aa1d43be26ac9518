import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, text, toolCalls } from '../helpers/provider-server.js';
import { createScene } from '../helpers/run-process.js';

const COUNT = `import { appendFileSync } from 'node:fs';
export default {
  name: 'look_up', description: 'Looks it up.', effects: 'none',
  parameters: { type: 'object', properties: { word: { type: 'string' } } },
  execute({ word }) { appendFileSync('calls.txt', word + '\\n'); return '{"word":"' + word + '"}'; },
};
`;
const lookUp = (id: string, word: string) => ({ id, name: 'look_up', arguments: { word } });

it('max_usage_count holds over tasks, coworkers, a failure and a resume', async () => {
  let isBroken = true;
  const scene = await createScene(
    {
      'look-up.mjs': COUNT,
      'crew.yaml': `name: words
process: hierarchical
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
manager_llm: m
agents:
  finder: { role: Finder, goal: Find, backstory: You find., llm: m, tools: [{ use: ./look-up.mjs, max_usage_count: 3 }] }
tasks:
  first: { description: First., expected_output: A word. }
  second: { description: Second., expected_output: A word. }
`,
    },
    ({ messages }) => {
      const isWorker = String(messages[0]?.content).includes('Role: Finder');
      const turn = messages.filter(({ role }) => role === 'tool').length;
      const task = messages.map(({ content }) => String(content)).find((content) => /Task: /.test(content)) ?? '';
      if (!isWorker) {
        return turn > 0
          ? text('Managed.')
          : toolCalls([
              {
                name: 'delegate_work_to_coworker',
                arguments: { task: /Second/.test(task) ? 'Second' : 'First', context: '', coworker: 'Finder' },
              },
            ]);
      }
      if (turn > 0 && /Second/.test(task) && isBroken) return failure(500, 'down');
      if (turn > 0) return text('Found.');
      return toolCalls([lookUp('a', 'sun'), lookUp('b', 'moon')]);
    },
  );
  const calls = (): string => {
    const path = join(scene.folder, 'calls.txt');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  expect((await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).exitCode).toBe(6);
  expect(calls().trim().split('\n')).toHaveLength(3);
  isBroken = false;
  const { exitCode } = await scene.crew(['resume', '--quiet']);
  expect([exitCode, calls().trim().split('\n').length]).toEqual([0, 3]);
  const told = scene.server.requests.flatMap(({ body }) =>
    body.messages.flatMap(({ role, content }) => (role === 'tool' ? [String(content)] : [])),
  );
  expect(told.findLast((result) => result.startsWith('Not carried out'))).toBe(
    'Not carried out: the calls of look_up that this run may make (3) are used up. Go on with the results you have.',
  );
});

it('result_as_answer ends the task in which it was called, with the schema and for that task only', async () => {
  const scene = await createScene(
    {
      'look-up.mjs': COUNT,
      'crew.yaml': `name: words
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  finder: { role: Finder, goal: Find, backstory: You find., llm: m, tools: [{ use: ./look-up.mjs, result_as_answer: true }] }
tasks:
  first:
    description: First.
    expected_output: A word.
    output_json: { type: object, properties: { word: { const: sun } }, required: [word] }
  second: { description: Second., expected_output: A word. }
`,
    },
    [toolCalls([lookUp('a', 'moon')]), toolCalls([lookUp('b', 'sun')]), text('The second.')],
  );
  const { exitCode, stdout } = await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--format', 'json']);
  const result = JSON.parse(stdout) as { tasks_output: { raw: string; json_dict: unknown }[] };
  expect([exitCode, result.tasks_output.map(({ raw, json_dict: value }) => [raw, value])]).toEqual([
    0,
    [
      ['{"word":"sun"}', { word: 'sun' }],
      ['The second.', null],
    ],
  ]);
  expect(scene.server.requests).toHaveLength(3);
});

it('retries make a call again that failed, and max_output_chars cuts what it gives', async () => {
  const scene = await createScene(
    {
      'ask.mjs': `import { existsSync, writeFileSync } from 'node:fs';
if (existsSync('asked')) { console.log('{ no JSON ' + 'x'.repeat(100)); process.exit(); }
writeFileSync('asked', '');
console.error('the line is \\u001b[31mbusy, key ' + process.env.SHOP_KEY);
process.exit(3);
`,
      'crew.yaml': `name: words
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
tools:
  ask: { command: [node, ask.mjs], description: Asks., parameters: {}, effects: none, retries: 1, max_output_chars: 20, env: [SHOP_KEY] }
agents:
  finder: { role: Finder, goal: Find, backstory: You find., llm: m, tools: [ask] }
tasks:
  first: { description: First., expected_output: A word. }
`,
    },
    [toolCalls([{ id: 'a', name: 'ask', arguments: {} }]), text('Asked.')],
  );
  const { exitCode, stderr } = await scene.crew(['kickoff', 'crew.yaml'], { env: { SHOP_KEY: 'secret-of-shop' } });
  expect([exitCode, scene.tidy(stderr).split('\n')[3]]).toMatchInlineSnapshot(`
    [
      0,
      "  ask: failed, is tried again in <time>: ask ended with exit code 3; it said: the line is [31mbusy, key [redacted:SHOP_KEY]",
    ]
  `);
  const told = scene.server.requests[1]?.body.messages.find(({ role }) => role === 'tool');
  expect(told?.content).toMatchInlineSnapshot(`
    "<data from="ask">
    { no JSON xxxxxxxxxx
    </data>
    Cut: 90 more characters are left out."
  `);
});
