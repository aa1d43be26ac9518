import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rename, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadTools } from '../../../src/tools/load-tools.js';
import { locateInRoot, openRegularFile } from '../../../src/tools/files/root.js';
import type { Tool } from '../../../src/tools/tool.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { builtinTool } from '../builtin.js';
import { callPlain } from '../call-plain.js';
import { builtinReference, loadOptions } from '../references.js';

const isRoot = process.getuid?.() === 0;

/** `<folder>/work` is the root; beside it lies what nobody may reach. */
function workplace(): { readonly top: string; readonly work: string } {
  const top = temporaryFolder({
    'secret.txt': 'top secret',
    'elsewhere/secret.txt': 'top secret',
    'work/a.txt': 'fine',
    'work/.env': 'KEY=1',
    'work/.env.local': 'KEY=1',
    'work/.git/config': '[core]',
    'work/.crew/crew.db': 'db',
    'work/certs/server.pem': 'key',
    'work/certs/id_rsa': 'key',
    'work/certs/id_rsa.pub': 'public',
    'work/sub/.npmrc': 'token',
    'work/sub/b.txt': 'b',
  });
  const work = join(top, 'work');
  symlinkSync('../secret.txt', join(work, 'link-out'));
  symlinkSync('../elsewhere', join(work, 'folder-out'));
  symlinkSync('a.txt', join(work, 'link-in'));
  symlinkSync('sub', join(work, 'folder-in'));
  symlinkSync('.env', join(work, 'innocent.txt'));
  symlinkSync('../nothing', join(work, 'dangling'));
  symlinkSync('loop', join(work, 'loop'));
  return { top, work };
}

const outside = (path: string) =>
  `refused: ${path} is outside <folder>/work, the only folder this tool may use; give a path inside it`;
const offLimits = (path: string, part: string) =>
  `refused: ${path} is off limits: ${part} may hold secrets; go on without it`;

const attacks: readonly [string, string][] = [
  ['../secret.txt', outside('../secret.txt')],
  ['..', outside('..')],
  ['sub/../../secret.txt', outside('sub/../../secret.txt')],
  ['/etc/passwd', outside('/etc/passwd')],
  ['/dev/zero', outside('/dev/zero')],
  ['link-out', outside('link-out')],
  ['folder-out/secret.txt', outside('folder-out/secret.txt')],
  ['folder-out/new/file.txt', outside('folder-out/new/file.txt')],
  ['dangling', 'refused: dangling: has a symbolic link in it that cannot be followed'],
  ['dangling/x', 'refused: dangling/x: has a symbolic link in it that cannot be followed'],
  ['loop', 'refused: loop: has a symbolic link in it that cannot be followed'],
  ['.env', offLimits('.env', '.env')],
  ['.ENV', offLimits('.ENV', '.ENV')],
  ['./.env.local', offLimits('./.env.local', '.env.local')],
  ['.git/config', offLimits('.git/config', '.git')],
  ['sub/../.git/hooks/pre-commit', offLimits('sub/../.git/hooks/pre-commit', '.git')],
  ['.crew/crew.db', offLimits('.crew/crew.db', '.crew')],
  ['certs/server.pem', offLimits('certs/server.pem', 'server.pem')],
  ['certs/id_rsa', offLimits('certs/id_rsa', 'id_rsa')],
  ['sub/.npmrc', offLimits('sub/.npmrc', '.npmrc')],
  ['.GIT/config', offLimits('.GIT/config', '.GIT')],
  ['.e\u00adnv', offLimits('.e\u00adnv', '.e\u00adnv')],
  ['.env.', offLimits('.env.', '.env.')],
  ['.env/', offLimits('.env/', '.env')],
  ['folder-in/.npmrc', offLimits('folder-in/.npmrc', '.npmrc')],
  ['./././../here/../secret.txt', outside('./././../here/../secret.txt')],
  ['//etc/passwd', outside('//etc/passwd')],
  ['/proc/self/environ', outside('/proc/self/environ')],
  ['innocent.txt', offLimits('innocent.txt', '.env')],
  ['a.txt/b', 'refused: a.txt/b: a part of the path is a file, not a folder'],
  ['', 'refused: "" is not a path'],
  ['a\0.txt', 'refused: "a\\u0000.txt" is not a path'],
  ['n'.repeat(300), `refused: ${'n'.repeat(300)}: the name is too long`],
];

describe('the root of file tools', () => {
  it.each(attacks)('keeps reading away from %j', async (path, words) => {
    const { top, work } = workplace();
    expect(await callPlain(await builtinTool('read_file', work), { path }, top)).toBe(words);
  });

  it.each(attacks)('keeps writing away from %j', async (path, words) => {
    const { top, work } = workplace();
    expect(await callPlain(await builtinTool('write_file', work), { path, content: 'owned' }, top)).toBe(words);
    expect(readFileSync(join(top, 'secret.txt'), 'utf8')).toBe('top secret');
    expect(readFileSync(join(work, '.env'), 'utf8')).toBe('KEY=1');
  });

  it.each(attacks)('keeps editing away from %j', async (path, words) => {
    const { top, work } = workplace();
    const edit = await builtinTool('edit_file', work);
    expect(await callPlain(edit, { path, old_text: 'KEY=1', new_text: 'owned' }, top)).toBe(words);
    expect(readFileSync(join(work, '.env'), 'utf8')).toBe('KEY=1');
  });

  it.each(['..', '/', 'folder-out', '../elsewhere'])('keeps searching away from %j', async (path) => {
    const { top, work } = workplace();
    expect(await callPlain(await builtinTool('search_files', work), { path, pattern: 'secret' }, top)).toBe(
      outside(path),
    );
  });

  it('finds nothing that is off limits, by any search', async () => {
    const { work } = workplace();
    const found = await Promise.all([
      callPlain(await builtinTool('search_files', work), { pattern: 'KEY|key|secret|core|token|db' }),
      callPlain(await builtinTool('search_documents', work, { files: ['**'] }), { query: 'KEY secret core token db' }),
      callPlain(await builtinTool('search_files', work), { files: '**' }),
    ]);
    expect(found).toEqual([
      '[nothing found]',
      '[nothing found; try other words]',
      'a.txt\ncerts/id_rsa.pub\nsub/b.txt',
    ]);
  });

  it('keeps writing away from the files that the crew is made of', async () => {
    const folder = temporaryFolder({ 'crew.yaml': 'name: x', 'tools/price.ts': 'export default 1', 'a.txt': 'x' });
    const ownFiles = new Set(['crew.yaml', 'tools/price.ts', 'tools/new.ts'].map((name) => join(folder, name)));
    const references = [builtinReference('write_file'), builtinReference('edit_file')];
    const [write, edit] = (await loadTools(references, loadOptions(folder, { ownFiles }))) as [Tool, Tool];
    const words = (path: string): string =>
      `refused: ${path} is off limits: it is a part of this crew; write another file`;
    expect(await callPlain(write, { path: 'crew.yaml', content: '' })).toBe(words('crew.yaml'));
    expect(await callPlain(write, { path: 'tools/new.ts', content: '' })).toBe(words('tools/new.ts'));
    expect(await callPlain(edit, { path: './tools/../tools/price.ts', old_text: '1', new_text: '2' })).toBe(
      words('./tools/../tools/price.ts'),
    );
    expect(await callPlain(edit, { path: 'a.txt', old_text: 'x', new_text: 'y' })).toBe('edited a.txt: line 1');
    for (const path of ['.vscode/tasks.json', '.husky/pre-commit', '.ZSHRC']) {
      expect(await callPlain(write, { path, content: '' })).toContain('holds code that others run');
    }
    expect(await callPlain(write, { path: 'tools/node_modules/zod/index.js', content: '' })).toBe(
      'refused: tools/node_modules/zod/index.js is off limits: node_modules holds code that others run; write another file',
    );
  });

  it('keeps writing away from what a program of the crew would import', async () => {
    const folder = temporaryFolder({ 'tools/price.py': 'import json' });
    const ownFiles = new Set([join(folder, 'tools/price.py')]);
    const [write] = (await loadTools([builtinReference('write_file')], loadOptions(folder, { ownFiles }))) as [Tool];
    const outcomes = [
      'tools/json.py',
      'tools/json/__init__.py',
      'tools/__pycache__/price.cpython-311.pyc',
      'src/json.py',
      'tools/a.txt',
    ];
    const results = outcomes.map(async (path) => callPlain(write, { path, content: 'x' }));
    expect((await Promise.all(results)).join('\n')).toMatchInlineSnapshot(`
      "refused: tools/json.py is off limits: price.py of this crew would find it; write elsewhere
      refused: tools/json/__init__.py is off limits: price.py of this crew would find it; write elsewhere
      refused: tools/__pycache__/price.cpython-311.pyc is off limits: __pycache__ holds code that others run; write another file
      wrote src/json.py (1 byte)
      wrote tools/a.txt (1 byte)"
    `);
  });

  it.each(['..', '/', 'folder-out', '../elsewhere'])('keeps listing away from %j', async (path) => {
    const { top, work } = workplace();
    expect(await callPlain(await builtinTool('list_directory', work), { path }, top)).toBe(outside(path));
  });

  it('reads through links that stay inside, and public keys', async () => {
    const { work } = workplace();
    const read = await builtinTool('read_file', work);
    expect(await callPlain(read, { path: 'link-in' })).toBe('fine');
    expect(await callPlain(read, { path: 'folder-in/b.txt' })).toBe('b');
    expect(await callPlain(read, { path: join(work, 'a.txt') })).toBe('fine');
    expect(await callPlain(read, { path: 'certs/id_rsa.pub' })).toBe('public');
  });

  it('does not write through links, also when they stay inside', async () => {
    const { work } = workplace();
    const write = await builtinTool('write_file', work);
    expect(await callPlain(write, { path: 'link-in', content: 'x' })).toBe(
      'refused: link-in leads through a symbolic link; write to a.txt itself',
    );
    expect(await callPlain(write, { path: 'folder-in/new/c.txt', content: 'x' })).toBe(
      'refused: folder-in/new/c.txt leads through a symbolic link; write to sub/new/c.txt itself',
    );
    expect(
      await callPlain(await builtinTool('edit_file', work), { path: 'link-in', old_text: 'fine', new_text: 'x' }),
    ).toBe('refused: link-in leads through a symbolic link; write to a.txt itself');
    expect(readFileSync(join(work, 'a.txt'), 'utf8')).toBe('fine');
  });

  it('may be a link itself, and be named by either path', async () => {
    const { top, work } = workplace();
    symlinkSync('work', join(top, 'alias'));
    const read = await builtinTool('read_file', top, { root: 'alias' });
    expect(await callPlain(read, { path: 'a.txt' })).toBe('fine');
    expect(await callPlain(read, { path: join(top, 'alias/a.txt') })).toBe('fine');
    expect(await callPlain(read, { path: join(work, 'a.txt') })).toBe('fine');
    expect(
      await callPlain(await builtinTool('write_file', top, { root: 'alias' }), { path: 'n/new.txt', content: 'x' }),
    ).toBe('wrote n/new.txt (1 byte)');
  });

  it('need not exist before something is written', async () => {
    const { work } = workplace();
    const read = await builtinTool('read_file', work, { root: 'out' });
    expect(await callPlain(read, { path: 'a.md' })).toBe('refused: a.md: does not exist');
    await callPlain(await builtinTool('write_file', work, { root: 'out' }), { path: 'a.md', content: 'x' });
    expect(await callPlain(read, { path: 'a.md' })).toBe('x');
  });

  it('has to be a folder', async () => {
    const { work } = workplace();
    await expect(builtinTool('read_file', work, { root: 'a.txt' })).rejects.toMatchObject({
      exitCode: 2,
      message: 'root a.txt is not a folder',
    });
  });

  it.each([
    ['sub', 'a folder'],
    ['pipe', 'a named pipe'],
    ['socket', 'a socket'],
  ])('says that %s is %s, and leaves it alone', async (path, kind) => {
    const { work } = workplace();
    execFileSync('mkfifo', [join(work, 'pipe')]);
    const server = createServer().listen(join(work, 'socket'));
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const words = `refused: ${path} is ${kind}, not a file`;
    expect(await callPlain(await builtinTool('read_file', work), { path })).toBe(words);
    expect(await callPlain(await builtinTool('write_file', work), { path, content: 'x' })).toBe(words);
    expect(await callPlain(await builtinTool('edit_file', work), { path, old_text: 'a', new_text: 'b' })).toBe(words);
    expect(await callPlain(await builtinTool('search_files', work), { pattern: 'secret', path: '.' })).toBe(
      '[nothing found]',
    );
    expect(statSync(join(work, path)).isFile()).toBe(false);
  });

  it('does not read devices', async () => {
    const read = await builtinTool('read_file', '/', { root: '/dev' });
    expect(await callPlain(read, { path: 'zero' })).toBe('refused: zero is a device, not a file');
  });

  it('notices a file that is swapped for a link after it was found', async () => {
    const { top, work } = workplace();
    const place = await locateInRoot(work, 'a.txt');
    renameSync(join(work, 'a.txt'), join(work, 'old.txt'));
    symlinkSync(join(top, 'secret.txt'), join(work, 'a.txt'));
    await expect(openRegularFile(place)).rejects.toThrow('a.txt is a symbolic link, not a file');
  });

  it('reads a file that others replace all the time', async () => {
    const { work } = workplace();
    const [read, write] = [await builtinTool('read_file', work), await builtinTool('write_file', work)];
    const writing = Promise.all(Array.from({ length: 50 }, () => callPlain(write, { path: 'a.txt', content: 'fine' })));
    const answers: string[] = [];
    for (let count = 0; count < 50; count += 1) answers.push(await callPlain(read, { path: 'a.txt' }));
    await writing;
    expect(new Set(answers)).toEqual(new Set(['fine']));
  });

  it('notices a folder that is swapped for a link after the file was found', async () => {
    const { top, work } = workplace();
    const place = await locateInRoot(work, 'sub/b.txt');
    renameSync(join(work, 'sub'), join(top, 'moved'));
    symlinkSync(join(top, 'moved'), join(work, 'sub'));
    await expect(openRegularFile(place)).rejects.toThrow('sub/b.txt was replaced just now; try again');
  });

  it.runIf(process.platform === 'linux')('writes nothing outside while folders are swapped for links', async () => {
    const { top, work } = workplace();
    const write = await builtinTool('write_file', work);
    let isOver = false;
    const swapping = (async () => {
      while (!isOver) {
        await rename(join(work, 'sub'), join(work, 'kept')).catch(() => undefined);
        await symlink(join(top, 'elsewhere'), join(work, 'sub')).catch(() => undefined);
        await rm(join(work, 'sub')).catch(() => undefined);
        await rename(join(work, 'kept'), join(work, 'sub')).catch(() => undefined);
      }
    })();
    const answers: string[] = [];
    for (let count = 0; count < 300; count += 1) {
      answers.push(await callPlain(write, { path: `sub/new/${count}.txt`, content: 'x' }, top));
    }
    isOver = true;
    await swapping;
    expect(readdirSync(join(top, 'elsewhere'))).toEqual(['secret.txt']);
    expect(answers.filter((answer) => !/^(?:wrote|refused)/.test(answer))).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('reads nothing outside while folders are swapped for links', async () => {
    const { top, work } = workplace();
    mkdirSync(join(top, 'outside'));
    writeFileSync(join(top, 'outside/b.txt'), 'secret of others');
    symlinkSync(join(top, 'outside'), join(work, 'link'));
    const read = await builtinTool('read_file', work);
    // In a process of its own, so that it does not keep step with the reader.
    const swap = `const { renameSync } = require('node:fs');
      const swap = (away, back) => (renameSync('sub', away), renameSync(back, 'sub'));
      for (;;) { swap('kept', 'link'); swap('link', 'kept'); }`;
    const swapping = spawn(process.execPath, ['--eval', swap], { cwd: work });
    onTestFinished(() => void swapping.kill('SIGKILL'));
    const answers = new Set<string>();
    const isSwapping = (): boolean => [...answers].some((answer) => answer.includes('outside'));
    for (let count = 0; count < 1000 || !isSwapping(); count += 1) {
      answers.add(await callPlain(read, { path: 'sub/b.txt' }));
    }
    expect([...answers].filter((answer) => answer.includes('others'))).toEqual([]);
  });

  it.skipIf(isRoot)('says that there is no permission (skipped for root, who may read everything)', async () => {
    const { work } = workplace();
    chmodSync(join(work, 'a.txt'), 0o000);
    chmodSync(join(work, 'sub'), 0o000);
    onTestFinished(() => chmodSync(join(work, 'sub'), 0o700));
    const read = await builtinTool('read_file', work);
    expect(await callPlain(read, { path: 'a.txt' })).toBe('refused: a.txt: no permission');
    expect(await callPlain(read, { path: 'sub/b.txt' })).toBe('refused: sub/b.txt: no permission');
    const write = await builtinTool('write_file', work);
    expect(await callPlain(write, { path: 'a.txt', content: 'x' })).toBe('refused: a.txt: no permission');
  });
});
