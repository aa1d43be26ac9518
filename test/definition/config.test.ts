import { expect, test } from 'vitest';
import { definitionOf, problemsOf, SMALL_CREW } from '../helpers/check-text.js';

const CONFIG = {
  agents: [
    { role: 'Senior Researcher', goal: 'Find', backstory: 'You search.' },
    { name: 'writer', role: 'Writer', goal: 'Write', backstory: 'You write.' },
  ],
  tasks: [
    { description: 'Find facts.', expected_output: 'Facts.', agent: 'Senior Researcher' },
    { description: 'Write it.', expected_output: 'Text.', agent: 'writer' },
  ],
};

test.each([
  ['a map', `config: ${JSON.stringify(CONFIG)}\n`],
  ['JSON', `config: '${JSON.stringify(CONFIG)}'\n`],
])('reads agents and tasks from the config of a crew: %s', async (_form, text) => {
  const { agents, tasks } = await definitionOf(text);
  expect(agents.map(({ key, role }) => [key, role])).toEqual([
    ['senior_researcher', 'Senior Researcher'],
    ['writer', 'Writer'],
  ]);
  expect(tasks.map(({ key, agent, description }) => [key, agent, description])).toEqual([
    ['task_1', 'senior_researcher', 'Find facts.'],
    ['task_2', 'writer', 'Write it.'],
  ]);
});

test('takes fields from the config of an agent or task where they have none of their own', async () => {
  const { agents, tasks } = await definitionOf(`agents:
  writer:
    config: { role: Writer, goal: Write, backstory: Wrote, max_iter: 3 }
    settings: { allow_delegation: true, max_iter: 4 }
    max_iter: 5
    type: agent
tasks:
  essay: { config: '{"description": "Write", "expected_output": "Text"}', expected_output: Words, type: ConditionalTask }
`);
  expect(agents[0]).toMatchObject({ role: 'Writer', allowDelegation: true, maxIter: 5 });
  expect(tasks[0]).toMatchObject({ description: 'Write', expectedOutput: 'Words' });
});

test('points into a config, as far as it is YAML', async () => {
  expect(
    await problemsOf(`config:
  agents: { writer: { role: Writer, gaol: Write, backstory: Wrote } }
  tasks: [{ description: Write, expected_output: Text, agent: writter }]
  memory: true
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:37 config.agents.writer.gaol: unknown key
      2 |   agents: { writer: { role: Writer, gaol: Write, backstory: Wrote } }
        |                                     ^^^^
        = did you mean "goal"?

    crew.yaml:3:63 config.tasks[0].agent: there is no agent "writter"
      3 |   tasks: [{ description: Write, expected_output: Text, agent: writter }]
        |                                                               ^^^^^^^
        = did you mean "writer"?

    crew.yaml:4:3 config.memory: unknown key
      4 |   memory: true
        |   ^^^^^^
        = known keys: agents, tasks
    "
  `);
  expect(
    await problemsOf(`config: '{"agents": {"writer": {"role": 5}}, "tasks": []}'
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 config.agents.writer.role: must be text, not a number
      1 | config: '{"agents": {"writer": {"role": 5}}, "tasks": []}'
        | ^^^^^^
        = put it in quotes: "5"

    crew.yaml:1:1 config.agents.writer: goal is missing
      1 | config: '{"agents": {"writer": {"role": 5}}, "tasks": []}'
        | ^^^^^^
        = What the agent is there to reach.

    crew.yaml:1:1 config.agents.writer: backstory is missing
      1 | config: '{"agents": {"writer": {"role": 5}}, "tasks": []}'
        | ^^^^^^
        = Who the agent is and how it works.

    crew.yaml:1:1 config.tasks: a crew needs at least one task
      1 | config: '{"agents": {"writer": {"role": 5}}, "tasks": []}'
        | ^^^^^^
    "
  `);
  expect(await problemsOf('config: "{agents:"\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 config: is no JSON: Expected property name or '}' in JSON at position 1
      1 | config: "{agents:"
        | ^^^^^^
    "
  `);
  expect(
    await problemsOf(`config: [1]
agents:
  writer: { config: { role: Writer, goal: 5 }, settings: 3, backstory: Wrote, type: robot }
tasks:
  essay: { config: { description: Write, expcted_output: Text } }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 config: must be a map, or JSON of one, not a list
      1 | config: [1]
        | ^^^^^^

    crew.yaml:3:43 agents.writer.goal: must be text, not a number
      3 |   writer: { config: { role: Writer, goal: 5 }, settings: 3, backstory: Wrote, type: robot }
        |                                           ^
        = put it in quotes: "5"

    crew.yaml:3:48 agents.writer.settings: must be a map, or JSON of one, not a number
      3 |   writer: { config: { role: Writer, goal: 5 }, settings: 3, backstory: Wrote, type: robot }
        |                                                ^^^^^^^^

    crew.yaml:3:85 agents.writer.type: must be agent, not "robot"
      3 |   writer: { config: { role: Writer, goal: 5 }, settings: 3, backstory: Wrote, type: robot }
        |                                                                                     ^^^^^

    crew.yaml:5:42 tasks.essay.expcted_output: unknown key
      5 |   essay: { config: { description: Write, expcted_output: Text } }
        |                                          ^^^^^^^^^^^^^^
        = did you mean "expected_output"?
    "
  `);
  expect(await problemsOf(`config: { agents: {} }\n${SMALL_CREW}`)).toMatchInlineSnapshot(`
    "
    crew.yaml:1:11 config.agents: the crew has agents beside its config already
      1 | config: { agents: {} }
        |           ^^^^^^
        = remove one
    "
  `);
});
