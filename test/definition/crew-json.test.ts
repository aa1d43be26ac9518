import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatProblem } from '../../src/definition/format-problem.js';
import { checkDefinition, loadDefinition } from '../../src/definition/load-definition.js';
import { definitionOf, problemsOf } from '../helpers/check-text.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const CREW = `{
  // Who works, by the names of their files.
  "agents": ["researcher", "writer"],
  "tasks": [
    {
      "name": "research", /* the first one */
      "description": "Research {topic}.",
      "expected_output": "Facts.",
      "agent": "researcher",
      "output_file": null,
    },
    {
      "name": "write",
      "description": "Write it.",
      "expected_output": "A text.",
      "agent": "writer",
      "context": ["research"],
    },
  ],
  "process": "sequential",
  "memory": false,
  "max_rpm": null,
  "inputs": { "topic": "solar" },
}
`;

const AGENTS = {
  'agents/researcher.jsonc': `{
  "role": "Researcher", // of {topic}
  "goal": "Find facts",
  "backstory": "You search https://example.com/a.",
  "llm": { "model": "openai/gpt-4o", "temperature": 0.1, },
  "tools": [],
  "settings": { "max_iter": 7, "allow_delegation": false, },
}
`,
  'agents/writer.yaml': 'writer:\n  role: Writer\n  goal: Write\n  backstory: You write.\n',
};

async function problemsIn(files: Readonly<Record<string, string>>): Promise<string> {
  const { problems } = await checkDefinition('crew.jsonc', { env: {}, workingDirectory: temporaryFolder(files) });
  return `\n${problems.map(formatProblem).join('\n\n')}\n`;
}

test("loads crewAI's newer layout: crew.jsonc and a file for each agent", async () => {
  const workingDirectory = temporaryFolder({ 'crew.jsonc': CREW, ...AGENTS });
  const { agents, tasks, inputs, source } = await loadDefinition('crew.jsonc', { env: {}, workingDirectory });
  expect(agents.map(({ key, role, backstory, maxIter }) => [key, role, backstory, maxIter])).toEqual([
    ['researcher', 'Researcher', 'You search https://example.com/a.', 7],
    ['writer', 'Writer', 'You write.', 25],
  ]);
  expect(agents[0]?.models[0]).toMatchObject({ reference: 'openai/gpt-4o', temperature: 0.1 });
  expect(tasks.map(({ key, agent, context, outputFile }) => [key, agent, context, outputFile])).toEqual([
    ['research', 'researcher', undefined, undefined],
    ['write', 'writer', ['research'], undefined],
  ]);
  expect(inputs['topic']?.default).toBe('solar');
  expect(source.files.map(({ path }) => path)).toEqual(['crew.jsonc', 'agents/researcher.jsonc', 'agents/writer.yaml']);
});

test('finds the files of agents from what a record holds', async () => {
  const recorded = new Map<string, string>([
    [join('/gone', 'crew.jsonc'), CREW],
    ...Object.entries(AGENTS).map(([file, text]) => [join('/gone', file), text] as const),
  ]);
  const readFile = async (path: string) => {
    const text = recorded.get(path);
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return Buffer.from(text);
  };
  const { agents } = await loadDefinition('/gone/crew.jsonc', { env: {}, workingDirectory: '/', readFile });
  expect(agents.map(({ key }) => key)).toEqual(['researcher', 'writer']);
});

test('takes a manager from its own file', async () => {
  const workingDirectory = temporaryFolder({
    'crew.json': CREW.replace('"sequential"', '"hierarchical", "manager_agent": "boss"'),
    'agents/boss.json': '{"role": "Boss", "goal": "Lead", "backstory": "You lead.", "llm": "openai/gpt-4o"}',
    ...AGENTS,
  });
  const { manager, agents } = await loadDefinition('crew.json', { env: {}, workingDirectory });
  expect([manager?.role, agents.length]).toEqual(['Boss', 2]);
});

test('takes names in YAML too, beside whole agents and paths', async () => {
  const { agents } = await definitionOf(
    `agents:
  - writer
  - people/editor.yaml
  - { name: critic, role: Critic, goal: Judge, backstory: You judge. }
tasks:
  write: { description: Write., expected_output: A text., agent: writer }
  edit: { description: Edit., expected_output: A text., agent: editor }
  judge: { description: Judge., expected_output: A verdict., agent: critic }
`,
    { files: { ...AGENTS, 'people/editor.yaml': '{ role: Editor, goal: Edit, backstory: You edit. }\n' } },
  );
  expect(agents.map(({ key, role }) => [key, role])).toEqual([
    ['writer', 'Writer'],
    ['editor', 'Editor'],
    ['critic', 'Critic'],
  ]);
});

test('points at the line of JSON with comments, and into the files of agents', async () => {
  expect(
    await problemsIn({
      'crew.jsonc': CREW.replace('"agent": "writer"', '"agnt": "writer"').replace('"sequential"', '"sequentail"'),
      ...AGENTS,
      'agents/researcher.jsonc': AGENTS['agents/researcher.jsonc'].replace('"goal"', '"gaol"'),
    }),
  ).toMatchInlineSnapshot(`
    "
    crew.jsonc:16:7 tasks[1].agnt: unknown key
      16 |       "agnt": "writer",
         |       ^^^^^^
         = did you mean "agent"?

    crew.jsonc:20:14 process: must be sequential or hierarchical, not "sequentail"
      20 |   "process": "sequentail",
         |              ^^^^^^^^^^^^
         = did you mean "sequential"?

    agents/researcher.jsonc:3:3 agents[0].gaol: unknown key
      3 |   "gaol": "Find facts",
        |   ^^^^^^
        = did you mean "goal"?
    "
  `);
});

test('says which file of an agent it looked for', async () => {
  const files = { 'crew.jsonc': CREW.replace('"researcher", "writer"', '"reseacher", "writer", "writer"'), ...AGENTS };
  expect(await problemsIn(files)).toMatchInlineSnapshot(`
    "
    crew.jsonc:3:14 agents[0]: there is no agent "reseacher", and no file agents/reseacher.jsonc, .json, .yaml, .yml
      3 |   "agents": ["reseacher", "writer", "writer"],
        |              ^^^^^^^^^^^
        = did you mean "researcher"?

    crew.jsonc:3:37 agents[2]: "writer" is in the list already
      3 |   "agents": ["reseacher", "writer", "writer"],
        |                                     ^^^^^^^^

    crew.jsonc:9:16 tasks[0].agent: there is no agent "researcher"
      9 |       "agent": "researcher",
        |                ^^^^^^^^^^^^
        = did you mean "reseacher"?
    "
  `);
  expect(await problemsOf('agents: [writer]\ntasks:\n  a: { description: A., expected_output: A. }\n'))
    .toMatchInlineSnapshot(`
    "
    crew.yaml:1:10 agents[0]: there is no agent "writer", and no file agents/writer.jsonc, .json, .yaml, .yml
      1 | agents: [writer]
        |          ^^^^^^
    "
  `);
});

test('says what is wrong with text that is no JSON', async () => {
  expect(await problemsIn({ 'crew.jsonc': '{\n  "agents": ["a" "b"]\n}\n' })).toMatchInlineSnapshot(`
    "
    crew.jsonc:2:18 not valid YAML: a \`:\` after a key, or another closing character, is missing
      2 |   "agents": ["a" "b"]
        |                  ^
        = the YAML parser says: Missing , or : between flow sequence items
    "
  `);
  expect(await problemsIn({ 'crew.jsonc': '{\n  "agents": [ // never ends\n' })).toMatchInlineSnapshot(`
    "
    crew.jsonc:2:13 not valid YAML: the closing ] is missing
      2 |   "agents": [ // never ends
        |             ^
        = the YAML parser says: Flow sequence in block collection must be sufficiently indented and end with a ]
    "
  `);
});
