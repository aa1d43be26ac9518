import { expect, test } from 'vitest';
import { createSchemaCommand } from '../../src/commands/schema.js';
import { createDefinitionSchema } from '../../src/definition/definition-schema.js';
import { runCommand } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('prints the JSON Schema of a definition', async () => {
  const outcome = await runCommand(createSchemaCommand, [], { cwd: temporaryFolder() });
  expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  expect(JSON.parse(outcome.stdout)).toEqual(createDefinitionSchema());
});
