import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { loadModuleExport } from '../../src/util/load-module.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** What a person is told when `path` of these files cannot be loaded; the folder's own path reads `<folder>`. */
async function failureOf(files: Record<string, string>, path: string, exportName?: string): Promise<string> {
  const folder = temporaryFolder(files);
  const error = await loadModuleExport(path, exportName, { directory: folder }).catch((thrown: unknown) => thrown);
  if (!(error instanceof UsageError)) throw new Error('no UsageError', { cause: error });
  const hint = error.hint === undefined ? '' : `\nhint: ${error.hint}`;
  return `${error.message}${hint}`.replaceAll(folder, '<folder>');
}

const isText = (value: unknown) => typeof value === 'string';

describe('loadModuleExport', () => {
  it('gives a named export of a TypeScript file', async () => {
    const directory = temporaryFolder({ 'tools/a.ts': 'enum E { a = 1 }\nexport const one: number = E.a;' });
    expect(await loadModuleExport('./tools/a.ts', 'one', { directory })).toEqual({ name: 'one', value: 1 });
  });

  it('gives the default export where none is named', async () => {
    const directory = temporaryFolder({ 'a.mjs': 'export const b = 1;\nexport default 2;' });
    expect(await loadModuleExport('a.mjs', undefined, { directory })).toEqual({ name: 'default', value: 2 });
  });

  it('gives the only export that is accepted where there is no default', async () => {
    const directory = temporaryFolder({ 'a.ts': 'export const b = 1;\nexport const c = "x";' });
    expect(await loadModuleExport('a.ts', undefined, { directory, accepts: isText })).toEqual({
      name: 'c',
      value: 'x',
    });
  });

  it('prefers the only accepted export over a default of another kind', async () => {
    const directory = temporaryFolder({ 'a.ts': 'export default 1;\nexport const c = "x";' });
    expect(await loadModuleExport('a.ts', undefined, { directory, accepts: isText })).toEqual({
      name: 'c',
      value: 'x',
    });
  });

  it('reads CommonJS', async () => {
    const directory = temporaryFolder({ 'a.cjs': 'module.exports = { b: 1 };' });
    expect(await loadModuleExport('a.cjs', 'b', { directory })).toEqual({ name: 'b', value: 1 });
    expect((await loadModuleExport('a.cjs', 'default', { directory })).value).toEqual({ b: 1 });
  });

  it('waits for a module that awaits, and follows its imports written with .js', async () => {
    const directory = temporaryFolder({
      'a.ts': "import { b } from './lib/b.js';\nexport const c = await Promise.resolve(b + 1);",
      'lib/b.ts': 'export const b: number = 1;',
    });
    expect((await loadModuleExport('a.ts', 'c', { directory })).value).toBe(2);
  });

  it('runs a file once, and writes nothing beside it', async () => {
    const directory = temporaryFolder({ 'a.ts': 'export const first = {};\nexport const second = first;' });
    const first = await loadModuleExport('./a.ts', 'first', { directory });
    const second = await loadModuleExport(join(directory, 'a.ts'), 'second', { directory });
    expect(second.value).toBe(first.value);
    expect(readdirSync(directory)).toEqual(['a.ts']);
  });

  it('says that a file is missing', async () => {
    expect(await failureOf({}, './tools/a.ts', 'b')).toMatchInlineSnapshot(`
      "./tools/a.ts: does not exist
      hint: looked for <folder>/tools/a.ts"
    `);
  });

  it('refuses a folder', async () => {
    expect(await failureOf({ 'tools/a.ts': '' }, './tools')).toMatchInlineSnapshot(`
      "./tools is not a file
      hint: looked at <folder>/tools"
    `);
  });

  it('refuses other languages', async () => {
    expect(await failureOf({ 'a.py': 'print(1)' }, './a.py')).toMatchInlineSnapshot(`
      "./a.py is neither TypeScript nor JavaScript
      hint: it has to end in .ts, .mts, .cts, .js, .mjs, .cjs"
    `);
  });

  it('shows the place where a file does not compile', async () => {
    const files = { 'tools/a.ts': 'export const a = 1;\nexport const b: = {;\n' };
    expect(await failureOf(files, './tools/a.ts')).toMatchInlineSnapshot(`
      "./tools/a.ts does not compile: Unexpected token
        tools/a.ts:2:17
        export const b: = {;
                        ^"
    `);
  });

  it('shows the place in an imported file that does not compile', async () => {
    const files = {
      'a.ts': "import { b } from './lib/b.js';\nexport const c = b;",
      'lib/b.ts': 'export const b = ;\n',
    };
    expect(await failureOf(files, './a.ts')).toMatchInlineSnapshot(`
      "./a.ts does not compile: Unexpected token
        lib/b.ts:1:18
        export const b = ;
                         ^"
    `);
  });

  it('shows the line that throws when a file is loaded', async () => {
    const files = {
      'a.ts':
        'interface Key {\n  a: string;\n}\nfunction key(): Key {\n\tthrow new Error("no key given");\n}\nexport default key();',
    };
    expect(await failureOf(files, './a.ts')).toMatchInlineSnapshot(`
      "./a.ts fails when it is loaded: no key given
        a.ts:5
         throw new Error("no key given");"
    `);
  });

  it('tells it again when the file is loaded again', async () => {
    const directory = temporaryFolder({ 'a.ts': 'throw new Error("no key given");' });
    const load = () => loadModuleExport('a.ts', undefined, { directory });
    await expect(load()).rejects.toThrow('no key given');
    await expect(load()).rejects.toThrow('no key given');
  });

  it('shows what is thrown that is no error', async () => {
    expect(await failureOf({ 'a.ts': "throw 'just a text';" }, './a.ts')).toMatchInlineSnapshot(
      `"./a.ts fails when it is loaded: just a text"`,
    );
  });

  it('names a package that is not installed', async () => {
    const files = { 'a.ts': "import { x } from '@acme/search/deep';\nexport default x;" };
    expect(await failureOf(files, './a.ts')).toMatchInlineSnapshot(`
      "./a.ts needs the package "@acme/search", which is not installed
      hint: npm install @acme/search"
    `);
  });

  it('names an import of an import that is not there', async () => {
    const files = {
      'a.ts': "import { b } from './lib/b.js';\nexport default b;",
      'lib/b.ts': "export { b } from './c.js';",
    };
    expect(await failureOf(files, './a.ts')).toMatchInlineSnapshot(
      `"./a.ts cannot be loaded: lib/b.ts imports "./c.js", which does not exist"`,
    );
  });

  it('names a module that Node does not have', async () => {
    expect(
      await failureOf({ 'a.ts': "import x from 'node:nothing';\nexport default x;" }, './a.ts'),
    ).toMatchInlineSnapshot(`"./a.ts fails when it is loaded: No such built-in module: node:nothing"`);
  });

  it('lists the exports when the named one is missing', async () => {
    const files = { 'a.ts': 'export const search = 1;\nexport const lookup = 2;' };
    expect(await failureOf(files, './a.ts', 'serch')).toMatchInlineSnapshot(`
      "./a.ts has no export "serch"; it exports lookup, search
      hint: did you mean "search"?"
    `);
  });

  it('asks for a name where several could be meant', async () => {
    const files = { 'a.ts': 'export const search = 1;\nexport const lookup = 2;' };
    expect(await failureOf(files, './a.ts')).toMatchInlineSnapshot(`
      "./a.ts has no default export; it exports lookup, search
      hint: name the one you mean: ./a.ts#lookup"
    `);
  });

  it('says that a file exports nothing', async () => {
    expect(await failureOf({ 'a.ts': 'const a = 1;' }, './a.ts')).toMatchInlineSnapshot(
      `"./a.ts has no default export; it exports nothing"`,
    );
  });
});
