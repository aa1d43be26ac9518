import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findDefinitionFile } from '../../src/definition/find-definition-file.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('takes crew.yaml, then crew/crew.yaml', async () => {
  expect(await findDefinitionFile(temporaryFolder({ 'crew.yaml': '', 'crew/crew.yaml': '' }))).toBe('crew.yaml');
  expect(await findDefinitionFile(temporaryFolder({ 'crew/crew.yaml': '' }))).toBe(join('crew', 'crew.yaml'));
  expect(await findDefinitionFile(temporaryFolder({ 'crew.yaml/x': '', 'crew/crew.yaml': '' }))).toBe(
    join('crew', 'crew.yaml'),
  );
});

test("takes crewAI's crew.jsonc and crew.json, after YAML", async () => {
  expect(await findDefinitionFile(temporaryFolder({ 'crew.jsonc': '', 'crew.yml': '' }))).toBe('crew.yml');
  expect(await findDefinitionFile(temporaryFolder({ 'crew.jsonc': '', 'crew.json': '' }))).toBe('crew.jsonc');
  expect(await findDefinitionFile(temporaryFolder({ 'crew.json': '', 'crew/crew.yaml': '' }))).toBe('crew.json');
});

test('says what it looked for', async () => {
  const failure = findDefinitionFile(temporaryFolder());
  await expect(failure).rejects.toMatchObject({
    message: 'there is no crew.yaml and no crew.jsonc, neither here nor in crew/',
    hint: 'name a file, or write one with `crew init`',
    exitCode: 2,
  });
});
