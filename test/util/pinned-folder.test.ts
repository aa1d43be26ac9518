import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFolder, makeFolder } from '../../src/util/pinned-folder.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

describe('inFolder', () => {
  it('works in the folder and gives what the work gives', async () => {
    const folder = temporaryFolder({ 'sub/a.txt': '' });
    expect(await inFolder(join(folder, 'sub'), (path) => readdir(path))).toEqual(['a.txt']);
  });

  it.runIf(process.platform === 'linux')('stays in it when it is swapped for a link meanwhile', async () => {
    const folder = temporaryFolder({ 'sub/a.txt': '', 'elsewhere/b.txt': '' });
    await inFolder(join(folder, 'sub'), async (path) => {
      renameSync(join(folder, 'sub'), join(folder, 'moved'));
      symlinkSync('elsewhere', join(folder, 'sub'));
      await writeFile(join(path, 'new.txt'), '');
    });
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual(['b.txt']);
    expect(readdirSync(join(folder, 'moved'))).toEqual(['a.txt', 'new.txt']);
  });

  it('refuses a link, a folder behind one, a file, and nothing', async () => {
    const folder = temporaryFolder({ 'sub/deep/a.txt': '', 'a.txt': '' });
    symlinkSync('sub', join(folder, 'link'));
    const codes = await Promise.all(
      ['link', 'link/deep', 'a.txt', 'none'].map((name) =>
        inFolder(join(folder, name), () => Promise.resolve('fine')).catch(({ code }: { code: string }) => code),
      ),
    );
    expect(codes.map((code) => code.replace('ELOOP', 'ENOTDIR'))).toEqual(['ENOTDIR', 'ESTALE', 'ENOTDIR', 'ENOENT']);
  });
});

describe('makeFolder', () => {
  it('makes a folder with its parents, and takes one that is there', async () => {
    const folder = temporaryFolder();
    await makeFolder(join(folder, 'a/b/c'));
    await makeFolder(join(folder, 'a/b/c'));
    expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(['a', 'a/b', 'a/b/c']);
  });

  it('makes nothing behind a link or below a file', async () => {
    const folder = temporaryFolder({ 'a.txt': '' });
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync('elsewhere', join(folder, 'link'));
    await expect(makeFolder(join(folder, 'link/new'))).rejects.toMatchObject({ code: /ENOTDIR|ELOOP|ESTALE/ });
    await expect(makeFolder(join(folder, 'a.txt/new'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('makes it once for many who ask at the same time', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.txt'), '');
    await Promise.all(Array.from({ length: 20 }, (_none, index) => makeFolder(join(folder, `a/b/${index % 3}`))));
    expect(readdirSync(join(folder, 'a/b')).toSorted()).toEqual(['0', '1', '2']);
  });
});
