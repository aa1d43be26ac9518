import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { digestSource } from '../../../src/tools/own/source-digest.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

/** The digest of `tool.ts` among these files. */
function digest(files: Readonly<Record<string, string>>): Promise<string> {
  return digestSource(join(temporaryFolder(files), 'tool.ts'));
}

it('is the same for the same text, wherever it is', async () => {
  expect(await digest({ 'tool.ts': 'let a;' })).toBe(await digest({ 'tool.ts': 'let a;' }));
  expect(await digest({ 'tool.ts': 'let a;' })).not.toBe(await digest({ 'tool.ts': 'let b;' }));
});

it.each([
  ['an import', "import { x } from './part.js';", 'part.ts'],
  ['an import without names', 'import "./part.mjs";', 'part.mjs'],
  ['an import over several lines', "import {\n  x,\n} from\n  './part.ts';", 'part.ts'],
  ['an export', "export * from '../tools/part';", '../tools/part.ts'],
  ['require', "const x = require('./part');", 'part.cjs'],
  ['import()', "const x = await import( './part' );", 'part/index.ts'],
  ['an import with a comment', "import x from /* our own */ './part.js';", 'part.ts'],
  ['import() of a template', 'const x = await import(`./part.js`);', 'part.js'],
  ['a require of its own', "const x = createRequire(import.meta.url)('./part');", 'part.cjs'],
  ['a URL', "const x = await import(new URL('part.mjs', import.meta.url).href);", 'part.mjs'],
  ['a folder', "import x from './part';", 'part/index.mjs'],
  ['quotes out of step', `const it's = 1, x = import("./part.js");`, 'part.js'],
  ['an import of data', "import x from './part.json' with { type: 'json' };", 'part.json'],
])('changes with a file that is named by %s', async (_what, text, file) => {
  const folders = { 'tools/tool.ts': text, other: '' };
  const path = join('tools', file);
  const [before, same, after] = await Promise.all(
    ['1', '1', '2'].map((part) => digestSource(join(temporaryFolder({ ...folders, [path]: part }), 'tools/tool.ts'))),
  );
  expect(same).toBe(before);
  expect(after).not.toBe(before);
});

it('changes with files that package.json has names for', async () => {
  const files = {
    'tool.ts': "import '#part';",
    'package.json': '{"imports": {"#part": {"default": "./src/part.ts"}}}',
  };
  const before = await digest({ ...files, 'src/part.ts': '1', 'src/other.ts': '1' });
  expect(await digest({ ...files, 'src/part.ts': '2', 'src/other.ts': '1' })).not.toBe(before);
  const moved = { ...files, 'package.json': files['package.json'].replace('src/part', 'src/other') };
  expect(await digest({ ...moved, 'src/part.ts': '1', 'src/other.ts': '1' })).not.toBe(before);
});

it('does not change with data that is read', async () => {
  const files = { 'tool.ts': "readFileSync('./prices.json'); readFileSync('./prices.csv');" };
  const before = await digest({ ...files, 'prices.json': '1', 'prices.csv': '1' });
  expect(await digest({ ...files, 'prices.json': '2', 'prices.csv': '2' })).toBe(before);
});

it('follows imports of imports, and bears circles', async () => {
  const files = { 'tool.ts': "import './a.js';", 'a.ts': "import './b.js'; import './tool.js';" };
  const before = await digest({ ...files, 'b.ts': 'export const limit = 1;' });
  expect(await digest({ ...files, 'b.ts': 'export const limit = 2;' })).not.toBe(before);
});

it('passes over packages, folders, pipes and what is not there', async () => {
  const text = `import 'zod'; import 'node:fs'; import './gone.js'; import './folder'; import './pipe';`;
  const folder = temporaryFolder({ 'tool.ts': text, 'folder/a.txt': '' });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await digestSource(join(folder, 'tool.ts'))).toBe(await digest({ 'tool.ts': text }));
});
