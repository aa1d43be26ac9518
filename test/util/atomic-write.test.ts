import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../src/util/atomic-write.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const isRoot = process.getuid?.() === 0;

describe('writeFileAtomic', () => {
  it('writes a new file and leaves nothing beside it', async () => {
    const folder = temporaryFolder();
    await writeFileAtomic(join(folder, 'a.txt'), 'grüße');
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('grüße');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('replaces a file and keeps its mode', async () => {
    const folder = temporaryFolder({ 'a.sh': 'old' });
    chmodSync(join(folder, 'a.sh'), 0o775);
    await writeFileAtomic(join(folder, 'a.sh'), 'new');
    expect(readFileSync(join(folder, 'a.sh'), 'utf8')).toBe('new');
    expect(statSync(join(folder, 'a.sh')).mode & 0o777).toBe(0o775);
  });

  it('makes parent folders only when told to', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a/b/c.txt');
    await expect(writeFileAtomic(path, 'x')).rejects.toMatchObject({
      code: 'task',
      message: `cannot write ${path}: does not exist`,
    });
    await writeFileAtomic(path, 'x', { createDirectory: true });
    expect(readFileSync(path, 'utf8')).toBe('x');
  });

  it('refuses a folder and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'out'));
    await expect(writeFileAtomic(join(folder, 'out'), 'x')).rejects.toThrow('out: is a folder, not a file');
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('refuses a path below a file', async () => {
    const folder = temporaryFolder({ a: 'x' });
    await expect(writeFileAtomic(join(folder, 'a/b.txt'), 'x')).rejects.toThrow(
      'a part of the path is a file, not a folder',
    );
  });

  it('leaves the old file as it was when the name cannot be written', async () => {
    const folder = temporaryFolder();
    await expect(writeFileAtomic(join(folder, 'n'.repeat(300)), 'x')).rejects.toThrow('the name is too long');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('replaces a symbolic link instead of following it', async () => {
    const folder = temporaryFolder({ target: 'old' });
    symlinkSync('target', join(folder, 'link'));
    await writeFileAtomic(join(folder, 'link'), 'new');
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('old');
    expect(() => readlinkSync(join(folder, 'link'))).toThrow('EINVAL');
  });

  it.skipIf(isRoot)(
    'refuses a file without write permission (skipped for root, who may write everything)',
    async () => {
      const folder = temporaryFolder({ 'a.txt': 'old' });
      chmodSync(join(folder, 'a.txt'), 0o444);
      await expect(writeFileAtomic(join(folder, 'a.txt'), 'new')).rejects.toThrow('no permission');
    },
  );

  it('lets readers see the old text or the new one, never half of it', async () => {
    const folder = temporaryFolder({ 'a.txt': 'a'.repeat(1_000_000) });
    const path = join(folder, 'a.txt');
    const seen = new Set<string>();
    const look = () => {
      const text = readFileSync(path, 'utf8');
      seen.add(`${text.slice(0, 1)}${text.slice(-1)} ${text.length}`);
    };
    const looking = setInterval(look, 0);
    await writeFileAtomic(path, 'b'.repeat(1_000_000));
    clearInterval(looking);
    look();
    expect([...seen].filter((state) => state !== 'aa 1000000')).toEqual(['bb 1000000']);
  });
});
