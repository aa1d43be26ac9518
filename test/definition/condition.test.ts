import { expect, test } from 'vitest';
import { definitionOf, problemsOf } from '../helpers/check-text.js';

/** A crew of three tasks, the last with these lines. */
function crewWith(lines: string, { first = '', top = '' } = {}): string {
  return `${top}inputs: { topic: solar, depth: { type: integer, default: 2 } }
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  research: { description: Find, expected_output: Facts${first} }
  fact-check: { description: Check, expected_output: Verdict }
  essay:
    description: Write
    expected_output: Text
${lines
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
`;
}

const FILES = { 'gate.ts': 'export const enough = () => true;' };

test('reads which tasks and inputs an expression looks at', async () => {
  const conditionOf = async (lines: string) => {
    const { tasks } = await definitionOf(crewWith(lines), { files: FILES });
    return tasks[2]?.when;
  };
  expect(
    await conditionOf(
      `when: inputs.depth > 1 && has(tasks.research.json_dict.score) && tasks["fact-check"].status == 'completed'`,
    ),
  ).toEqual({
    kind: 'expression',
    text: `inputs.depth > 1 && has(tasks.research.json_dict.score) && tasks["fact-check"].status == 'completed'`,
    tasks: ['research', 'fact-check'],
    inputs: ['depth'],
  });
  expect(await conditionOf('when: tasks.exists(key, tasks[key].status == "skipped")')).toMatchObject({
    tasks: ['research', 'fact-check'],
  });
  expect(await conditionOf('when: has(inputs.draft)')).toMatchObject({ tasks: [], inputs: ['draft'] });
  expect(await conditionOf('when: false')).toMatchObject({ kind: 'expression', text: 'false' });
  const module = { kind: 'module', path: './gate.ts', exportName: 'enough' };
  expect(await conditionOf('when: ./gate.ts#enough')).toEqual(module);
  expect(await conditionOf('condition: ./gate.ts#enough')).toEqual(module);
});

test('points at tasks, inputs and parts that are not there', async () => {
  expect(
    await problemsOf(
      crewWith('when: tasks.reserch.raw != "" && inputs.topics == "x" && tasks.research.jsn_dict.a > 1'),
    ),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:10:11 tasks.essay.when: there is no task "reserch"
      10 |     when: tasks.reserch.raw != "" && inputs.topics == "x" && tasks.research.jsn_dict.a > 1
         |           ^^^^^^^^^^^^^^^^^
         = did you mean "research"?

    crew.yaml:10:38 tasks.essay.when: there is no input "topics"
      10 |     when: tasks.reserch.raw != "" && inputs.topics == "x" && tasks.research.jsn_dict.a > 1
         |                                      ^^^^^^^^^^^^^
         = did you mean "topic"?

    crew.yaml:10:62 tasks.essay.when: a task has no "jsn_dict"
      10 |     when: tasks.reserch.raw != "" && inputs.topics == "x" && tasks.research.jsn_dict.a > 1
         |                                                              ^^^^^^^^^^^^^^^^^^^^^^^^^
         = did you mean "json_dict"?
    "
  `);
});

test('points at a part of an output that is plain text, unless it asks first whether it is there', async () => {
  expect(await problemsOf(crewWith('when: tasks.research.json_dict.score > 3'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:11 tasks.essay.when: the output of "research" is plain text, which has no parts
      10 |     when: tasks.research.json_dict.score > 3
         |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
         = give research an output_json, or look at .raw
    "
  `);
  for (const when of [
    'has(tasks.research.json_dict.score) && tasks.research.json_dict.score > 3',
    'tasks.research.json_dict == null',
  ]) {
    expect(await problemsOf(crewWith(`when: ${when}`))).toBe('\n\n');
  }
  const first = ', output_json: { type: object }';
  expect(await problemsOf(crewWith('when: tasks.research.json_dict.score > 3', { first }))).toBe('\n\n');
});

test('says how a name that cannot stand behind a dot is written', async () => {
  expect(await problemsOf(crewWith('when: tasks.fact-check.raw.contains("ok")'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:11 tasks.essay.when: the name of this task cannot stand behind a dot
      10 |     when: tasks.fact-check.raw.contains("ok")
         |           ^^^^^^^^^^^^^^^^
         = write tasks["fact-check"]
    "
  `);
});

test('points at what is no expression, and knows the words of other languages', async () => {
  expect(await problemsOf(crewWith('when: inputs.depth > 1 and inputs.topic != ""'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:28 tasks.essay.when: is no condition: unexpected character: 'd'
      10 |     when: inputs.depth > 1 and inputs.topic != ""
         |                            ^^^
         = "and" is written &&, "or" ||, and "not" !
    "
  `);
  expect(await problemsOf(crewWith('when: inputs.depth >'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:11 tasks.essay.when: is no condition: unexpected token: the end
      10 |     when: inputs.depth >
         |           ^^^^^^^^^^^^^^
    "
  `);
  expect(await problemsOf(crewWith('when: tasks.research.raw.includes("solar")'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:11 tasks.essay.when: is no condition: there is no 'value.includes(string)'
      10 |     when: tasks.research.raw.includes("solar")
         |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
         = write .contains(…)
    "
  `);
  expect(await problemsOf(crewWith('when: has(tasks["fact-check"].json_dict.score)'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:15 tasks.essay.when: is no condition: has() invalid argument
      10 |     when: has(tasks["fact-check"].json_dict.score)
         |               ^^^^^^^^^^^^^^^^^^^
         = has() takes names with dots; behind brackets write "name" in …
    "
  `);
  expect(await problemsOf(crewWith('when: depth > 1'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:11 tasks.essay.when: is no condition: unknown variable: depth
      10 |     when: depth > 1
         |           ^^^^^
         = write inputs.depth
    "
  `);
  expect(await problemsOf(crewWith('when: size(tasks.research.raw)'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:11 tasks.essay.when: is no condition: it comes to a number, not to true or false
      10 |     when: size(tasks.research.raw)
         |           ^^^^^^^^^^^^^^^^^^^^^^^^
    "
  `);
  expect(await problemsOf(crewWith('when: [a, b]'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:11 tasks.essay.when: must be an expression, or ./file.ts#export, not a list
      10 |     when: [a, b]
         |           ^^^^^^
    "
  `);
});

test('refuses a condition of the first task, and one that waits for itself or a later task', async () => {
  expect(await problemsOf(crewWith('when: tasks.essay.raw != ""', { first: ', when: tasks.essay.raw != ""' })))
    .toMatchInlineSnapshot(`
    "
    crew.yaml:5:58 tasks.research.when: the first task cannot have a condition
      5 |   research: { description: Find, expected_output: Facts, when: tasks.essay.raw != "" }
        |                                                          ^^^^
        = put a task that always runs before it

    crew.yaml:10:11 tasks.essay.when: task "essay" waits for itself
      10 |     when: tasks.essay.raw != ""
         |           ^^^^^^^^^^^^^^^^^^^^^
         = remove its own name
    "
  `);
  expect(
    await problemsOf(`agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  research: { description: Find, expected_output: Facts }
  outline: { description: Plan, expected_output: Plan, when: tasks.essay.raw != "" }
  essay: { description: Write, expected_output: Text }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:5:62 tasks.outline.when: task "essay" comes later in the file
      5 |   outline: { description: Plan, expected_output: Plan, when: tasks.essay.raw != "" }
        |                                                              ^^^^^^^^^^^^^^^^^^^^^
        = move "essay" before "outline"
    "
  `);
});

test('finds a circle that goes through a condition where the manager chooses the order', async () => {
  expect(
    await problemsOf(`process: hierarchical
manager_llm: openai/gpt-4.1-mini
task_order: manager
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  research: { description: Find, expected_output: Facts }
  outline: { description: Plan, expected_output: Plan, when: tasks.essay.raw != "" }
  essay: { description: Write, expected_output: Text, context: [outline] }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:8:62 tasks.outline.when: tasks wait for each other in a circle: outline → essay → outline
      8 |   outline: { description: Plan, expected_output: Plan, when: tasks.essay.raw != "" }
        |                                                              ^^^^^^^^^^^^^^^^^^^^^
    "
  `);
});

test('refuses two conditions, and code that is not there', async () => {
  expect(await problemsOf(crewWith('when: inputs.depth > 1\ncondition: ./gate.ts#enough'), { files: FILES }))
    .toMatchInlineSnapshot(`
    "
    crew.yaml:11:5 tasks.essay.condition: when is there already: a task has one condition
      11 |     condition: ./gate.ts#enough
         |     ^^^^^^^^^
    "
  `);
  expect(await problemsOf(crewWith('when: ./gates.ts#enough'), { files: FILES })).toMatchInlineSnapshot(`
    "
    crew.yaml:10:11 tasks.essay.when: ./gates.ts: there is no such file
      10 |     when: ./gates.ts#enough
         |           ^^^^^^^^^^^^^^^^^
         = paths start at the definition's folder
    "
  `);
});

test('takes both names of the callbacks around a run, but not both at once', async () => {
  const { callbacks } = await definitionOf(
    crewWith('callback: ./gate.ts#enough', { top: 'before_kickoff_callbacks: [./gate.ts#enough]\n' }),
    { files: FILES },
  );
  expect(callbacks.beforeKickoff).toEqual([{ path: './gate.ts', exportName: 'enough' }]);
  const top = 'after_kickoff: ./gate.ts\nafter_kickoff_callbacks: ./gate.ts\nmanager_callbacks: ./gate.ts\n';
  expect(await problemsOf(crewWith('callback: ./gate.ts', { top }), { files: FILES })).toMatchInlineSnapshot(`
    "
    crew.yaml:2:1 after_kickoff_callbacks: after_kickoff is there already, and means the same
      2 | after_kickoff_callbacks: ./gate.ts
        | ^^^^^^^^^^^^^^^^^^^^^^^

    crew.yaml:3:1 warning manager_callbacks: only a hierarchical crew has a manager
      3 | manager_callbacks: ./gate.ts
        | ^^^^^^^^^^^^^^^^^
        = remove it, or write process: hierarchical
    "
  `);
});
