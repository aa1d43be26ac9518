import { describe, expect, it } from 'vitest';
import type { ToolReference } from '../../src/definition/tool-types.js';
import { CrewError } from '../../src/errors.js';
import { loadToolLists, loadTools } from '../../src/tools/load-tools.js';
import { TOOLS } from '../../src/tools/registry.js';
import type { Tool } from '../../src/tools/tool.js';
import { findSchemaProblem } from '../../src/util/check-json-schema.js';
import { fixtureServer, mcpReference, openScene, refusalOf } from './mcp/scene.js';
import { builtinReference, loadOptions, moduleReference } from './references.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const tool = (name: string) =>
  `{ name: '${name}', description: 'x', parameters: { type: 'object' }, execute: () => (globalThis as any).count }`;

const builtin = builtinReference;
const custom = moduleReference;

function load(
  references: readonly ToolReference[],
  files: Record<string, string> = {},
  folder = temporaryFolder(files),
): Promise<Tool[]> {
  return loadTools(references, loadOptions(folder));
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
      hint: give one of them another \`name\`, or leave it out"
    `);
    expect(await failureOf([builtin('read_file', { root: '.' }), builtin('read_file')])).toMatchInlineSnapshot(`
      "two tools are called "read_file": read_file and read_file
      hint: give one of them another \`name\`, or leave it out"
    `);
  });

  it('names every tool that is wrong at once', async () => {
    const files = { 'a.ts': 'export const b = ;', 'c.ts': "import 'nothing-here';" };
    const references = [custom('./a.ts'), custom('./c.ts'), custom('./d.ts'), builtin('write_file')];
    expect(await failureOf(references, files)).toMatchInlineSnapshot(`
      "3 tools cannot be loaded:
      - ./a.ts does not compile: Unexpected token
        a.ts:1:18
        export const b = ;
                         ^
      - ./c.ts needs the package "nothing-here", which is not installed (npm install nothing-here)
      - ./d.ts: does not exist (looked for <folder>/d.ts)"
    `);
  });
});

describe('tools of MCP servers', () => {
  it('have names that no other tool of the crew has, whoever has them', async () => {
    const servers = { a: fixtureServer('search'), b: fixtureServer('search', { tools: ['search'] }) };
    const mcpServers = openScene(servers);
    const lists = new Map([
      ['writer', [mcpReference('mcp:a')]],
      ['reader', [mcpReference('mcp:b/search'), builtin('read_file')]],
      ['other', [mcpReference('mcp:a/search', { name: 'find' }), mcpReference('mcp:a/search')]],
    ]);
    const load = async (keys: readonly string[]) => {
      const some = new Map(keys.map((key) => [key, lists.get(key) ?? []]));
      const reservedNames = ['delegate_work_to_coworker'];
      const loaded = await loadToolLists(some, { ...loadOptions('/project', { mcpServers }), reservedNames });
      return Object.fromEntries([...loaded].map(([key, tools]) => [key, tools.map(({ name }) => name)]));
    };
    const names = await load(['writer', 'reader', 'other']);
    expect(names).toMatchInlineSnapshot(`
      {
        "other": [
          "find",
          "a_search",
        ],
        "reader": [
          "b_search",
          "read_file",
        ],
        "writer": [
          "a_delegate_work_to_coworker",
          "a_read_file",
          "a_search",
        ],
      }
    `);
    expect(await load(['other', 'reader', 'writer'])).toEqual(names);
  });

  it('are each there once, with the options of the reference that names them', async () => {
    const scene = openScene({ a: fixtureServer('search') });
    const tools = await scene.load('mcp:a', ['mcp:a/search', { maxUsageCount: 2 }], 'mcp:a/s*');
    expect(tools.map(({ name, maxUsageCount }) => [name, maxUsageCount])).toEqual([
      ['delegate_work_to_coworker', undefined],
      ['read_file', undefined],
      ['search', 2],
    ]);
  });

  it('are refused where two references say different things of one', async () => {
    const scene = openScene({ a: fixtureServer('search') });
    expect(await refusalOf(scene.load('mcp:a/s*', ['mcp:a/*ch', { cache: true }]))).toMatchInlineSnapshot(`
      "exit 2: two tools are called "search": mcp:a/s* and mcp:a/*ch
      hint: give one of them another \`name\`, or leave it out"
    `);
    expect(await refusalOf(scene.load('mcp:a/serch', 'mcp:a/raed_file'))).toMatchInlineSnapshot(`
      "exit 2: 2 tools cannot be loaded:
      - MCP server a offers no tool "serch" (did you mean "search"?)
      - MCP server a offers no tool "raed_file" (did you mean "read_file"?)"
    `);
  });

  it('have another digest where the server describes them otherwise', async () => {
    const [one] = await openScene({ a: fixtureServer('search') }).load('mcp:a/search');
    const [same] = await openScene({ a: fixtureServer('search') }).load('mcp:a/search');
    const [other] = await openScene({ a: fixtureServer('odd') }).load('mcp:a/wordy');
    expect(one?.digest).toBe(same?.digest);
    expect(one?.digest).not.toBe(other?.digest);
    expect(other?.description).toHaveLength(1024);
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
  /** Each tool, with the settings that it cannot do without. */
  const all = Object.keys(TOOLS).map((name) =>
    builtin(name, { programs: ['git'], database: 'a.db', provider: 'searxng', base_url: 'https://search.example' }),
  );

  it('has sound schemas', async () => {
    for (const { parameters } of await load(all)) expect(findSchemaProblem(parameters)).toBeUndefined();
  });

  it('costs few characters on every model call', async () => {
    for (const { description, parameters } of await load(all)) {
      expect(description.length + JSON.stringify(parameters).length).toBeLessThanOrEqual(400);
    }
  });
});
