import { expect, test } from 'vitest';
import { formatProblem } from '../../src/definition/format-problem.js';
import { checkDefinition, loadDefinition } from '../../src/definition/load-definition.js';
import { problemsOf, SMALL_CREW } from '../helpers/check-text.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('says that there is no file', async () => {
  const workingDirectory = temporaryFolder();
  const { definition, problems } = await checkDefinition('none.yaml', { env: {}, workingDirectory });
  expect(definition).toBeUndefined();
  expect(problems.map(formatProblem)).toMatchInlineSnapshot(`
    [
      "none.yaml: there is no such file",
    ]
  `);
});

test('says that a path goes through a file', async () => {
  const workingDirectory = temporaryFolder({ file: '' });
  const { problems } = await checkDefinition('file/crew.yaml', { env: {}, workingDirectory });
  expect(problems.map(formatProblem)).toMatchInlineSnapshot(`
    [
      "file/crew.yaml: there is no such file",
    ]
  `);
});

test('says that it is a folder', async () => {
  const workingDirectory = temporaryFolder({ 'crews/crew.yaml': SMALL_CREW });
  const { problems } = await checkDefinition('crews', { env: {}, workingDirectory });
  expect(problems.map(formatProblem)).toMatchInlineSnapshot(`
    [
      "crews: this is a folder, not a file
      = name the YAML file in it",
    ]
  `);
});

test('says that the file is empty', async () => {
  const texts = ['', '\n \n', '# only a comment\n', '\uFEFF', '---\n'];
  const problems = await Promise.all(texts.map((text) => problemsOf(text)));
  expect(new Set(problems).size).toBe(1);
  expect(problems[0]).toMatchInlineSnapshot(`
    "
    crew.yaml: the file is empty
      = \`crew init\` writes a crew to start from
    "
  `);
});

test('says that a text or a list is no crew', async () => {
  expect(await problemsOf('hello\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 a crew is a map with \`agents\` and \`tasks\`
      1 | hello
        | ^^^^^
        = \`crew init\` writes one to start from
    "
  `);
  expect(await problemsOf('- agents\n- tasks\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 a crew is a map with \`agents\` and \`tasks\`
      1 | - agents
        | ^
        = \`crew init\` writes one to start from
    "
  `);
});

test('says that the file is too large', async () => {
  expect(await problemsOf(new Uint8Array(5 * 1024 * 1024 + 1).fill(35))).toMatchInlineSnapshot(`
    "
    crew.yaml: the file is too large: more than 5 MB
    "
  `);
});

test.skipIf(process.platform === 'win32')('does not read a device to its end', async () => {
  const { problems } = await checkDefinition('/dev/zero', { env: {}, workingDirectory: temporaryFolder() });
  expect(problems.map(formatProblem)).toMatchInlineSnapshot(`
    [
      "/dev/zero: the file is too large: more than 5 MB",
    ]
  `);
});

test('says that the file is not UTF-8', async () => {
  expect(await problemsOf(Buffer.from('name: caf\xe9\n', 'latin1'))).toMatchInlineSnapshot(`
    "
    crew.yaml: the file is not UTF-8 text
      = save it as UTF-8
    "
  `);
});

test('points at a tab', async () => {
  expect(await problemsOf('agents:\n\twriter:\n\t\trole: x\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:2:1 not valid YAML: a tab is used for indentation
      2 | 	writer:
        | ^
        = use spaces (the YAML parser says: Tabs are not allowed as indentation)
    "
  `);
});

test('points at an unclosed quote, bracket and a bad indentation', async () => {
  expect(await problemsOf('name: "brief\nprocess: sequential\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:7 not valid YAML: the closing " is missing
      1 | name: "brief
        |       ^
        = the YAML parser says: Missing closing "quote
    "
  `);
  expect(await problemsOf('name: [brief\nprocess: sequential\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:7 not valid YAML: the closing ] is missing
      1 | name: [brief
        |       ^
        = the YAML parser says: Flow sequence in block collection must be sufficiently indented and end with a ]
    "
  `);
  expect(await problemsOf('agents:\n  a: 1\n b: 2\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:3:1 not valid YAML: the indentation does not fit the lines above
      3 |  b: 2
        | ^
        = the YAML parser says: All mapping items must start at the same column
    "
  `);
});

test('points at a second colon and at a reserved character', async () => {
  expect(await problemsOf('name: brief: long\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:7 not valid YAML: a second \`: \` on one line
      1 | name: brief: long
        |       ^
        = put a text that holds \`: \` in quotes (the YAML parser says: Nested mappings are not allowed in compact mappings)
    "
  `);
  expect(await problemsOf('name: @brief\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:7 not valid YAML: a text cannot start with this character
      1 | name: @brief
        |       ^
        = put the text in quotes (the YAML parser says: Plain value cannot start with reserved character @)
    "
  `);
  expect(await problemsOf("name: 'it's'\n")).toMatchInlineSnapshot(`
    "
    crew.yaml:1:11 not valid YAML: this does not fit what stands before it
      1 | name: 'it's'
        |           ^^
        = the YAML parser says: Unexpected scalar at node end
    "
  `);
});

test('points at a second document and at a tag', async () => {
  expect(await problemsOf(`${SMALL_CREW}---\n${SMALL_CREW}`)).toMatchInlineSnapshot(`
    "
    crew.yaml:5:1 not valid YAML: a second document starts here
      5 | ---
        | ^^^
        = a definition is one document: write each crew in its own file (the YAML parser says: Source contains multiple documents)
    "
  `);
  expect(await problemsOf(`name: !!python/name:os.system x\n${SMALL_CREW}`)).toMatchInlineSnapshot(`
    "
    crew.yaml:1:7 not valid YAML: tags such as this one are not understood
      1 | name: !!python/name:os.system x
        |       ^^^^^^^^^^^^^^^^^^^^^^^
        = write the value without the tag (the YAML parser says: Unresolved tag: tag:yaml.org,2002:python/name:os.system)
    "
  `);
});

test('points at every key that is written twice, and goes on', async () => {
  expect(
    await problemsOf(`name: a
name: b
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, role: Author }
  "writer": { role: Writer, goal: Write, backstory: Wrote }
tasks:
  essay: { description: Write, expected_output: Text, agent: wirter }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:1 name: name is written twice in the same map
      2 | name: b
        | ^^^^

    crew.yaml:4:58 agents.writer.role: role is written twice in the same map
      4 |   writer: { role: Writer, goal: Write, backstory: Wrote, role: Author }
        |                                                          ^^^^

    crew.yaml:5:3 agents.writer: writer is written twice in the same map
      5 |   "writer": { role: Writer, goal: Write, backstory: Wrote }
        |   ^^^^^^^^

    crew.yaml:7:62 tasks.essay.agent: there is no agent "wirter"
      7 |   essay: { description: Write, expected_output: Text, agent: wirter }
        |                                                              ^^^^^^
        = did you mean "writer"?
    "
  `);
});

test('points at an alias without anchor, one inside its own anchor, and refuses an alias bomb', async () => {
  expect(await problemsOf(`name: *other\n${SMALL_CREW}`)).toMatchInlineSnapshot(`
    "
    crew.yaml:1:7 no anchor &other stands before this alias
      1 | name: *other
        |       ^^^^^^
    "
  `);
  expect(await problemsOf('agents: &all\n  writer: *all\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:2:11 the alias *all stands inside its own anchor
      2 |   writer: *all
        |           ^^^^
    "
  `);
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let depth = 1; depth < 9; depth++) {
    const items = Array.from({ length: 9 }, () => `*a${depth - 1}`);
    lines.push(`a${depth}: &a${depth} [${items.join(', ')}]`);
  }
  expect(await problemsOf(`${lines.join('\n')}\n`)).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 aliases are nested too deeply
      1 | a0: &a0 [x, x, x, x, x, x, x, x, x]
        | ^
    "
  `);
});

test('throws one error that holds every problem', async () => {
  const workingDirectory = temporaryFolder({ 'crew.yaml': 'agents: {}\ntaks: {}\n' });
  const failure = loadDefinition('crew.yaml', { env: {}, workingDirectory });
  await expect(failure).rejects.toMatchObject({ name: 'DefinitionError', code: 'definition', exitCode: 2 });
  await expect(failure).rejects.toThrowErrorMatchingInlineSnapshot(`
    [DefinitionError: crew.yaml:1:1 agents: a crew needs at least one agent
      1 | agents: {}
        | ^^^^^^

    crew.yaml:2:1 taks: unknown key
      2 | taks: {}
        | ^^^^
        = did you mean "tasks"?]
  `);
});
