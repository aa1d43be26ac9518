import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';
import { toolContext } from './tool-context.js';

const SHOP = JSON.stringify({
  name: 'Shop',
  items: [
    { id: 1, price: 8, tags: ['new'], 'long title': 'A' },
    { id: 2, price: 12.5, tags: [], note: null },
    { id: 'x', price: 20 },
  ],
  owner: { name: 'Ann', since: 1999 },
});

async function ask(folder: string, args: object, settings: object = {}): Promise<string> {
  return callTool(await builtinTool('query_json', folder, settings as never), args as never, folder);
}

const queries = async (folder: string, file: string, paths: readonly string[]): Promise<string> => {
  const answers = await Promise.all(paths.map((query) => ask(folder, { file, query })));
  return `\n${paths.map((path, index) => `${path}\n  ${answers[index]?.replaceAll('\n', '\n  ')}`).join('\n')}`;
};

describe('query_json', () => {
  it('shows how a file is built without a query', async () => {
    const folder = temporaryFolder({ 'shop.json': SHOP, 'events.jsonl': '{"at":1}\n\n{"at":2,"what":"x"}\n' });
    expect(await ask(folder, { file: 'shop.json' })).toMatchInlineSnapshot(`
      "<data from="query_json">
      $: object with 3 keys
      $.name: string, such as "Shop"
      $.items: list of 3 items
      $.items[*]: object
      $.items[*].id: number or string, such as 1
      $.items[*].price: number, such as 8
      $.items[*].tags: list (not always there)
      $.items[*].tags[*]: string, such as "new"
      $.items[*]["long title"]: string, such as "A" (not always there)
      $.items[*].note: null (not always there)
      $.owner: object with 2 keys
      $.owner.name: string, such as "Ann"
      $.owner.since: number, such as 1999
      </data>"
    `);
    expect(await ask(folder, { file: 'events.jsonl', query: '' })).toMatchInlineSnapshot(`
      "<data from="query_json">
      $: list of 2 items
      $[*]: object
      $[*].at: number, such as 1
      $[*].what: string, such as "x" (not always there)
      </data>"
    `);
  });

  it('keeps the outline of a large file short', async () => {
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`key ${index}`, { value: index }]));
    const folder = temporaryFolder({ 'wide.json': JSON.stringify({ a: wide, b: wide, c: wide }) });
    const outline = await ask(folder, { file: 'wide.json' });
    expect(outline.split('\n').length).toBeLessThan(210);
    expect(outline.split('\n').at(-1)).toMatchInlineSnapshot(
      `"There is more: give a query for one part, such as $.key.*"`,
    );
  });

  it('finds values with their places', async () => {
    const folder = temporaryFolder({ 'shop.json': SHOP });
    expect(
      await queries(folder, 'shop.json', [
        '$.items[?@.price > 10].id',
        '$..name',
        "$.items[0]['long title']",
        '$.items[-1:]',
        '$.items[?match(@.id, "x")]',
        '$.nothing',
      ]),
    ).toMatchInlineSnapshot(`
      "
      $.items[?@.price > 10].id
        <data from="query_json">
        $.items[1].id = 2
        $.items[2].id = "x"
        </data>
      $..name
        <data from="query_json">
        $.name = "Shop"
        $.owner.name = "Ann"
        </data>
      $.items[0]['long title']
        <data from="query_json">
        $.items[0]["long title"] = "A"
        </data>
      $.items[-1:]
        <data from="query_json">
        $.items[2] = {"id":"x","price":20}
        </data>
      $.items[?match(@.id, "x")]
        <data from="query_json">
        $.items[2] = {"id":"x","price":20}
        </data>
      $.nothing
        <data from="query_json">
        nothing found
        </data>
        Without query the structure of the file is shown."
    `);
  });

  it('gives the rest by offset, and cuts long values', async () => {
    const folder = temporaryFolder({ 'many.json': JSON.stringify({ list: [1, 2, 3], text: 'x'.repeat(5000) }) });
    expect(await ask(folder, { file: 'many.json', query: '$.list[*]' }, { max_results: 2 })).toMatchInlineSnapshot(`
      "<data from="query_json">
      $.list[0] = 1
      $.list[1] = 2
      </data>
      1 more of 3 values: go on with offset 2."
    `);
    expect(await ask(folder, { file: 'many.json', query: '$.list[*]', offset: 2 })).toMatchInlineSnapshot(`
      "<data from="query_json">
      $.list[2] = 3
      </data>"
    `);
    expect(await ask(folder, { file: 'many.json', query: '$.list[*]', offset: 9 })).toMatchInlineSnapshot(
      `"refused: offset 9 is past the end: there are 3 values"`,
    );
    const long = await ask(folder, { file: 'many.json', query: '$.text' });
    expect(long.replace(/x{999,}/, (run) => `x*${run.length}`)).toMatchInlineSnapshot(`
      "<data from="query_json">
      $.text = "x*1999…
      </data>
      Values that end with … are cut: ask for a part of them."
    `);
  });

  it('reminds of the syntax where a path is none', async () => {
    const folder = temporaryFolder({ 'shop.json': SHOP });
    expect(
      await queries(folder, 'shop.json', [
        'items',
        '$.items[?@.price >',
        '$.items[?run(@)]',
        '$.items[(@.length-1)]',
        '.items[0] | keys',
      ]),
    ).toMatchInlineSnapshot(`
      "
      items
        refused: expected '$', found 'i' ('items':0); a path looks like $.items[*].name, $.items[0:10], $..id or $.items[?@.price > 10 && @.kind == "a"].name
      $.items[?@.price >
        refused: unclosed bracketed selection ('@.price >':18); a path looks like $.items[*].name, $.items[0:10], $..id or $.items[?@.price > 10 && @.kind == "a"].name
      $.items[?run(@)]
        refused: no such function 'run' ('ms[?run(@':9); a path looks like $.items[*].name, $.items[0:10], $..id or $.items[?@.price > 10 && @.kind == "a"].name
      $.items[(@.length-1)]
        refused: unexpected token '(' in bracketed selection ('ems[(@.le':8); a path looks like $.items[*].name, $.items[0:10], $..id or $.items[?@.price > 10 && @.kind == "a"].name
      .items[0] | keys
        refused: expected '$', found '.' ('.items[0]':0); a path looks like $.items[*].name, $.items[0:10], $..id or $.items[?@.price > 10 && @.kind == "a"].name"
    `);
  });

  it('says what is no JSON', async () => {
    const folder = temporaryFolder({
      'text.json': 'hello',
      'cut.json': '{"a":',
      'empty.json': ' ',
      'lines.jsonl': '{"a":1}\n{"a":\n',
      'lines.json': '{"a":1}\n{"a":2}\n',
      'huge.json': '',
      'deep.json': `${'['.repeat(5000)}${']'.repeat(5000)}`,
      '.env': 'KEY=1',
    });
    truncateSync(join(folder, 'huge.json'), 50_000_001);
    const files = ['text.json', 'cut.json', 'empty.json', 'lines.jsonl', 'lines.json', 'huge.json', 'deep.json'];
    const answers: string[] = [];
    for (const file of [...files, '.env', '../x.json', 'none.json'])
      answers.push(await ask(folder, { file, query: '$..a' }));
    expect(answers).toMatchInlineSnapshot(`
      [
        "refused: text.json is not JSON:
      <data from="query_json">
      Unexpected token 'h', "hello" is not valid JSON
      </data>",
        "refused: cut.json is not JSON:
      <data from="query_json">
      Unexpected end of JSON input
      </data>",
        "refused: empty.json is empty",
        "refused: line 2 of lines.jsonl is not JSON:
      <data from="query_json">
      Unexpected end of JSON input
      </data>",
        "<data from="query_json">
      $[0].a = 1
      $[1].a = 2
      </data>",
        "refused: huge.json has 50,000,001 bytes; such files can be read up to 50,000,000 bytes",
        "refused: the values are nested too deeply for $..; give the way to them, such as $.a.b[*]",
        "refused: .env is off limits: .env may hold secrets; go on without it",
        "refused: ../x.json is outside <folder>, the only folder this tool may use; give a path inside it",
        "refused: none.json: does not exist",
      ]
    `);
  });

  it('is stopped in a pattern that never ends', async () => {
    const folder = temporaryFolder({ 'a.json': JSON.stringify([`${'a'.repeat(50)}!`]) });
    const controller = new AbortController();
    const endless = (await builtinTool('query_json', folder)).execute(
      { file: 'a.json', query: '$[?match(@, "(a+)+b")]' },
      toolContext({ signal: controller.signal }),
    );
    expect(await ask(folder, { file: 'a.json', query: '$[0]' })).toContain('$[0] = ');
    controller.abort(new Error('stopped'));
    await expect(endless).rejects.toThrow('stopped');
  });

  it('tells the model little', async () => {
    const { description, parameters, effects, isCacheable, isOutside } = await builtinTool('query_json', '/');
    expect(JSON.stringify([description, parameters]).length).toBeLessThan(400);
    expect({ effects, isCacheable, isOutside }).toEqual({ effects: 'none', isCacheable: false, isOutside: true });
  });
});
