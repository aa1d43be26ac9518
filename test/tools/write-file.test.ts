import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';
import { toolContext } from './tool-context.js';

describe('write_file', () => {
  it('writes a file with its folders, and says where and how much', async () => {
    const folder = temporaryFolder();
    const tool = await builtinTool('write_file', folder);
    expect(await callTool(tool, { path: './out/deep/../a.md', content: 'grüße' })).toBe('wrote out/a.md (7 bytes)');
    expect(readFileSync(join(folder, 'out/a.md'), 'utf8')).toBe('grüße');
    expect(readdirSync(join(folder, 'out'))).toEqual(['a.md']);
  });

  it('tells the model little, and all it needs', async () => {
    const { name, description, parameters, effects } = await builtinTool('write_file', temporaryFolder());
    expect({ name, description, parameters, effects }).toMatchInlineSnapshot(`
      {
        "description": "Writes a text file, replacing it if it exists. Missing folders are made.",
        "effects": "write",
        "name": "write_file",
        "parameters": {
          "additionalProperties": false,
          "properties": {
            "content": {
              "type": "string",
            },
            "path": {
              "type": "string",
            },
          },
          "required": [
            "path",
            "content",
          ],
          "type": "object",
        },
      }
    `);
  });

  it('replaces a file', async () => {
    const folder = temporaryFolder({ 'a.md': 'a much longer text' });
    await callTool(await builtinTool('write_file', folder), { path: 'a.md', content: 'new' });
    expect(readFileSync(join(folder, 'a.md'), 'utf8')).toBe('new');
  });

  it('writes an empty file', async () => {
    const folder = temporaryFolder();
    expect(await callTool(await builtinTool('write_file', folder), { path: 'a.md', content: '' })).toBe(
      'wrote a.md (0 bytes)',
    );
  });

  it('refuses more than it may write', async () => {
    const folder = temporaryFolder();
    const tool = await builtinTool('write_file', folder);
    expect(await callTool(tool, { path: 'a.md', content: 'é'.repeat(5_000_001) })).toBe(
      'refused: a.md would have 10,000,002 bytes, more than 10,000,000 bytes; write less',
    );
    const small = await builtinTool('write_file', folder, { max_bytes: 3 });
    expect(await callTool(small, { path: 'a.md', content: 'four' })).toBe(
      'refused: a.md would have 4 bytes, more than 3 bytes; write less',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses the name of a folder', async () => {
    const tool = await builtinTool('write_file', temporaryFolder({ 'docs/a.md': 'a' }));
    expect(await callTool(tool, { path: 'new/', content: 'x' })).toBe('refused: new/ names a folder; add a file name');
    expect(await callTool(tool, { path: 'docs', content: 'x' })).toBe('refused: docs is a folder, not a file');
    expect(await callTool(tool, { path: '.', content: 'x' })).toBe('refused: . is a folder, not a file');
  });

  it('writes nothing when the run was stopped', async () => {
    const folder = temporaryFolder();
    const tool = await builtinTool('write_file', folder);
    const stopped = toolContext({ signal: AbortSignal.abort(new Error('stopped')) });
    await expect(tool.execute({ path: 'a.md', content: 'x' }, stopped)).rejects.toThrow('stopped');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps the last of several writes at once, whole', async () => {
    const folder = temporaryFolder();
    const tool = await builtinTool('write_file', folder);
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
    await Promise.all(texts.map((content) => callTool(tool, { path: 'a.md', content })));
    expect(texts).toContain(readFileSync(join(folder, 'a.md'), 'utf8'));
    expect(readdirSync(folder)).toEqual(['a.md']);
  });
});
