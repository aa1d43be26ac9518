import { chmodSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/util/json.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';

/** Edits `a.txt` of that content; gives what the model is told, and the file. */
async function edit(content: string | Uint8Array, args: JsonObject): Promise<[told: string, file: string]> {
  const folder = temporaryFolder({ 'a.txt': content });
  const told = await callTool(await builtinTool('edit_file', folder), { path: 'a.txt', ...args });
  return [told, readFileSync(join(folder, 'a.txt'), 'utf8')];
}

describe('edit_file', () => {
  it('replaces a text that is there once, and says in which lines', async () => {
    expect(await edit('one\ntwo\nthree\n', { old_text: 'two', new_text: 'TWO' })).toEqual([
      'edited a.txt: line 2',
      'one\nTWO\nthree\n',
    ]);
    expect(await edit('one\ntwo\n', { old_text: 'two\n', new_text: 'two\nthree\nfour\n' })).toEqual([
      'edited a.txt: lines 2-4',
      'one\ntwo\nthree\nfour\n',
    ]);
    expect(await edit('one\ntwo\n', { old_text: 'one\n', new_text: '' })).toEqual(['edited a.txt: line 1', 'two\n']);
  });

  it('tells the model little, and all it needs', async () => {
    const { name, description, parameters, effects } = await builtinTool('edit_file', temporaryFolder());
    expect({ name, description, parameters, effects }).toMatchInlineSnapshot(`
      {
        "description": "Replaces a text in a file. old_text has to be in it exactly once, or replace_all set.",
        "effects": "write",
        "name": "edit_file",
        "parameters": {
          "additionalProperties": false,
          "properties": {
            "new_text": {
              "type": "string",
            },
            "old_text": {
              "type": "string",
            },
            "path": {
              "type": "string",
            },
            "replace_all": {
              "type": "boolean",
            },
          },
          "required": [
            "path",
            "old_text",
            "new_text",
          ],
          "type": "object",
        },
      }
    `);
  });

  it('puts the new text in as it stands', async () => {
    const [, file] = await edit('price: X', { old_text: 'X', new_text: "$& $1 $` $' $$" });
    expect(file).toBe("price: $& $1 $` $' $$");
  });

  it('wants to be told which one it is, or that it is all of them', async () => {
    const text = 'a\nb\na\na\n';
    expect(await edit(text, { old_text: 'a', new_text: 'long\ntext' })).toEqual([
      'refused: old_text is in a.txt 3 times (lines 1, 3, 4); give more of the text around it, or set replace_all',
      text,
    ]);
    expect(await edit(text, { old_text: 'a', new_text: 'long\ntext', replace_all: true })).toEqual([
      'edited a.txt: 3 places, lines 1, 4, 6',
      'long\ntext\nb\nlong\ntext\nlong\ntext\n',
    ]);
    expect((await edit('x\n'.repeat(1200), { old_text: 'x', new_text: 'y', replace_all: true }))[0]).toBe(
      'edited a.txt: 1,200 places, lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …',
    );
  });

  it('shows the nearest line where the text is not there', async () => {
    const text = 'function add(a, b) {\n  return a + b;\n}\n';
    expect(await edit(text, { old_text: 'return  a+b;', new_text: 'x' })).toEqual([
      'refused: old_text is not in a.txt; the nearest is line 2: "return a + b;"; read the file and copy the text exactly',
      text,
    ]);
    expect((await edit(text, { old_text: 'nothing like anything', new_text: 'x' }))[0]).toBe(
      'refused: old_text is not in a.txt; read the file and copy the text exactly',
    );
  });

  it('refuses a text that is empty or stays the same', async () => {
    expect((await edit('abc', { old_text: '', new_text: 'x' }))[0]).toBe(
      'refused: old_text is empty; to make a new file use write_file',
    );
    expect((await edit('abc', { old_text: 'a', new_text: 'a' }))[0]).toBe(
      'refused: old_text and new_text are the same',
    );
  });

  it('keeps the line endings of Windows, and a byte order mark', async () => {
    const [told, file] = await edit('\uFEFFone\r\ntwo\r\nthree\r\n', {
      old_text: 'one\ntwo\n',
      new_text: '1\n2\n2b\n',
    });
    expect([told, file]).toEqual(['edited a.txt: lines 1-3', '\uFEFF1\r\n2\r\n2b\r\nthree\r\n']);
    expect((await edit('one\r\ntwo\nthree\n', { old_text: 'two\nthree', new_text: '2\n3' }))[1]).toBe('one\r\n2\n3\n');
    expect((await edit('one\r\ntwo\r\nthree\n', { old_text: 'one\ntwo', new_text: '1\n2' }))[1]).toBe(
      '1\r\n2\r\nthree\n',
    );
  });

  it('keeps the mode, and leaves nothing beside the file', async () => {
    const folder = temporaryFolder({ 'run.sh': '#!/bin/sh\necho a\n' });
    chmodSync(join(folder, 'run.sh'), 0o750);
    await callTool(await builtinTool('edit_file', folder), { path: 'run.sh', old_text: 'echo a', new_text: 'echo b' });
    expect(statSync(join(folder, 'run.sh')).mode & 0o777).toBe(0o750);
    expect(readdirSync(folder)).toEqual(['run.sh']);
  });

  it('makes several edits at once one after the other', async () => {
    const folder = temporaryFolder({ 'a.txt': 'a b c d e f' });
    const tool = await builtinTool('edit_file', folder);
    const write = await builtinTool('write_file', folder);
    const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(
      letters.map((letter) => callTool(tool, { path: 'a.txt', old_text: letter, new_text: letter.toUpperCase() })),
    );
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('A B C D E F');
    const [written, edited] = await Promise.all([
      callTool(write, { path: 'b.txt', content: 'x' }),
      callTool(tool, { path: 'b.txt', old_text: 'x', new_text: 'y' }),
    ]);
    expect([written, edited]).toEqual(['wrote b.txt (1 byte)', 'edited b.txt: line 1']);
  });

  it('refuses what is missing, too large, or no UTF-8', async () => {
    const folder = temporaryFolder({ 'latin.txt': Buffer.from('gr\xfcn', 'latin1'), 'large.txt': '', 'a.txt': 'abc' });
    truncateSync(join(folder, 'large.txt'), 1e12);
    const tool = await builtinTool('edit_file', folder);
    const change = { old_text: 'a', new_text: 'four' };
    expect(await callTool(tool, { path: 'none.txt', ...change })).toBe('refused: none.txt: does not exist');
    expect(await callTool(tool, { path: 'latin.txt', ...change })).toBe(
      'refused: latin.txt is not UTF-8 text, which is all that can be edited',
    );
    expect(await callTool(tool, { path: 'large.txt', ...change })).toBe(
      'refused: large.txt has 1,000,000,000,000 bytes; only files up to 10,000,000 bytes can be edited',
    );
    const small = await builtinTool('edit_file', folder, { max_bytes: 5 });
    expect(await callTool(small, { path: 'a.txt', ...change })).toBe(
      'refused: a.txt would have 6 bytes, more than 5 bytes; write less',
    );
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('abc');
  });
});
