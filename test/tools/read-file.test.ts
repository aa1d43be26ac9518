import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';

/** The file from `offset` on, part by part as the notes say. */
async function readAll(folder: string, path: string, limit: number, offset = 0): Promise<string> {
  const part = await callTool(await builtinTool('read_file', folder), { path, offset, limit });
  const note = /\n… \[[\d,]+ bytes? left; call again with offset (\d+)\]$/.exec(part);
  return note ? part.slice(0, note.index) + (await readAll(folder, path, limit, Number(note[1]))) : part;
}

describe('read_file', () => {
  it('gives a short file as it is', async () => {
    const folder = temporaryFolder({ 'a.txt': 'one\r\ntwo\n' });
    expect(await callTool(await builtinTool('read_file', folder), { path: 'a.txt' })).toBe('one\r\ntwo\n');
  });

  it('tells the model little, and all it needs', async () => {
    const { name, description, parameters, effects } = await builtinTool('read_file', temporaryFolder());
    expect({ name, description, parameters, effects }).toMatchInlineSnapshot(`
      {
        "description": "Reads a text file. A long file comes in parts; the result says how to get the next one.",
        "effects": "none",
        "name": "read_file",
        "parameters": {
          "additionalProperties": false,
          "properties": {
            "limit": {
              "description": "Most bytes to read",
              "minimum": 1,
              "type": "integer",
            },
            "offset": {
              "description": "Byte to start at",
              "minimum": 0,
              "type": "integer",
            },
            "path": {
              "type": "string",
            },
          },
          "required": [
            "path",
          ],
          "type": "object",
        },
      }
    `);
  });

  it('gives the first part of a long file and says how to get the next', async () => {
    const folder = temporaryFolder({ 'a.txt': 'x'.repeat(170_000) });
    const text = await callTool(await builtinTool('read_file', folder), { path: 'a.txt' });
    expect(text.slice(49_990)).toBe('xxxxxxxxxx\n… [120,000 bytes left; call again with offset 50000]');
  });

  it('never gives more than it may, whatever the limit', async () => {
    const folder = temporaryFolder({ 'a.txt': 'x'.repeat(170_000) });
    const text = await callTool(await builtinTool('read_file', folder), { path: 'a.txt', limit: 1_000_000 });
    expect(text.length).toBeLessThan(50_100);
  });

  it('ends a part with a whole line', async () => {
    const folder = temporaryFolder({ 'a.txt': 'first line\nsecond line\nthird line\n' });
    const tool = await builtinTool('read_file', folder);
    expect(await callTool(tool, { path: 'a.txt', limit: 27 })).toBe(
      'first line\nsecond line\n\n… [11 bytes left; call again with offset 23]',
    );
    expect(await callTool(tool, { path: 'a.txt', offset: 23 })).toBe('third line\n');
  });

  it.each([
    ['UTF-8', '日本語テキスト€🎉 and some more\n'.repeat(50)],
    ['long lines', '🎉'.repeat(500)],
  ])('loses no character of %s between parts', async (_title, content) => {
    const folder = temporaryFolder({ 'a.txt': content });
    const limits = [1, 5, 7, 64];
    const texts = await Promise.all(limits.map((limit) => readAll(folder, 'a.txt', limit)));
    expect(texts).toEqual(limits.map(() => content));
  });

  it('starts with a whole character where an offset points into one', async () => {
    const folder = temporaryFolder({ 'a.txt': '🎉abc' });
    expect(await callTool(await builtinTool('read_file', folder), { path: 'a.txt', offset: 2 })).toBe('abc');
  });

  it('reads old Windows encodings, and drops a byte order mark', async () => {
    const folder = temporaryFolder({
      'latin.txt': Buffer.from('Gr\xfc\xdfe \xa3 5\n'.repeat(20), 'latin1'),
      'mark.txt': '\uFEFFtext',
    });
    expect(await readAll(folder, 'latin.txt', 33)).toBe('Grüße £ 5\n'.repeat(20));
    expect(await callTool(await builtinTool('read_file', folder), { path: 'mark.txt' })).toBe('text');
  });

  it.each([
    ['NUL bytes', Buffer.from('abc\0def')],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x01])],
    ['UTF-16', Buffer.from('\uFEFFtext', 'utf16le')],
  ])('refuses %s', async (_title, content) => {
    const folder = temporaryFolder({ 'a.bin': content });
    expect(await callTool(await builtinTool('read_file', folder), { path: 'a.bin' })).toBe(
      'refused: a.bin is a binary file, not text',
    );
  });

  it('says that a file is empty, missing, or ends before the offset', async () => {
    const tool = await builtinTool('read_file', temporaryFolder({ 'empty.txt': '', 'a.txt': 'abc' }));
    expect(await callTool(tool, { path: 'empty.txt' })).toBe('[the file is empty]');
    expect(await callTool(tool, { path: 'b.txt' })).toBe('refused: b.txt: does not exist');
    expect(await callTool(tool, { path: 'a.txt', offset: 3 })).toBe(
      'refused: offset 3 is past the end: a.txt has 3 bytes',
    );
  });

  it('reads only what it gives of a huge file', async () => {
    const folder = temporaryFolder({ 'huge.txt': 'x'.repeat(60_000) });
    truncateSync(join(folder, 'huge.txt'), 1e12);
    const text = await callTool(await builtinTool('read_file', folder), { path: 'huge.txt' });
    expect(text.slice(50_000)).toBe('\n… [999,999,950,000 bytes left; call again with offset 50000]');
  });

  it('explains arguments that do not fit', async () => {
    const tool = await builtinTool('read_file', temporaryFolder());
    expect(await callTool(tool, { file: 'a.txt', offset: -1 })).toBe(
      'bad arguments: path: is missing; offset: must be at least 0, got -1; file: is not allowed here',
    );
  });
});
