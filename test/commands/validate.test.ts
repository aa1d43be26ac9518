import { expect, test } from 'vitest';
import { createValidateCommand } from '../../src/commands/validate.js';
import { SMALL_CREW } from '../helpers/check-text.js';
import { runCommand } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const HIERARCHICAL = `process: hierarchical\nmanager_llm: ollama/llama3\n${SMALL_CREW}  poem: { description: Write, expected_output: Text }\n`;
const env = { OPENAI_API_KEY: 'x' };

test('says that each file is sound', async () => {
  const cwd = temporaryFolder({ 'a.yaml': SMALL_CREW, 'b.yaml': HIERARCHICAL });
  expect(await runCommand(createValidateCommand, ['a.yaml', 'b.yaml'], { cwd, env })).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": "",
      "stdout": "a.yaml: ok (1 agent, 1 task, sequential)
    b.yaml: ok (1 agent, 2 tasks, hierarchical)
    ",
    }
  `);
});

test('tells all problems of all files and ends with 2', async () => {
  const cwd = temporaryFolder({
    'a.yaml': SMALL_CREW.replace('role', 'rol').replace('essay:', 'essay: &x'),
    'b.yaml': `manager_llm: opnai/gpt-4o\n${SMALL_CREW}`,
    'c.yaml': SMALL_CREW,
  });
  const outcome = await runCommand(createValidateCommand, ['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml'], { cwd, env });
  expect(outcome.exitCode).toBe(2);
  expect(outcome.stdout).toMatchInlineSnapshot(`
    "a.yaml: 1 error
    b.yaml: 1 error, 1 warning
    c.yaml: ok (1 agent, 1 task, sequential)
    d.yaml: 1 error
    "
  `);
  expect(outcome.stderr).toMatchInlineSnapshot(`
    "a.yaml:2:13 agents.writer.rol: unknown key
      2 |   writer: { rol: Writer, goal: Write, backstory: Wrote }
        |             ^^^
        = did you mean "role"?

    b.yaml:1:1 warning manager_llm: a sequential crew has no manager
      1 | manager_llm: opnai/gpt-4o
        | ^^^^^^^^^^^
        = remove it, or write process: hierarchical

    b.yaml:1:14 manager_llm: there is no model provider "opnai"
      1 | manager_llm: opnai/gpt-4o
        |              ^^^^^^^^^^^^
        = did you mean "openai"?

    d.yaml: there is no such file

    "
  `);
});

test('warns of missing keys', async () => {
  const cwd = temporaryFolder({ 'crew.yaml': SMALL_CREW });
  expect(await runCommand(createValidateCommand, ['crew.yaml'], { cwd })).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": "crew.yaml:2:3 warning agents.writer: OPENAI_API_KEY is not set; openai/gpt-4.1-mini needs it
      2 |   writer: { role: Writer, goal: Write, backstory: Wrote }
        |   ^^^^^^
        = set it, or write it into .env beside the definition; with a cassette no key is needed

    ",
      "stdout": "crew.yaml: ok (1 agent, 1 task, sequential), 1 warning
    ",
    }
  `);
});

test('takes crew.yaml, says so, and says when there is none', async () => {
  const cwd = temporaryFolder({ 'crew/crew.yaml': SMALL_CREW });
  expect(await runCommand(createValidateCommand, [], { cwd, env })).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": "using crew/crew.yaml
    ",
      "stdout": "crew/crew.yaml: ok (1 agent, 1 task, sequential)
    ",
    }
  `);
  expect(await runCommand(createValidateCommand, [], { cwd: temporaryFolder() })).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: there is no crew.yaml and no crew.jsonc, neither here nor in crew/
    hint: name a file, or write one with \`crew init\`
    ",
      "stdout": "",
    }
  `);
});

test('prints JSON', async () => {
  const cwd = temporaryFolder({ 'a.yaml': SMALL_CREW, 'b.yaml': SMALL_CREW.replace('goal', 'gaol') });
  const outcome = await runCommand(createValidateCommand, ['a.yaml', 'b.yaml', '--format', 'json'], { cwd, env });
  expect(outcome).toMatchObject({ exitCode: 2, stderr: '' });
  expect(JSON.parse(outcome.stdout)).toMatchInlineSnapshot(`
    {
      "files": [
        {
          "file": "a.yaml",
          "ok": true,
          "problems": [],
        },
        {
          "file": "b.yaml",
          "ok": false,
          "problems": [
            {
              "column": 27,
              "file": "b.yaml",
              "hint": "did you mean "goal"?",
              "line": 2,
              "message": "unknown key",
              "path": "agents.writer.gaol",
              "severity": "error",
            },
          ],
        },
      ],
      "ok": false,
    }
  `);
});
