import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool } from './builtin.js';
import { callPlain } from './call-plain.js';
import { toolContext } from './tool-context.js';

const FILES = {
  'README.md': '# Solar\nPanels cost $100.\n',
  'src/a.ts': 'const solar = 1;\nconst wind = 2;\n',
  'src/deep/b.ts': 'export const panel = "solar";\r\n// nothing[0]\r\n',
  'docs/notes.txt': 'Solar and wind\n',
  'data.bin': Buffer.from('solar\0solar'),
  '.env': 'solar=secret',
  '.git/config': 'solar',
  '.github/ci.yml': 'name: solar',
  'certs/server.pem': 'solar',
  'node_modules/x/index.ts': 'solar',
};

describe('search_files', () => {
  it('finds lines by text, with file and number, and leaves out what is off limits or binary', async () => {
    const folder = temporaryFolder({ ...FILES, 'outside.txt': 'solar' });
    symlinkSync('../outside.txt', join(folder, 'src/link.txt'));
    symlinkSync('..', join(folder, 'src/up'));
    const search = await builtinTool('search_files', folder);
    expect(await callPlain(search, { pattern: 'solar' })).toMatchInlineSnapshot(`
      ".github/ci.yml:1: name: solar
      outside.txt:1: solar
      src/a.ts:1: const solar = 1;
      src/deep/b.ts:1: export const panel = "solar";"
    `);
  });

  it('takes a regular expression, or the same text as it stands', async () => {
    const search = await builtinTool('search_files', temporaryFolder(FILES));
    expect(await callPlain(search, { pattern: '^const \\w+' })).toBe(
      'src/a.ts:1: const solar = 1;\nsrc/a.ts:2: const wind = 2;',
    );
    expect(await callPlain(search, { pattern: '(?i)solar', files: '*.{md,txt}' })).toBe(
      'README.md:1: # Solar\ndocs/notes.txt:1: Solar and wind',
    );
    expect(await callPlain(search, { pattern: '$100.' })).toBe('README.md:2: Panels cost $100.');
    expect(await callPlain(search, { pattern: 'nothing[0]' })).toBe('src/deep/b.ts:2: // nothing[0]');
    expect(await callPlain(search, { pattern: 'a(' })).toBe(
      '[nothing found]\n[the pattern is no regular expression, so it was searched for as it stands]',
    );
  });

  it.each([
    ['*.ts', 'src/a.ts\nsrc/deep/b.ts'],
    ['src/*.ts', 'src/a.ts'],
    ['./src/**', 'src/a.ts\nsrc/deep/b.ts'],
    ['**/*.{txt,md}', 'README.md\ndocs/notes.txt'],
    ['.env', '[nothing found]'],
    ['**/*.pem', '[nothing found]'],
    ['../*', '[nothing found]'],
    ['*.TS', '[nothing found]'],
  ])('finds files by the glob %s', async (files, expected) => {
    expect(await callPlain(await builtinTool('search_files', temporaryFolder(FILES)), { files })).toBe(expected);
  });

  it('looks below a path, or into one file', async () => {
    const search = await builtinTool('search_files', temporaryFolder(FILES));
    expect(await callPlain(search, { path: 'src', files: 'deep/*' })).toBe('src/deep/b.ts');
    expect(await callPlain(search, { path: 'src', files: 'src/*.ts' })).toBe('src/a.ts');
    expect(await callPlain(search, { path: 'src/a.ts', pattern: 'wind' })).toBe('src/a.ts:2: const wind = 2;');
    expect(await callPlain(search, { path: 'node_modules', pattern: 'solar' })).toBe(
      'node_modules/x/index.ts:1: solar',
    );
    expect(await callPlain(search, { path: 'none', pattern: 'x' })).toBe('refused: none: does not exist');
    expect(await callPlain(search, { path: '.git', pattern: 'x' })).toBe(
      'refused: .git is off limits: .git may hold secrets; go on without it',
    );
  });

  it('tells the model little, and all it needs', async () => {
    const { name, description, parameters, effects } = await builtinTool('search_files', temporaryFolder());
    expect({ name, description, parameters, effects }).toMatchInlineSnapshot(`
      {
        "description": "Finds files by name, or lines by text, in a folder and all below it.",
        "effects": "none",
        "name": "search_files",
        "parameters": {
          "additionalProperties": false,
          "properties": {
            "files": {
              "description": "Glob, such as *.md or src/**/*.ts",
              "type": "string",
            },
            "offset": {
              "description": "Results to skip",
              "maximum": 100000,
              "minimum": 0,
              "type": "integer",
            },
            "path": {
              "type": "string",
            },
            "pattern": {
              "description": "Text or regular expression in a line",
              "type": "string",
            },
          },
          "type": "object",
        },
      }
    `);
    expect(`${description}${JSON.stringify(parameters)}`.length).toBeLessThan(450);
  });

  it('wants to be told what to look for', async () => {
    const search = await builtinTool('search_files', temporaryFolder());
    expect(await callPlain(search, { path: '.' })).toBe('refused: give a pattern, files or both');
  });

  it('gives many results in parts', async () => {
    const folder = temporaryFolder({ 'a.txt': 'x\n'.repeat(5), 'b.txt': 'x\n' });
    const search = await builtinTool('search_files', folder, { max_results: 4 });
    expect(await callPlain(search, { pattern: 'x' })).toBe(
      'a.txt:1: x\na.txt:2: x\na.txt:3: x\na.txt:4: x\n[there are more results; call again with offset 4]',
    );
    expect(await callPlain(search, { pattern: 'x', offset: 4 })).toBe('a.txt:5: x\nb.txt:1: x');
    expect(await callPlain(search, { pattern: 'x', offset: 6 })).toBe('[there are 6 results in all]');
    expect(await callPlain(search, { files: '*', offset: 1 })).toBe('b.txt');
  });

  it('shows the part of a long line that has the match', async () => {
    const folder = temporaryFolder({ 'a.txt': `${'x'.repeat(2_500_000)}needle${'y'.repeat(1000)}\nneedle` });
    const lines = (await callPlain(await builtinTool('search_files', folder), { pattern: 'needle' })).split('\n');
    expect(lines).toEqual(['a.txt:2: needle']);
    const short = temporaryFolder({ 'a.txt': `${'x'.repeat(5000)}needle${'y'.repeat(1000)}` });
    expect(await callPlain(await builtinTool('search_files', short), { pattern: 'needle' })).toBe(
      `a.txt:1: …${'x'.repeat(100)}needle${'y'.repeat(194)}…`,
    );
  });

  it('reads UTF-16 and old Windows files, and numbers lines across pieces', async () => {
    const folder = temporaryFolder({
      'utf16.txt': Buffer.from('\uFEFFone\ngrün\n', 'utf16le'),
      'windows.txt': Buffer.from('one\ntwo\ngr\xfcn \x80', 'latin1'),
      'long.txt': `${'line of text\n'.repeat(200_000)}grün`,
    });
    expect(await callPlain(await builtinTool('search_files', folder), { pattern: 'grün' })).toBe(
      'long.txt:200001: grün\nutf16.txt:2: grün\nwindows.txt:3: grün €',
    );
  });

  it('ends an expression or a glob that takes for ever', async () => {
    const folder = temporaryFolder({ 'a.txt': `${'a'.repeat(50)}b`, ['a'.repeat(200)]: '' });
    const search = await builtinTool('search_files', folder);
    expect(await callPlain(search, { pattern: '(a+)+$' })).toBe(
      'refused: the pattern (a+)+$ takes too long; use a simpler one',
    );
    const glob = `${'*a'.repeat(40)}b`;
    expect(await callPlain(search, { files: glob })).toBe(
      `refused: the glob ${glob} takes too long; use a simpler one`,
    );
  });

  it('leaves pipes alone, and a huge file that is no text', async () => {
    const folder = temporaryFolder({ 'a.txt': 'x', 'huge.bin': '' });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    truncateSync(join(folder, 'huge.bin'), 1e12);
    expect(await callPlain(await builtinTool('search_files', folder), { pattern: 'x' })).toBe('a.txt:1: x');
  });

  it('stops when the call is', async () => {
    const search = await builtinTool('search_files', temporaryFolder(FILES));
    const stopped = toolContext({ signal: AbortSignal.abort(new Error('stopped')) });
    await expect(search.execute({ pattern: 'x' }, stopped)).rejects.toThrow('stopped');
  });
});
