import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createInitCommand } from '../../src/commands/init.js';
import { createValidateCommand } from '../../src/commands/validate.js';
import { createDefinitionSchema } from '../../src/definition/definition-schema.js';
import { runCommand } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const env = { OPENAI_API_KEY: 'x' };

test('writes a crew, and says what to do next', async () => {
  const cwd = temporaryFolder();
  expect(await runCommand(createInitCommand, [], { cwd })).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": "",
      "stdout": "Wrote crew.yaml, and .crew/crew.schema.json by which editors complete and explain it.

    Next:
      crew validate
      export OPENAI_API_KEY=…      (or write it into .env beside the file)
      crew kickoff --input topic="heat pumps"
    ",
    }
  `);
  expect(await runCommand(createInitCommand, ['sub/team.yaml', '--hierarchical'], { cwd })).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": "",
      "stdout": "Wrote sub/team.yaml, and sub/.crew/crew.schema.json by which editors complete and explain it.

    Next:
      crew validate sub/team.yaml
      export OPENAI_API_KEY=…      (or write it into .env beside the file)
      crew kickoff sub/team.yaml --input topic="heat pumps"
    ",
    }
  `);
});

test('writes crews that are sound, without a warning', async () => {
  const cwd = temporaryFolder();
  await runCommand(createInitCommand, ['a.yaml'], { cwd });
  await runCommand(createInitCommand, ['b.yaml', '--hierarchical'], { cwd });
  expect(await runCommand(createValidateCommand, ['a.yaml', 'b.yaml'], { cwd, env })).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": "",
      "stdout": "a.yaml: ok (2 agents, 2 tasks, sequential)
    b.yaml: ok (2 agents, 2 tasks, hierarchical)
    ",
    }
  `);
});

test('writes the schema that the first line names, where git ignores it', async () => {
  const cwd = temporaryFolder();
  await runCommand(createInitCommand, ['sub/crew.yaml'], { cwd });
  const [firstLine] = readFileSync(join(cwd, 'sub/crew.yaml'), 'utf8').split('\n');
  expect(firstLine).toBe('# yaml-language-server: $schema=.crew/crew.schema.json');
  const schema: unknown = JSON.parse(readFileSync(join(cwd, 'sub/.crew/crew.schema.json'), 'utf8'));
  expect(schema).toEqual(createDefinitionSchema());
  expect(readFileSync(join(cwd, 'sub/.crew/.gitignore'), 'utf8')).toBe('*\n');
});

test('never overwrites', async () => {
  const cwd = temporaryFolder({ 'crew.yaml': 'mine' });
  expect(await runCommand(createInitCommand, [], { cwd })).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: crew.yaml is there already; nothing was written
    hint: name another file: crew init my-crew.yaml
    ",
      "stdout": "",
    }
  `);
  expect(readFileSync(join(cwd, 'crew.yaml'), 'utf8')).toBe('mine');
});

test('says that it cannot write', async () => {
  const cwd = temporaryFolder({ file: '', 'folder.yaml/x': '' });
  expect(await runCommand(createInitCommand, ['folder'], { cwd })).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: folder is not the name of a YAML file
    hint: crew init folder/crew.yaml
    ",
      "stdout": "",
    }
  `);
  expect(await runCommand(createInitCommand, ['file/crew.yaml'], { cwd })).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: cannot write into file/.crew: a part of the path is a file, not a folder
    ",
      "stdout": "",
    }
  `);
  expect(await runCommand(createInitCommand, ['folder.yaml'], { cwd })).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: folder.yaml is there already; nothing was written
    hint: name another file: crew init my-folder.yaml
    ",
      "stdout": "",
    }
  `);
});
