import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { locateInRoot, openRegularFile } from '../../src/tools/root.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';

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
  ['innocent.txt', offLimits('innocent.txt', '.env')],
  ['a.txt/b', 'refused: a.txt/b: a part of the path is a file, not a folder'],
  ['', 'refused: "" is not a path'],
  ['a\0.txt', 'refused: "a\\u0000.txt" is not a path'],
  ['n'.repeat(300), `refused: ${'n'.repeat(300)}: the name is too long`],
];

describe('the root of file tools', () => {
  it.each(attacks)('keeps reading away from %j', async (path, words) => {
    const { top, work } = workplace();
    expect(await callTool(await builtinTool('read_file', work), { path }, top)).toBe(words);
  });

  it.each(attacks)('keeps writing away from %j', async (path, words) => {
    const { top, work } = workplace();
    expect(await callTool(await builtinTool('write_file', work), { path, content: 'owned' }, top)).toBe(words);
    expect(readFileSync(join(top, 'secret.txt'), 'utf8')).toBe('top secret');
    expect(readFileSync(join(work, '.env'), 'utf8')).toBe('KEY=1');
  });

  it.each(['..', '/', 'folder-out', '../elsewhere'])('keeps listing away from %j', async (path) => {
    const { top, work } = workplace();
    expect(await callTool(await builtinTool('list_directory', work), { path }, top)).toBe(outside(path));
  });

  it('reads through links that stay inside, and public keys', async () => {
    const { work } = workplace();
    const read = await builtinTool('read_file', work);
    expect(await callTool(read, { path: 'link-in' })).toBe('fine');
    expect(await callTool(read, { path: 'folder-in/b.txt' })).toBe('b');
    expect(await callTool(read, { path: join(work, 'a.txt') })).toBe('fine');
    expect(await callTool(read, { path: 'certs/id_rsa.pub' })).toBe('public');
  });

  it('does not write through links, also when they stay inside', async () => {
    const { work } = workplace();
    const write = await builtinTool('write_file', work);
    expect(await callTool(write, { path: 'link-in', content: 'x' })).toBe(
      'refused: link-in leads through a symbolic link; write to a.txt itself',
    );
    expect(await callTool(write, { path: 'folder-in/new/c.txt', content: 'x' })).toBe(
      'refused: folder-in/new/c.txt leads through a symbolic link; write to sub/new/c.txt itself',
    );
    expect(readFileSync(join(work, 'a.txt'), 'utf8')).toBe('fine');
  });

  it('may be a link itself, and be named by either path', async () => {
    const { top, work } = workplace();
    symlinkSync('work', join(top, 'alias'));
    const read = await builtinTool('read_file', top, { root: 'alias' });
    expect(await callTool(read, { path: 'a.txt' })).toBe('fine');
    expect(await callTool(read, { path: join(top, 'alias/a.txt') })).toBe('fine');
    expect(await callTool(read, { path: join(work, 'a.txt') })).toBe('fine');
    expect(
      await callTool(await builtinTool('write_file', top, { root: 'alias' }), { path: 'n/new.txt', content: 'x' }),
    ).toBe('wrote n/new.txt (1 byte)');
  });

  it('need not exist before something is written', async () => {
    const { work } = workplace();
    const read = await builtinTool('read_file', work, { root: 'out' });
    expect(await callTool(read, { path: 'a.md' })).toBe('refused: a.md: does not exist');
    await callTool(await builtinTool('write_file', work, { root: 'out' }), { path: 'a.md', content: 'x' });
    expect(await callTool(read, { path: 'a.md' })).toBe('x');
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
    expect(await callTool(await builtinTool('read_file', work), { path })).toBe(words);
    expect(await callTool(await builtinTool('write_file', work), { path, content: 'x' })).toBe(words);
    expect(statSync(join(work, path)).isFile()).toBe(false);
  });

  it('does not read devices', async () => {
    const read = await builtinTool('read_file', '/', { root: '/dev' });
    expect(await callTool(read, { path: 'zero' })).toBe('refused: zero is a device, not a file');
  });

  it('notices a file that is swapped for a link after it was found', async () => {
    const { top, work } = workplace();
    const place = await locateInRoot(work, 'a.txt');
    renameSync(join(work, 'a.txt'), join(work, 'old.txt'));
    symlinkSync(join(top, 'secret.txt'), join(work, 'a.txt'));
    await expect(openRegularFile(place)).rejects.toThrow('a.txt is a symbolic link, not a file');
  });

  it('notices a folder that is swapped for a link after the file was found', async () => {
    const { top, work } = workplace();
    const place = await locateInRoot(work, 'sub/b.txt');
    renameSync(join(work, 'sub'), join(top, 'moved'));
    symlinkSync(join(top, 'moved'), join(work, 'sub'));
    await expect(openRegularFile(place)).rejects.toThrow('sub/b.txt was replaced just now; try again');
  });

  it.skipIf(isRoot)('says that there is no permission (skipped for root, who may read everything)', async () => {
    const { work } = workplace();
    chmodSync(join(work, 'a.txt'), 0o000);
    chmodSync(join(work, 'sub'), 0o000);
    onTestFinished(() => chmodSync(join(work, 'sub'), 0o700));
    const read = await builtinTool('read_file', work);
    expect(await callTool(read, { path: 'a.txt' })).toBe('refused: a.txt: no permission');
    expect(await callTool(read, { path: 'sub/b.txt' })).toBe('refused: sub/b.txt: no permission');
    const write = await builtinTool('write_file', work);
    expect(await callTool(write, { path: 'a.txt', content: 'x' })).toBe('refused: a.txt: no permission');
  });
});
