import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool } from './builtin.js';
import { callPlain } from './call-plain.js';

const files = {
  'b.txt': '',
  'a/z.txt': '',
  'a/b/c.txt': '',
  'B.txt': '',
  '.env': '',
  '.git/config': '',
  'a/key.pem': '',
};

describe('list_directory', () => {
  it('lists the top folder, sorted, folders with a slash, without what is off limits', async () => {
    const folder = temporaryFolder(files);
    symlinkSync('a', join(folder, 'link'));
    expect(await callPlain(await builtinTool('list_directory', folder), {})).toBe('B.txt\na/\nb.txt\nlink');
  });

  it('lists a folder with all below it, relative to it, links not followed', async () => {
    const folder = temporaryFolder(files);
    symlinkSync('..', join(folder, 'a/up'));
    const tool = await builtinTool('list_directory', folder);
    expect(await callPlain(tool, { path: 'a', recursive: true })).toBe('b/\nb/c.txt\nup\nz.txt');
    expect(await callPlain(tool, { path: '.', recursive: true })).toBe(
      'B.txt\na/\na/b/\na/b/c.txt\na/up\na/z.txt\nb.txt',
    );
  });

  it('tells the model little, and all it needs', async () => {
    const { name, description, parameters, effects } = await builtinTool('list_directory', temporaryFolder());
    expect({ name, description, parameters, effects }).toMatchInlineSnapshot(`
      {
        "description": "Lists a folder, one entry a line; folders end in /.",
        "effects": "none",
        "name": "list_directory",
        "parameters": {
          "additionalProperties": false,
          "properties": {
            "offset": {
              "description": "Entries to skip",
              "maximum": 200000,
              "minimum": 0,
              "type": "integer",
            },
            "path": {
              "description": "Default: the top folder",
              "type": "string",
            },
            "recursive": {
              "type": "boolean",
            },
          },
          "type": "object",
        },
      }
    `);
  });

  it('shows the upper levels of a huge folder first, and the rest by offset', async () => {
    const folder = temporaryFolder({ 'z/last.txt': '' });
    mkdirSync(join(folder, 'many'));
    for (let number = 0; number < 1200; number += 1) writeFileSync(join(folder, 'many', `${number}`), '');
    const tool = await builtinTool('list_directory', folder);
    const first = (await callPlain(tool, { recursive: true })).split('\n');
    expect(first).toHaveLength(1001);
    expect(first.at(-1)).toBe('[there are more entries; call again with offset 1000]');
    expect(first).toContain('z/');
    const second = (await callPlain(tool, { recursive: true, offset: 1000 })).split('\n');
    expect(new Set([...first, ...second]).size).toBe(1204);
    expect(second).toHaveLength(203);
    expect(await callPlain(tool, { recursive: true, offset: 1203 })).toBe(
      'refused: offset 1203 is past the end: there are 1203 entries',
    );
  });

  it('shows as many entries as its settings say', async () => {
    const tool = await builtinTool('list_directory', temporaryFolder(files), { max_entries: 2 });
    expect(await callPlain(tool, {})).toBe('B.txt\na/\n[there are more entries; call again with offset 2]');
  });

  it('shows a folder of exactly the most entries without a note', async () => {
    const folder = temporaryFolder();
    for (let number = 0; number < 1000; number += 1) mkdirSync(join(folder, `${number}`));
    const text = await callPlain(await builtinTool('list_directory', folder), { recursive: true });
    expect(text.split('\n')).toHaveLength(1000);
  });

  it('says that a folder is empty, missing, or a file', async () => {
    const folder = temporaryFolder({ 'a.txt': '' });
    mkdirSync(join(folder, 'empty'));
    const tool = await builtinTool('list_directory', folder);
    expect(await callPlain(tool, { path: 'empty' })).toBe('[the folder is empty]');
    expect(await callPlain(tool, { path: 'nothing' })).toBe('refused: nothing: does not exist');
    expect(await callPlain(tool, { path: 'a.txt' })).toBe('refused: a.txt is a file, not a folder');
  });

  it.skipIf(process.getuid?.() === 0)('marks what it may not open (skipped for root, who may open all)', async () => {
    const folder = temporaryFolder({ 'a/b.txt': '', 'c.txt': '' });
    chmodSync(join(folder, 'a'), 0o000);
    onTestFinished(() => chmodSync(join(folder, 'a'), 0o700));
    expect(await callPlain(await builtinTool('list_directory', folder), { recursive: true })).toBe(
      'a/\na/ [no permission]\nc.txt',
    );
  });
});
