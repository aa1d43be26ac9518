import { Validator } from '@cfworker/json-schema';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createDefinitionSchema } from '../../src/definition/definition-schema.js';
import { createStarterText } from '../../src/definition/starter-crew.js';
import { isJsonObject, type JsonObject } from '../../src/util/json.js';
import { SMALL_CREW } from '../helpers/check-text.js';

const FIXTURES = join(import.meta.dirname, '../fixtures/definitions');
const schema = createDefinitionSchema();
const validator = new Validator(schema as never, '7', false);

function validate(text: string): boolean {
  return validator.validate(parse(text, { merge: true })).valid;
}

test('describes itself and every field', () => {
  expect(schema).toMatchObject({ title: 'Crew', $schema: 'http://json-schema.org/draft-07/schema#' });
  const bare: string[] = [];
  const visit = (part: unknown, path: string): void => {
    if (Array.isArray(part)) for (const [index, item] of part.entries()) visit(item, `${path}/${index}`);
    if (!isJsonObject(part)) return;
    if (isJsonObject(part['properties'])) {
      for (const [name, field] of Object.entries(part['properties'])) {
        if (!describes(field)) bare.push(`${path}/${name}`);
      }
    }
    for (const [key, item] of Object.entries(part)) visit(item, `${path}/${key}`);
  };
  visit(schema, '');
  expect(bare).toEqual([]);
});

function describes(field: unknown): boolean {
  if (!isJsonObject(field)) return false;
  if (typeof field['description'] === 'string') return true;
  const name = String(field['$ref'] ?? '').replace('#/definitions/', '');
  return (
    isJsonObject((schema['definitions'] as JsonObject)[name] ?? null) &&
    describes((schema['definitions'] as JsonObject)[name])
  );
}

test('accepts every definition that loads', () => {
  const files = readdirSync(FIXTURES).filter((file) => /\.(yaml|json)$/.test(file));
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect([file, validate(readFileSync(join(FIXTURES, file), 'utf8'))]).toEqual([file, true]);
  expect(validate(createStarterText(false))).toBe(true);
  expect(validate(createStarterText(true))).toBe(true);
});

test('accepts definitions that are put together from several places', () => {
  expect(validate(SMALL_CREW.replace('goal: Write, ', 'config: { goal: Write }, type: Agent, '))).toBe(true);
  expect(validate('extends: shared.yaml\n')).toBe(true);
  expect(validate('config: "{}"\n')).toBe(true);
  expect(validate('agents: [writer]\ntasks: tasks.yaml\n')).toBe(true);
  expect(validate('agents: [{ name: writer, config: {} }]\nextends: [a.yaml, b.yaml]\n')).toBe(true);
  expect(validate('agents: [writer]\n')).toBe(false);
  expect(validate('agents: [{ config: {} }, { name: writer }]\nextends: a.yaml\n')).toBe(false);
});

test('refuses unknown keys, missing and wrong fields', () => {
  expect(validate(SMALL_CREW)).toBe(true);
  expect(validate(`colour: blue\n${SMALL_CREW}`)).toBe(false);
  expect(validate(SMALL_CREW.replace('goal: Write, ', ''))).toBe(false);
  expect(validate(SMALL_CREW.replace('expected_output: Text', 'expected_output: 5'))).toBe(false);
  expect(validate(SMALL_CREW.replace('Wrote }', 'Wrote, max_iter: 0 }'))).toBe(false);
});

test('knows what each tool may be given', () => {
  const tool = (text: string, top = ''): boolean =>
    validate(`${top}${SMALL_CREW.replace('Wrote }', `Wrote, tools: [${text}] }`)}`);
  expect(tool('read_file, ./tools/x.ts#look, "mcp:files/read_*", prices')).toBe(true);
  expect(tool('{ use: read_file, root: docs, timeout: 5s }, { use: FileReadTool, root: docs }')).toBe(true);
  expect(tool('{ use: read_file, rot: docs }')).toBe(false);
  expect(tool('{ use: read_file, effects: none }')).toBe(false);
  expect(tool('{ use: FileReadTool, max_rows: 5 }')).toBe(false);
  expect(tool('{ use: "./tools/x.ts#look", effects: none, retries: 2 }')).toBe(true);
  expect(tool('{ use: ./tools/x.ts, root: docs }')).toBe(false);
  expect(tool('{ use: "mcp:files", timeout: 5s }, { use: prices, timeout: 5s }')).toBe(true);
  expect(tool('{ name: a, description: A, parameters: { city: string }, command: [python3, x.py] }')).toBe(true);
  expect(tool('{ name: a, command: [python3, x.py] }')).toBe(false);
  expect(
    tool('prices', 'tools: { prices: ./tools/x.ts, read_file: { root: docs }, web_search: { use: ./x.ts } }\n'),
  ).toBe(true);
  expect(tool('read_file', 'tools: { read_file: { rot: docs } }\n')).toBe(false);
  expect(tool('files', 'mcp_servers: { files: { command: npx, args: [x], required: false } }\n')).toBe(true);
  expect(tool('files', 'mcp_servers: { files: { comand: npx } }\n')).toBe(false);
  expect(tool('read_file', 'permissions: { deny: ["write_file(path=out/**)"] }\n')).toBe(true);
  expect(tool('read_file', 'permissions: { denied: [] }\n')).toBe(false);
});
