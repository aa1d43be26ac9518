import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { parseInputFlags, type InputFlagsOptions } from '../../src/definition/input-flags.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

interface ParseOptions extends Partial<InputFlagsOptions> {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly typed?: string;
}

function parse({ files = {}, typed = '', ...flags }: ParseOptions) {
  return parseInputFlags({
    flags: [],
    workingDirectory: temporaryFolder(files),
    stdin: Readable.from([typed]),
    ...flags,
  });
}

async function failureOf(options: ParseOptions): Promise<string> {
  const error: unknown = await parse(options).catch((reason: unknown) => reason);
  if (!(error instanceof Error)) throw new Error('nothing was thrown');
  const { hint } = error as { hint?: string };
  return `\n${error.name}: ${error.message}${hint === undefined ? '' : `\nhint: ${hint}`}\n`;
}

test('reads name=value; the last one of a name wins', async () => {
  expect(await parse({ flags: ['a=1', 'b=x=y', 'c=', 'a=2'] })).toEqual({ a: '2', b: 'x=y', c: '' });
});

test('reads the text of a file, without its last line break, and @@ as @', async () => {
  const files = { 'notes/a.md': '\uFEFFone\n\ntwo\r\n' };
  expect(await parse({ flags: ['a=@notes/a.md', 'b=@@crew'], files })).toEqual({ a: 'one\n\ntwo', b: '@crew' });
});

test('reads a YAML or JSON file or stdin; flags win', async () => {
  const files = { 'a.yaml': 'topic: solar\nyear: 2024\ntags: [a, b]\n', 'b.json': '{"topic": {"k": true}}' };
  expect(await parse({ inputsFile: 'a.yaml', flags: ['topic=wind'], files })).toEqual({
    topic: 'wind',
    year: 2024,
    tags: ['a', 'b'],
  });
  expect(await parse({ inputsFile: 'b.json', files })).toEqual({ topic: { k: true } });
  expect(await parse({ inputsFile: '-', typed: 'topic: solar\n' })).toEqual({ topic: 'solar' });
  expect(await parse({ inputsFile: '-', typed: '' })).toEqual({});
});

test('says what is wrong with a flag or a file', async () => {
  expect(await failureOf({ flags: ['topic'] })).toMatchInlineSnapshot(`
    "
    UsageError: --input topic: this is not name=value
    hint: write --input topic=solar, or --input topic=@file for the text of a file
    "
  `);
  expect(await failureOf({ flags: ['=x'] })).toMatchInlineSnapshot(`
    "
    UsageError: --input =x: this is not name=value
    hint: write --input topic=solar, or --input topic=@file for the text of a file
    "
  `);
  expect(await failureOf({ flags: ['the topic=x'] })).toMatchInlineSnapshot(`
    "
    UsageError: --input the topic=x: this is not name=value
    hint: write --input topic=solar, or --input topic=@file for the text of a file
    "
  `);
  expect(await failureOf({ flags: ['a=@none.md'] })).toMatchInlineSnapshot(`
    "
    UsageError: --input a=@none.md: there is no such file
    "
  `);
  expect(await failureOf({ inputsFile: 'none.yaml' })).toMatchInlineSnapshot(`
    "
    UsageError: --inputs none.yaml: there is no such file
    "
  `);
  expect(await failureOf({ inputsFile: 'a.yaml', files: { 'a.yaml': '- topic\n' } })).toMatchInlineSnapshot(`
    "
    UsageError: --inputs a.yaml: must hold a map of names to values, not a list
    hint: one line for each input, such as topic: solar
    "
  `);
  expect(await failureOf({ inputsFile: 'a.yaml', files: { 'a.yaml': 'a: "b\n' } })).toMatchInlineSnapshot(`
    "
    UsageError: a.yaml:1:4 not valid YAML: the closing " is missing
      1 | a: "b
        |    ^
        = the YAML parser says: Missing closing "quote
    "
  `);
  expect(await failureOf({ inputsFile: '-', typed: 'a: 1\na: 2\n' })).toMatchInlineSnapshot(`
    "
    UsageError: stdin:2:1 a: a is written twice in the same map
      2 | a: 2
        | ^
    "
  `);
});
