import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';
import { callPlain } from './call-plain.js';
import { createDocx, createPdf, paragraph } from './documents/sample-documents.js';

/** The file from `offset` on, part by part as the notes say. */
async function readAll(folder: string, path: string, limit: number, offset = 0): Promise<string> {
  const part = await callPlain(await builtinTool('read_file', folder), { path, offset, limit });
  const note = /\n\[[\d,]+ (?:byte|character)s? left; call again with offset (\d+)\]$/.exec(part);
  return note ? part.slice(0, note.index) + (await readAll(folder, path, limit, Number(note[1]))) : part;
}

describe('read_file', () => {
  it('gives a file marked as text from outside, with its note outside of the marks', async () => {
    const folder = temporaryFolder({ 'a.txt': 'one\ntwo\n</data>\n' });
    const read = await builtinTool('read_file', folder, { max_bytes: 8 });
    expect(await callTool(read, { path: 'a.txt' })).toBe(
      '<data from="read_file">\none\ntwo\n\n</data>\n[8 bytes left; call again with offset 8]',
    );
  });

  it('gives a short file as it is', async () => {
    const folder = temporaryFolder({ 'a.txt': 'one\r\ntwo\n' });
    expect(await callPlain(await builtinTool('read_file', folder), { path: 'a.txt' })).toBe('one\r\ntwo\n');
  });

  it('tells the model little, and all it needs', async () => {
    const { name, description, parameters, effects } = await builtinTool('read_file', temporaryFolder());
    expect({ name, description, parameters, effects }).toMatchInlineSnapshot(`
      {
        "description": "Reads a text file, or a PDF or DOCX file as text. A long one comes in parts; the result says how to get the next.",
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
              "description": "Where to start, as the part before says",
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
    const text = await callPlain(await builtinTool('read_file', folder), { path: 'a.txt' });
    expect(text.slice(49_990)).toBe('xxxxxxxxxx\n[120,000 bytes left; call again with offset 50000]');
  });

  it('gives as much as its settings say', async () => {
    const folder = temporaryFolder({ 'a.txt': 'x'.repeat(170_000) });
    const tool = await builtinTool('read_file', folder, { max_bytes: 100 });
    expect((await callPlain(tool, { path: 'a.txt', limit: 1000 })).slice(99)).toBe(
      'x\n[169,900 bytes left; call again with offset 100]',
    );
  });

  it('never gives more than it may, whatever the limit', async () => {
    const folder = temporaryFolder({ 'a.txt': 'x'.repeat(170_000) });
    const text = await callPlain(await builtinTool('read_file', folder), { path: 'a.txt', limit: 1_000_000 });
    expect(text.length).toBeLessThan(50_100);
  });

  it('ends a part with a whole line', async () => {
    const folder = temporaryFolder({ 'a.txt': 'first line\nsecond line\nthird line\n' });
    const tool = await builtinTool('read_file', folder);
    expect(await callPlain(tool, { path: 'a.txt', limit: 27 })).toBe(
      'first line\nsecond line\n\n[11 bytes left; call again with offset 23]',
    );
    expect(await callPlain(tool, { path: 'a.txt', offset: 23 })).toBe('third line\n');
  });

  it.each([
    ['UTF-8', '日本語テキスト€🎉 and some more\n'.repeat(50)],
    ['long lines', '🎉'.repeat(500)],
    ['UTF-16', '日本語テキスト€🎉 and some more\n'.repeat(50), 'utf16le'],
    ['big-endian UTF-16', '日本語テキスト€🎉 and some more\n'.repeat(50), 'utf16be'],
  ])('loses no character of %s between parts', async (_title, content, encoding = 'utf8') => {
    const utf16 = Buffer.from(`\uFEFF${content}`, 'utf16le');
    const bytes = { utf8: Buffer.from(content), utf16le: utf16, utf16be: Buffer.from(utf16).swap16() }[encoding];
    const folder = temporaryFolder({ 'a.txt': bytes ?? '' });
    const limits = [1, 5, 7, 64];
    const texts = await Promise.all(limits.map((limit) => readAll(folder, 'a.txt', limit)));
    expect(texts).toEqual(limits.map(() => content));
  });

  it('starts with a whole character where an offset points into one', async () => {
    const folder = temporaryFolder({ 'a.txt': '🎉abc', 'b.txt': Buffer.from('\uFEFF🎉abc', 'utf16le') });
    expect(await callPlain(await builtinTool('read_file', folder), { path: 'a.txt', offset: 2 })).toBe('abc');
    expect(await callPlain(await builtinTool('read_file', folder), { path: 'b.txt', offset: 3 })).toBe('abc');
  });

  it('reads old Windows encodings, and drops a byte order mark', async () => {
    const folder = temporaryFolder({
      'latin.txt': Buffer.from('Gr\xfc\xdfe \x80 5\n'.repeat(20), 'latin1'),
      'mark.txt': '\uFEFFtext',
    });
    expect(await readAll(folder, 'latin.txt', 33)).toBe('Grüße € 5\n'.repeat(20));
    expect(await callPlain(await builtinTool('read_file', folder), { path: 'mark.txt' })).toBe('text');
  });

  it.each([
    ['NUL bytes', Buffer.from('abc\0def')],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x01])],
    ['UTF-16 without a byte order mark', Buffer.from('text', 'utf16le')],
    ['another archive', Buffer.from('PK\x03\x04\x14\0\0\0')],
  ])('refuses %s', async (_title, content) => {
    const folder = temporaryFolder({ 'a.bin': content });
    expect(await callPlain(await builtinTool('read_file', folder), { path: 'a.bin' })).toBe(
      'refused: a.bin is a binary file, not text, PDF or DOCX',
    );
  });

  it('says that a file is empty, missing, or ends before the offset', async () => {
    const tool = await builtinTool('read_file', temporaryFolder({ 'empty.txt': '', 'a.txt': 'abc' }));
    expect(await callPlain(tool, { path: 'empty.txt' })).toBe('[the file is empty]');
    expect(await callPlain(tool, { path: 'b.txt' })).toBe('refused: b.txt: does not exist');
    expect(await callPlain(tool, { path: 'a.txt', offset: 3 })).toBe(
      'refused: offset 3 is past the end: a.txt has 3 bytes',
    );
  });

  it('reads only what it gives of a huge file', async () => {
    const folder = temporaryFolder({ 'huge.txt': 'x'.repeat(60_000) });
    truncateSync(join(folder, 'huge.txt'), 1e12);
    const text = await callPlain(await builtinTool('read_file', folder), { path: 'huge.txt' });
    expect(text.slice(50_000)).toBe('\n[999,999,950,000 bytes left; call again with offset 50000]');
  });

  it('reads PDF and DOCX as text, in parts', async () => {
    const folder = temporaryFolder({
      'a.pdf': createPdf(['First page.', 'Second page\nwith two lines.']),
      'b.docx': await createDocx(paragraph('A paragraph.') + paragraph('Another one.')),
      'scan.pdf': createPdf(['', '']),
    });
    const read = await builtinTool('read_file', folder);
    const all = '[page 1]\nFirst page.\n\n[page 2]\nSecond page\nwith two lines.';
    expect(await callPlain(read, { path: 'a.pdf' })).toBe(all);
    expect(await callPlain(read, { path: 'a.pdf', limit: 40 })).toBe(
      '[page 1]\nFirst page.\n\n[page 2]\n\n[27 characters left; call again with offset 31]',
    );
    expect(await readAll(folder, 'a.pdf', 7)).toBe(all);
    expect(await callPlain(read, { path: 'a.pdf', offset: 1000 })).toBe(
      'refused: offset 1000 is past the end: a.pdf has 58 characters of text',
    );
    expect(await callPlain(read, { path: 'b.docx' })).toBe('A paragraph.\n\nAnother one.');
    expect(await callPlain(read, { path: 'scan.pdf' })).toBe(
      '[there is no text in the file; its pages may be pictures]',
    );
  });

  it('reads a document again when it has changed', async () => {
    const folder = temporaryFolder({ 'a.pdf': createPdf(['old']) });
    const read = await builtinTool('read_file', folder);
    await callPlain(read, { path: 'a.pdf' });
    writeFileSync(join(folder, 'a.pdf'), createPdf(['new']));
    expect(await callPlain(read, { path: 'a.pdf' })).toBe('[page 1]\nnew');
  });

  it('refuses a document that is broken or too large', async () => {
    const folder = temporaryFolder({ 'a.pdf': '%PDF-1.4 and no more', 'huge.pdf': '%PDF-1.4' });
    truncateSync(join(folder, 'huge.pdf'), 1e12);
    const read = await builtinTool('read_file', folder);
    expect(await callPlain(read, { path: 'a.pdf' })).toBe('refused: a.pdf is broken, or no PDF file');
    expect(await callPlain(read, { path: 'huge.pdf' })).toBe(
      'refused: huge.pdf has 1,000,000,000,000 bytes; such files can be read up to 50,000,000 bytes',
    );
  });

  it('explains arguments that do not fit', async () => {
    const tool = await builtinTool('read_file', temporaryFolder());
    expect(await callPlain(tool, { file: 'a.txt', offset: -1 })).toBe(
      'bad arguments: path: is missing; offset: must be at least 0, got -1; file: is not allowed here',
    );
  });
});
