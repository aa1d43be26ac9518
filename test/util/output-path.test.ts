import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveOutputFile } from '../../src/util/output-path.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

function workplace(): { folder: string; resolve: (path: string, allowOutside?: boolean) => Promise<string> } {
  const top = temporaryFolder({ 'elsewhere/x': '' });
  const folder = join(top, 'work');
  mkdirSync(join(folder, 'out'), { recursive: true });
  symlinkSync(join(top, 'elsewhere'), join(folder, 'away'));
  symlinkSync(join(folder, 'out'), join(folder, 'latest'));
  symlinkSync(join(top, 'nothing'), join(folder, 'dangling'));
  return {
    folder,
    resolve: (path, allowOutside = false) => resolveOutputFile(path, { workingDirectory: folder, allowOutside }),
  };
}

describe('resolveOutputFile', () => {
  it.each([
    ['a.md', 'a.md'],
    ['new/deep/a.md', 'new/deep/a.md'],
    ['./out/../out/a.md', 'out/a.md'],
    ['latest/a.md', 'out/a.md'],
    ['..a.md', '..a.md'],
  ])('gives the real path of %s', async (path, expected) => {
    const { folder, resolve } = workplace();
    expect(await resolve(path)).toBe(join(folder, expected));
  });

  it('takes an absolute path inside the working directory', async () => {
    const { folder, resolve } = workplace();
    expect(await resolve(join(folder, 'a.md'))).toBe(join(folder, 'a.md'));
  });

  it.each([
    [
      '../a.md',
      'output file ../a.md is outside the working directory',
      'give a path inside it, or allow it with --allow-outside',
    ],
    [
      '/tmp/a.md',
      'output file /tmp/a.md is outside the working directory',
      'give a path relative to the working directory, or allow it with --allow-outside',
    ],
    [
      'away/a.md',
      'output file away/a.md is outside the working directory',
      'give a path inside it, or allow it with --allow-outside',
    ],
    ['dangling/a.md', 'output file dangling/a.md: has a symbolic link in it that cannot be followed', undefined],
    ['.git/config', 'output file .git/config may not be written: .git is protected', undefined],
    ['out', 'output file out is a folder', 'add a file name'],
    ['reports/', 'output file reports/ is a folder', 'add a file name'],
    ['', 'output file "" is not a path', undefined],
    ['a\0b', 'output file "a\\u0000b" is not a path', undefined],
  ])('refuses %j', async (path, message, hint) => {
    const { folder, resolve } = workplace();
    const error = await resolve(path).catch((thrown: unknown) => thrown);
    const full = message.endsWith('working directory') ? `${message} ${folder}` : message;
    expect(error).toMatchObject({ code: 'usage', exitCode: 2, message: full, hint });
  });

  it('takes paths outside when they are allowed', async () => {
    const { folder, resolve } = workplace();
    expect(await resolve('../a.md', true)).toBe(join(folder, '../a.md'));
    expect(await resolve('away/a.md', true)).toBe(join(folder, '../elsewhere/a.md'));
  });
});
