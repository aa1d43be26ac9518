import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runProcess } from '../helpers/built-crew.js';
import { sharedFolder } from '../helpers/temporary-folder.js';
import { codeBlocks, ROOT } from './readme.js';

/** What of the repository's modules the package needs when it is installed: its dependencies, and Node's types. */
const MODULES = ['better-sqlite3', 'jiti', '@types/node'];

const examples = codeBlocks().filter(({ info }) => 'library' in info);
const folder = sharedFolder();
let files: readonly string[];

/** A project beside which nothing is installed but the package as it is packed. */
beforeAll(async () => {
  const { stdout } = await runProcess('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const [packed] = JSON.parse(stdout) as { readonly files: readonly { readonly path: string }[] }[];
  files = packed?.files.map(({ path }) => path) ?? [];
  for (const path of files) cpSync(join(ROOT, path), join(folder, 'node_modules/crew', path));
  mkdirSync(join(folder, 'node_modules/@types'));
  for (const name of MODULES) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  cpSync(join(ROOT, 'crews'), join(folder, 'crews'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const { info, text } of examples) writeFileSync(join(folder, info.file ?? ''), text);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('packs the built command, the examples and what a reader needs, and nothing else', () => {
  const kinds = new Set(files.map((path) => path.replace(/^(bin|crews|dist)\/.*/, '$1/')));
  expect([...kinds].toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin/',
    'crews/',
    'dist/',
    'package.json',
  ]);
  expect(files.filter((path) => /\.(map|db|tgz)$|\.test\./.test(path))).toEqual([]);
});

it('types the library without any other package, and the example of README compiles', async () => {
  const options =
    '--strict --exactOptionalPropertyTypes --skipLibCheck false --module nodenext --target es2023 --types node';
  const sources = examples.map(({ info }) => info.file ?? '');
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const outcome = await runProcess(process.execPath, [compiler, ...options.split(' '), '--ignoreConfig', ...sources], {
    cwd: folder,
  });
  expect(outcome).toMatchObject({ stdout: '', exitCode: 0 });
});

it('runs the example of README', async () => {
  const outcome = await runProcess(process.execPath, ['run.js'], { cwd: folder });
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  expect(outcome.stdout).toMatch(/^# The example crews\n/);
  expect(outcome.stderr).toMatch(/^survey: completed\nguide: completed\n[\d]+ tokens\n$/);
});
