import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';

const SALES = `\uFEFFid,Order Date,order,amount,zip,Größe,phone,,id
1,2024-01-31,A,1.5,00123,5,+491701234567,x,9
2,,"B, ""C""
and D",12,04567,7,0,y,9

3,2024-02-01,, 1e-05,99999,-3,1,z,9
`;

async function ask(folder: string, args: object, settings: object = {}): Promise<string> {
  return callTool(await builtinTool('query_csv', folder, settings as never), args as never, folder);
}

describe('query_csv', () => {
  it('shows columns, types and first rows without a query', async () => {
    expect(await ask(temporaryFolder({ 'sales.csv': SALES }), { file: 'sales.csv' })).toMatchInlineSnapshot(`
      "<data from="query_csv">
      csv(id INTEGER, Order_Date TEXT, "order" TEXT, amount REAL, zip TEXT, "Größe" INTEGER, phone TEXT, column_8 TEXT, id_2 INTEGER): 3 rows, such as

      | id | Order_Date | order | amount | zip | Größe | phone | column_8 | id_2 |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      | 1 | 2024-01-31 | A | 1.5 | 00123 | 5 | +491701234567 | x | 9 |
      | 2 | NULL | B, "C"\\nand D | 12 | 04567 | 7 | 0 | y | 9 |
      | 3 | 2024-02-01 | NULL | 0.00001 | 99999 | -3 | 1 | z | 9 |
      </data>"
    `);
  });

  it('asks with SQL and parameters', async () => {
    const folder = temporaryFolder({ 'sales.csv': SALES });
    const sql = 'SELECT sum(amount) AS total, min("Order_Date") AS first, max(zip) AS zip FROM csv WHERE id < ?';
    expect(await ask(folder, { file: 'sales.csv', sql, parameters: [3] })).toMatchInlineSnapshot(`
      "<data from="query_csv">
      | total | first | zip |
      | --- | --- | --- |
      | 13.5 | 2024-01-31 | 04567 |
      </data>"
    `);
    expect(await ask(folder, { file: 'sales.csv', sql: 'SELECT id FROM csv' }, { max_rows: 1 })).toMatchInlineSnapshot(`
      "<data from="query_csv">
      | id |
      | --- |
      | 1 |
      </data>
      This is the first row, and there are more: go on with LIMIT 1 OFFSET 1, or ask for less."
    `);
  });

  it('names the columns where one is unknown, and changes nothing', async () => {
    const folder = temporaryFolder({ 'sales.csv': 'a,b\n1,2\n' });
    const statements = [
      'SELECT c FROM csv',
      'SELECT a FROM sales',
      'DELETE FROM csv',
      'DROP TABLE csv',
      `ATTACH 'x' AS x`,
    ];
    const answers = await Promise.all(statements.map((sql) => ask(folder, { file: 'sales.csv', sql })));
    expect(answers).toMatchInlineSnapshot(`
      [
        "refused: the database refused it:
      <data from="query_csv">
      no such column: c. There is:
      csv(a INTEGER, b INTEGER)
      </data>",
        "refused: the database refused it:
      <data from="query_csv">
      no such table: sales. There is:
      csv(a INTEGER, b INTEGER)
      </data>",
        "refused: DELETE: the data can only be read; ask for it with SELECT",
        "refused: DROP: the data can only be read; ask for it with SELECT",
        "refused: ATTACH is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES",
      ]
    `);
  });

  it('reads what separates columns otherwise, and other encodings', async () => {
    const folder = temporaryFolder({
      'semicolon.csv': 'name;price\n"a;b";1,5\nc;2,5\n',
      'tab.tsv': 'name\tempty\tprice\na, b\t\t1\nc, d, e\t\t2\n',
      'pipe.txt': 'name|price\na|1\n',
      'latin1.csv': Buffer.from('name,city,price\nJürgen,Köln,5 \x80\n', 'latin1'),
      'utf16.csv': Buffer.from('\uFEFFname,city\r\nJürgen,Köln\r\n', 'utf16le'),
      'one.csv': 'word\nalpha\nbeta\n',
    });
    const files = ['semicolon.csv', 'tab.tsv', 'pipe.txt', 'latin1.csv', 'utf16.csv', 'one.csv'];
    const answers: string[] = [];
    for (const file of files) answers.push(await ask(folder, { file, sql: 'SELECT * FROM csv' }));
    expect(answers.join('\n').replaceAll(/<\/?data.*>\n?/g, '')).toMatchInlineSnapshot(`
      "| name | price |
      | --- | --- |
      | a;b | 1,5 |
      | c | 2,5 |
      | name | empty | price |
      | --- | --- | --- |
      | a, b | NULL | 1 |
      | c, d, e | NULL | 2 |
      | name | price |
      | --- | --- |
      | a | 1 |
      | name | city | price |
      | --- | --- | --- |
      | Jürgen | Köln | 5 € |
      | name | city |
      | --- | --- |
      | Jürgen | Köln |
      | word |
      | --- |
      | alpha |
      | beta |
      "
    `);
  });

  it('says what is missing or too much in rows, and what is no CSV', async () => {
    const folder = temporaryFolder({
      'ragged.csv': 'a,b\n1\n1,2,3\n',
      'header.csv': 'a,b\n',
      'empty.csv': '',
      'quote.csv': 'a,b\n"1,2\n3,4\n',
      'binary.csv': Buffer.from([0, 1, 2, 3, 255]),
      'wide.csv': `${Array.from({ length: 2001 }, (_, index) => `c${index}`).join(',')}\n`,
    });
    const files = ['ragged.csv', 'header.csv', 'empty.csv', 'quote.csv', 'binary.csv', 'wide.csv', 'none.csv'];
    const answers: string[] = [];
    for (const file of files) answers.push(await ask(folder, { file, sql: 'SELECT * FROM csv' }));
    expect(answers).toMatchInlineSnapshot(`
      [
        "<data from="query_csv">
      | a | b |
      | --- | --- |
      | 1 | NULL |
      | 1 | 2 |
      </data>
      1 row had more cells than the header; the extra ones are left out.",
        "<data from="query_csv">
      | a | b |
      | --- | --- |
      no rows
      </data>",
        "refused: empty.csv is empty",
        "refused: quote.csv is not CSV:
      <data from="query_csv">
      Quote Not Closed: the parsing is finished with an opening quote at line 3
      </data>",
        "refused: binary.csv is a binary file, not CSV",
        "refused: wide.csv has 2,001 columns, and 2000 is the most",
        "refused: none.csv: does not exist",
      ]
    `);
  });

  it('stays inside the root, and asks no file that is too large', async () => {
    const folder = temporaryFolder({ 'data/a.csv': 'a\n1\n', 'secret.csv': 'a\n1\n', '.env': 'a\n' });
    symlinkSync('../secret.csv', join(folder, 'data/link.csv'));
    writeFileSync(join(folder, 'data/huge.csv'), 'a\n');
    truncateSync(join(folder, 'data/huge.csv'), 200_000_001);
    const files = ['../secret.csv', join(folder, 'secret.csv'), 'link.csv', '/dev/zero', '.', 'huge.csv'];
    const answers = await Promise.all(files.map((file) => ask(folder, { file }, { root: 'data' })));
    expect(answers).toMatchInlineSnapshot(`
      [
        "refused: ../secret.csv is outside <folder>/data, the only folder this tool may use; give a path inside it",
        "refused: <folder>/secret.csv is outside <folder>/data, the only folder this tool may use; give a path inside it",
        "refused: link.csv is outside <folder>/data, the only folder this tool may use; give a path inside it",
        "refused: /dev/zero is outside <folder>/data, the only folder this tool may use; give a path inside it",
        "refused: . is a folder, not a file",
        "refused: huge.csv has 200,000,001 bytes; such files can be read up to 200,000,000 bytes",
      ]
    `);
  });

  it('sees that a file has changed', async () => {
    const folder = temporaryFolder({ 'a.csv': 'a\n1\n' });
    const args = { file: 'a.csv', sql: 'SELECT a FROM csv' };
    expect(await ask(folder, args)).toContain('| 1 |');
    writeFileSync(join(folder, 'a.csv'), 'a\n22\n');
    expect(await ask(folder, args)).toContain('| 22 |');
  });

  it('asks one file only where the settings say so', async () => {
    const folder = temporaryFolder({ 'a.csv': 'a\n1\n' });
    const { description, parameters, isCacheable, isOutside } = await builtinTool('query_csv', folder, {
      file: 'a.csv',
    });
    expect({ description, parameters, isCacheable, isOutside }).toMatchInlineSnapshot(`
      {
        "description": "Asks a.csv with SQLite's SELECT; its table is called csv. Without sql: columns and first rows.",
        "isCacheable": false,
        "isOutside": true,
        "parameters": {
          "additionalProperties": false,
          "properties": {
            "parameters": {
              "description": "Values for ? in sql",
              "items": {
                "type": [
                  "string",
                  "number",
                  "boolean",
                  "null",
                ],
              },
              "type": "array",
            },
            "sql": {
              "type": "string",
            },
          },
          "required": [],
          "type": "object",
        },
      }
    `);
    expect(await ask(folder, { sql: 'SELECT a FROM csv' }, { file: 'a.csv' })).toContain('| 1 |');
    expect(await ask(folder, { file: 'b.csv' }, { file: 'a.csv' })).toMatch(/^bad arguments/);
    const any = await builtinTool('query_csv', folder);
    expect(JSON.stringify([any.description, any.parameters]).length).toBeLessThan(400);
  });
});
