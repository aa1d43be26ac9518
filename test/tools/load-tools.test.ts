import { describe, expect, it } from 'vitest';
import { BUILTIN_TOOL_NAMES } from '../../src/definition/tool-names.js';
import type { ToolReference } from '../../src/definition/types.js';
import { CrewError } from '../../src/errors.js';
import { loadTools } from '../../src/tools/load-tools.js';
import { TOOLS } from '../../src/tools/registry.js';
import type { Tool } from '../../src/tools/tool.js';
import { findSchemaProblem } from '../../src/util/check-json-schema.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const tool = (name: string) =>
  `{ name: '${name}', description: 'x', parameters: { type: 'object' }, execute: () => (globalThis as any).count }`;

const builtin = (name: string, settings = {}): ToolReference => ({ kind: 'builtin', name, settings });
const custom = (path: string, exportName?: string): ToolReference => ({ kind: 'module', path, exportName });

function load(
  references: readonly ToolReference[],
  files: Record<string, string> = {},
  folder = temporaryFolder(files),
): Promise<Tool[]> {
  return loadTools(references, { workingDirectory: folder, definitionDirectory: folder });
}

async function failureOf(references: readonly ToolReference[], files: Record<string, string> = {}): Promise<string> {
  const folder = temporaryFolder(files);
  const error = await load(references, files, folder).catch((thrown: unknown) => thrown);
  if (!(error instanceof CrewError)) throw new Error('no CrewError', { cause: error });
  expect(error.exitCode).toBe(2);
  const hint = error.hint === undefined ? '' : `\nhint: ${error.hint}`;
  return `${error.message}${hint}`.replaceAll(folder, '<folder>');
}

describe('loadTools', () => {
  it('gives the tools in the order of their references', async () => {
    const files = { 'a.ts': `export const b = ${tool('beta')}; export const c = ${tool('gamma')};` };
    const tools = await load([custom('./a.ts', 'c'), builtin('read_file'), custom('./a.ts', 'b')], files);
    expect(tools.map(({ name }) => name)).toEqual(['gamma', 'read_file', 'beta']);
  });

  it('gives nothing for nothing', async () => {
    expect(await load([])).toEqual([]);
  });

  it('gives a tool once, however often and by whatever path it is named', async () => {
    const files = { 'tools/a.ts': `export default ${tool('a')};` };
    const tools = await load(
      [custom('./tools/a.ts'), builtin('read_file'), custom('tools/../tools/a.ts'), builtin('read_file')],
      files,
    );
    expect(tools.map(({ name }) => name)).toEqual(['a', 'read_file']);
  });

  it('says which tools have one name', async () => {
    const files = { 'a.ts': `export default ${tool('search')};`, 'b.ts': `export const find = ${tool('search')};` };
    expect(await failureOf([custom('./a.ts'), custom('./b.ts', 'find')], files)).toMatchInlineSnapshot(`
      "two tools are called "search": ./a.ts and ./b.ts#find
      hint: give one of them another \`name\`"
    `);
    expect(await failureOf([builtin('read_file', { root: '.' }), builtin('read_file')])).toMatchInlineSnapshot(`
      "two tools are called "read_file": read_file with {"root":"."} and read_file
      hint: leave one of them out"
    `);
  });

  it('suggests the tool that was meant', async () => {
    expect(await failureOf([builtin('readfile')])).toMatchInlineSnapshot(`
      "there is no tool "readfile"
      hint: did you mean "read_file"?"
    `);
    expect(await failureOf([builtin('constructor')])).toMatchInlineSnapshot(`
      "there is no tool "constructor"
      hint: there are read_file, write_file, list_directory, ask_human"
    `);
  });

  it('says which settings do not fit', async () => {
    expect(await failureOf([builtin('read_file', { rot: 'a', root: 5 })])).toMatchInlineSnapshot(
      `"settings of read_file: root: must be a string, got 5; rot: is not allowed here"`,
    );
  });

  it('names every tool that is wrong at once', async () => {
    const files = { 'a.ts': 'export const b = ;', 'c.ts': "import 'nothing-here';" };
    const references = [custom('./a.ts'), builtin('serch'), custom('./c.ts'), custom('./d.ts'), builtin('write_file')];
    expect(await failureOf(references, files)).toMatchInlineSnapshot(`
      "4 tools cannot be loaded:
      - ./a.ts does not compile: Unexpected token
        a.ts:1:18
        export const b = ;
                         ^
      - there is no tool "serch" (there are read_file, write_file, list_directory, ask_human)
      - ./c.ts needs the package "nothing-here", which is not installed (npm install nothing-here)
      - ./d.ts: does not exist (looked for <folder>/d.ts)"
    `);
  });
});

describe('the digest of a tool', () => {
  const digestOf = async (reference: ToolReference, files: Record<string, string> = {}) =>
    (await load([reference], files))[0]?.digest;

  it('is the same for the same code, and another for other code, or another export of it', async () => {
    const files = { 'a.ts': `export const b = ${tool('a')}; export const c = ${tool('a')};` };
    const digest = await digestOf(custom('./a.ts', 'b'), files);
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
    expect(await digestOf(custom('./a.ts', 'b'), files)).toBe(digest);
    expect(await digestOf(custom('./a.ts', 'c'), files)).not.toBe(digest);
    expect(await digestOf(custom('./a.ts', 'b'), { 'a.ts': `${files['a.ts']}//` })).not.toBe(digest);
  });

  it('is another for other settings of a built-in tool', async () => {
    const digest = await digestOf(builtin('read_file', { root: '.' }));
    expect(await digestOf(builtin('read_file', { root: '.' }))).toBe(digest);
    expect(await digestOf(builtin('read_file', { root: './docs' }))).not.toBe(digest);
  });
});

describe('TOOLS', () => {
  it('has every tool that a definition may name, and sound schemas for them', () => {
    expect(Object.keys(TOOLS).toSorted()).toEqual([...BUILTIN_TOOL_NAMES].toSorted());
    for (const { settings, parameters } of Object.values(TOOLS)) {
      expect([findSchemaProblem(settings), findSchemaProblem(parameters)]).toEqual([undefined, undefined]);
    }
  });

  it('costs few characters on every model call', () => {
    for (const { description, parameters } of Object.values(TOOLS)) {
      expect(description.length + JSON.stringify(parameters).length).toBeLessThan(360);
    }
  });
});
