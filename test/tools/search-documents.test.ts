import { rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';
import { callPlain } from './call-plain.js';
import { createDocx, createPdf, paragraph } from './documents/sample-documents.js';
import { toolContext } from './tool-context.js';

const FILES = {
  'guide.md': '# Solar guide\n\nIntro.\n\n## Inverters\n\nAn inverter turns direct current into alternating current.\n',
  'notes.txt': 'Call the installer.\nThe inverter is in the cellar.\n',
  'code.ts': 'const inverter = 1;',
  '.env': 'inverter=secret',
  '.git/notes.md': 'inverter',
  'certs/inverter.pem': 'inverter',
  'node_modules/x/README.md': 'inverter',
};

describe('search_documents', () => {
  it('finds passages with their place, the best first, marked as text from outside', async () => {
    const folder = temporaryFolder({ ...FILES, 'secret/a.md': 'x' });
    const outside = temporaryFolder({ 'inverter.md': 'inverter' });
    symlinkSync(join(outside, 'inverter.md'), join(folder, 'link.md'));
    symlinkSync(outside, join(folder, 'linked'));
    expect(await callTool(await builtinTool('search_documents', folder), { query: 'inverter current' }))
      .toMatchInlineSnapshot(`
        "<data from="search_documents">
        guide.md:5 (Solar guide > Inverters)
        ## Inverters

        An inverter turns direct current into alternating current.

        notes.txt:1
        Call the installer.
        The inverter is in the cellar.
        </data>"
      `);
  });

  it('reads PDF by page, DOCX and HTML, and names what it cannot read', async () => {
    const folder = temporaryFolder({
      'a.pdf': createPdf(['Introduction', 'The feed-in tariff is 8 cents.']),
      'b.docx': await createDocx(paragraph('The tariff was 9 cents.')),
      'c.html': '<h1>Tariffs</h1><script>tariff()</script><p>It will be 7 cents.</p>',
      'broken.pdf': '%PDF-1.4 tariff',
      'image.txt': Buffer.from('tariff\0'),
      'huge.txt': '',
    });
    truncateSync(join(folder, 'huge.txt'), 1e12);
    expect(await callPlain(await builtinTool('search_documents', folder), { query: 'tariff' })).toMatchInlineSnapshot(`
      "c.html (Tariffs)
      # Tariffs

      It will be 7 cents.

      b.docx
      The tariff was 9 cents.

      a.pdf, page 2
      The feed-in tariff is 8 cents.

      [left out: broken.pdf is broken, or no PDF file; huge.txt has 1,000,000,000,000 bytes; such files can be read up to 10,000,000 bytes; image.txt is a binary file, not text, PDF or DOCX]"
    `);
  });

  it('tells the model little, and all it needs', async () => {
    const { name, description, parameters, effects } = await builtinTool('search_documents', temporaryFolder());
    expect({ name, description, parameters, effects }).toMatchInlineSnapshot(`
      {
        "description": "Finds the passages of the documents here that fit the words best.",
        "effects": "none",
        "name": "search_documents",
        "parameters": {
          "additionalProperties": false,
          "properties": {
            "max_results": {
              "minimum": 1,
              "type": "integer",
            },
            "query": {
              "description": "Words that should be in them",
              "type": "string",
            },
          },
          "required": [
            "query",
          ],
          "type": "object",
        },
      }
    `);
  });

  it('searches the files of its settings alone, whatever their case', async () => {
    const search = await builtinTool('search_documents', temporaryFolder(FILES), { files: ['*.TS', 'docs/**'] });
    expect(await callPlain(search, { query: 'inverter' })).toBe('code.ts:1\nconst inverter = 1;');
  });

  it('gives as many passages as it is asked for, and its settings allow', async () => {
    const folder = temporaryFolder(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.md`, 'solar'])));
    const search = await builtinTool('search_documents', folder, { max_results: 3 });
    expect((await callPlain(search, { query: 'solar' })).match(/\.md/g)).toHaveLength(3);
    expect((await callPlain(search, { query: 'solar', max_results: 9 })).match(/\.md/g)).toHaveLength(3);
    expect(await callPlain(search, { query: 'solar', max_results: 1 })).toBe('a.md:1\nsolar');
  });

  it('notices files that are new, changed and gone', async () => {
    const folder = temporaryFolder(FILES);
    const search = await builtinTool('search_documents', folder);
    await callPlain(search, { query: 'inverter' });
    writeFileSync(join(folder, 'new.md'), 'Yet another inverter.');
    writeFileSync(join(folder, 'notes.txt'), 'Nothing more.');
    rmSync(join(folder, 'guide.md'));
    expect(await callPlain(search, { query: 'inverter' })).toBe('new.md:1\nYet another inverter.');
  });

  it('says that nothing was found, or that there is no word', async () => {
    const search = await builtinTool('search_documents', temporaryFolder(FILES));
    expect(await callPlain(search, { query: 'wind' })).toBe('[nothing found; try other words]');
    expect(await callPlain(search, { query: '"* (' })).toBe(
      'refused: there is no word in the query; give words that the passage should have',
    );
  });

  it('answers several searches at once', async () => {
    const search = await builtinTool('search_documents', temporaryFolder(FILES));
    const answers = await Promise.all(['installer', 'intro', 'cellar'].map((query) => callPlain(search, { query })));
    expect(answers.map((answer) => answer.split('\n')[0])).toEqual([
      'notes.txt:1',
      'guide.md:1 (Solar guide)',
      'notes.txt:1',
    ]);
  });

  it('stops when the call is, and takes nothing for unreadable because of that', async () => {
    const search = await builtinTool('search_documents', temporaryFolder(FILES));
    const stopped = toolContext({ signal: AbortSignal.abort(new Error('stopped')) });
    await expect(search.execute({ query: 'inverter' }, stopped)).rejects.toThrow('stopped');
    expect(await callPlain(search, { query: 'installer' })).toContain('notes.txt:1');
  });
});
