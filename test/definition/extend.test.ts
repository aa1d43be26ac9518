import { expect, test } from 'vitest';
import { loadDefinition } from '../../src/definition/load-definition.js';
import { definitionOf, problemsOf } from '../helpers/check-text.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const SHARED = `name: house
models:
  smart: { model: openai/gpt-4o, temperature: 0.2 }
  fast: openai/gpt-4.1-mini
inputs: { topic: solar, tone: plain }
limits: { budget_usd: 2, timeout: 5m }
max_rpm: 60
agents:
  researcher: { role: Researcher, goal: Find facts, backstory: You search., llm: smart }
  writer: { role: Writer, goal: Write well, backstory: You write., llm: fast }
  lawyer: { role: Lawyer, goal: Check, backstory: You check., llm: anthropic/claude-sonnet-4-5 }
`;

const OWN = `extends: shared.yaml
inputs: { tone: dry }
limits: { budget_usd: 5 }
agents:
  writer: { role: Poet, goal: Rhyme, backstory: You rhyme., llm: fast }
tasks:
  research: { description: "Research {topic}.", expected_output: Facts., agent: researcher }
  write: { description: "Write it {tone}.", expected_output: Text., agent: writer }
`;

test('takes agents, models, inputs, limits and settings, and lets its own win by name', async () => {
  const { name, agents, inputs, limits, maxRpm, source } = await definitionOf(OWN, {
    files: { 'shared.yaml': SHARED },
  });
  expect({
    agents: agents.map(({ key, role, models }) => [key, role, models[0]?.reference, models[0]?.temperature]),
    inputs: Object.values(inputs).map((input) => [input.name, input.default]),
    limits,
    maxRpm,
    files: source.files.map(({ path }) => path),
  }).toMatchInlineSnapshot(`
    {
      "agents": [
        [
          "researcher",
          "Researcher",
          "openai/gpt-4o",
          0.2,
        ],
        [
          "writer",
          "Poet",
          "openai/gpt-4.1-mini",
          undefined,
        ],
      ],
      "files": [
        "crew.yaml",
        "shared.yaml",
      ],
      "inputs": [
        [
          "topic",
          "solar",
        ],
        [
          "tone",
          "dry",
        ],
      ],
      "limits": {
        "budgetUsd": 5,
        "timeoutMs": 300000,
      },
      "maxRpm": 60,
    }
  `);
  expect(name).not.toBe('house');
});

test('leaves out inherited agents that nobody can give work to, unless a list names them', async () => {
  const files = { 'shared.yaml': SHARED };
  const keysOf = async (text: string) => (await definitionOf(text, { files })).agents.map(({ key }) => key);
  expect(await keysOf(OWN)).toEqual(['researcher', 'writer']);
  expect(await keysOf(OWN.replace('You rhyme.', 'You rhyme., allow_delegation: true'))).toEqual([
    'researcher',
    'writer',
    'lawyer',
  ]);
  const hierarchical = `process: hierarchical\nmanager_llm: fast\n${OWN}`;
  expect(await keysOf(hierarchical)).toEqual(['researcher', 'writer', 'lawyer']);
  const chosen = hierarchical.replace(/agents:\n.*\n/, 'agents: [writer, researcher]\n');
  expect(await keysOf(chosen)).toEqual(['writer', 'researcher']);
});

test('makes an inherited agent the manager', async () => {
  const text = `process: hierarchical\nmanager_agent: lawyer\n${OWN}`;
  const { manager, agents } = await definitionOf(text, { files: { 'shared.yaml': SHARED } });
  expect([manager?.role, ...agents.map(({ role }) => role)]).toEqual(['Lawyer', 'Researcher', 'Poet']);
});

test('takes a whole crew and changes one task of it', async () => {
  const base = OWN.replace('extends: shared.yaml', '').replace('models', '') + SHARED.replace(/^inputs[^]*/m, '');
  const { tasks, agents } = await definitionOf(
    'extends: base.yaml\ntasks:\n  write: { description: Draw it., expected_output: A picture., agent: writer }\n',
    { files: { 'base.yaml': base.replace('agent: researcher', 'agent: writer') } },
  );
  expect(tasks.map(({ key, position, description }) => [key, position, description])).toEqual([
    ['research', 1, 'Research {topic}.'],
    ['write', 2, 'Draw it.'],
  ]);
  expect(agents.map(({ key }) => key)).toEqual(['writer']);
});

test('reads files of files, each once, from their own folders, and has their paths lead to them', async () => {
  const workingDirectory = temporaryFolder({
    'crew/crew.yaml':
      'extends: [../shared/agents.yaml, ../shared/models.yaml]\ntasks:\n  a: { description: A., expected_output: A., agent: x }\n',
    'shared/agents.yaml':
      'extends: models.yaml\nagents: people.yaml\nstep_callback: ./tools.ts#step\nprompt_file: words/prompts.yaml\n',
    'shared/models.yaml': 'models: { m: openai/gpt-4o }\nmax_rpm: 7\n',
    'shared/people.yaml': 'x: { role: X, goal: G, backstory: B, llm: m, tools: [./tools.ts#look, read_file] }\n',
    'shared/tools.ts': 'export const look = 1; export const step = 2;\n',
    'shared/words/prompts.yaml': 'role: "R: {role}"\n',
  });
  const options = { env: { OPENAI_API_KEY: 'x' }, workingDirectory };
  const { agents, maxRpm, callbacks, source } = await loadDefinition('crew/crew.yaml', options);
  expect(agents[0]?.tools).toEqual([
    { kind: 'module', path: '../shared/tools.ts', exportName: 'look', options: {}, label: '../shared/tools.ts#look' },
    { kind: 'builtin', name: 'read_file', settings: {}, options: {}, label: 'read_file' },
  ]);
  expect([maxRpm, callbacks.step?.path]).toEqual([7, '../shared/tools.ts']);
  expect(source.files.slice(0, 4).map(({ path }) => path)).toEqual([
    'crew.yaml',
    '../shared/agents.yaml',
    '../shared/models.yaml',
    '../shared/people.yaml',
  ]);
});

test('lets a later file win over an earlier one, in every order of files that extend the same', async () => {
  const task = 'tasks:\n  a: { description: A., expected_output: A. }\n';
  const agent = 'agents:\n  x: { role: X, goal: G, backstory: B }\n';
  const files = {
    'base.yaml': `max_rpm: 1\nlimits: { timeout: 1s, max_tokens: 1 }\n${agent}`,
    'a.yaml': 'extends: base.yaml\nmax_rpm: 2\nlimits: { timeout: 2s }\n',
    'b.yaml': 'extends: base.yaml\nlimits: { max_model_calls: 3 }\n',
  };
  const { maxRpm, limits } = await definitionOf(`extends: [a.yaml, b.yaml]\n${task}`, { files });
  expect({ maxRpm, limits }).toEqual({ maxRpm: 2, limits: { timeoutMs: 2000, maxTokens: 1, maxModelCalls: 3 } });
});

test('points into the file that is wrong', async () => {
  expect(
    await problemsOf(
      `extends: [shared.yaml, gone.yaml, list.yaml, 5]
agents: [researcher, writter]
tasks:
  research: { description: Research., expected_output: Facts., agent: researcher }
`,
      {
        files: {
          'shared.yaml': SHARED.replace('timeout: 5m', 'timeout: soon')
            .replace('llm: smart', 'llm: smrt, maxiter: 5')
            .replace('max_rpm: 60', 'max_rmp: 60'),
          'list.yaml': '- a\n',
        },
      },
    ),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:24 extends[1]: gone.yaml: there is no such file
      1 | extends: [shared.yaml, gone.yaml, list.yaml, 5]
        |                        ^^^^^^^^^
        = paths start at the definition's folder

    crew.yaml:1:35 extends[2]: list.yaml: must hold a map with agents, models or settings, not a list
      1 | extends: [shared.yaml, gone.yaml, list.yaml, 5]
        |                                   ^^^^^^^^^

    crew.yaml:1:46 extends[3]: must be the path of a file, or a list of paths, not a number
      1 | extends: [shared.yaml, gone.yaml, list.yaml, 5]
        |                                              ^

    crew.yaml:2:22 agents[1]: there is no agent "writter", and no file agents/writter.jsonc, .json, .yaml, .yml
      2 | agents: [researcher, writter]
        |                      ^^^^^^^
        = did you mean "writer"?

    crew.yaml:2:22 warning agents[1]: agent "writter" has no task, and no agent delegates
      2 | agents: [researcher, writter]
        |                      ^^^^^^^
        = give a task agent: writter, or an agent allow_delegation: true

    shared.yaml:6:35 limits.timeout: must be a duration such as 60s or 2m, or seconds as a number, not "soon"
      6 | limits: { budget_usd: 2, timeout: soon }
        |                                   ^^^^

    shared.yaml:7:1 max_rmp: unknown key
      7 | max_rmp: 60
        | ^^^^^^^
        = did you mean "max_rpm"?

    shared.yaml:9:82 agents.researcher.llm: there is no model "smrt" under models
      9 |   researcher: { role: Researcher, goal: Find facts, backstory: You search., llm: smrt, maxiter: 5 }
        |                                                                                  ^^^^
        = did you mean "smart"?

    shared.yaml:9:88 agents.researcher.maxiter: unknown key
      9 |   researcher: { role: Researcher, goal: Find facts, backstory: You search., llm: smrt, maxiter: 5 }
        |                                                                                        ^^^^^^^
        = did you mean "max_iter"?
    "
  `);
});

test('refuses files that extend each other in a circle', async () => {
  expect(
    await problemsOf('extends: a.yaml\nagents: {}\ntasks: {}\n', {
      files: { 'a.yaml': 'extends: [b.yaml]\n', 'b.yaml': 'extends: crew.yaml\n' },
    }),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:1 agents: a crew needs at least one agent
      2 | agents: {}
        | ^^^^^^

    crew.yaml:3:1 tasks: a crew needs at least one task
      3 | tasks: {}
        | ^^^^^

    b.yaml:1:10 extends: files extend each other in a circle: crew.yaml → a.yaml → b.yaml → crew.yaml
      1 | extends: crew.yaml
        |          ^^^^^^^^^
    "
  `);
});
