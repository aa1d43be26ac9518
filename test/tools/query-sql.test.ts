import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/util/json.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';
import { toolContext } from './tool-context.js';

const SHOP = `
  CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, buyer INT REFERENCES people (id), total REAL, "ship to" TEXT);
  CREATE VIEW large AS SELECT * FROM orders WHERE total > 50;
  INSERT INTO people VALUES (1, 'Ann'), (2, NULL), (3, 'a|b' || char(10) || 'c');
  INSERT INTO orders VALUES (1, 1, 10.5, NULL), (2, 1, 99, 'x'), (9007199254740993, 2, 7.0, 'y')`;
const ENDLESS = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';

function shop(): string {
  const folder = temporaryFolder();
  const database = new Sqlite(join(folder, 'shop.db'));
  database.exec(SHOP);
  database.close();
  return folder;
}

const tool = (folder: string, settings: object = {}) =>
  builtinTool('query_sql', folder, { database: 'shop.db', ...settings });

async function ask(
  folder: string,
  sql: string,
  { parameters = [], ...settings }: { readonly parameters?: JsonValue[]; readonly [setting: string]: unknown } = {},
): Promise<string> {
  return callTool(await tool(folder, settings), { sql, parameters }, folder);
}

/** What the model is told of each statement. */
async function askAll(folder: string, statements: readonly string[], settings: JsonObject = {}): Promise<string> {
  const answers: string[] = [];
  for (const sql of statements)
    answers.push(`${sql}\n  ${(await ask(folder, sql, settings)).replaceAll('\n', '\n  ')}`);
  return `\n${answers.join('\n')}`;
}

describe('query_sql on an SQLite file', () => {
  it('shows the tables without a statement', async () => {
    const folder = shop();
    expect(await callTool(await tool(folder), {})).toMatchInlineSnapshot(`
      "<data from="query_sql">
      view large(id INTEGER, buyer INT, total REAL, "ship to" TEXT)
      orders(id INTEGER primary key, buyer INT → people.id, total REAL, "ship to" TEXT)
      people(id INTEGER primary key, name TEXT)
      </data>"
    `);
    expect(await ask(folder, '  ')).toBe(await callTool(await tool(folder), {}));
  });

  it('gives rows as a table of one line each, with numbers as they are', async () => {
    const folder = shop();
    expect(
      await askAll(folder, [
        'SELECT * FROM people ORDER BY id',
        "select id, total, x'0102' AS image FROM orders",
        'SELECT * FROM people WHERE id > 9',
        '-- the largest\nVALUES (1, 2)',
        'EXPLAIN QUERY PLAN SELECT * FROM people',
        'PRAGMA table_info(people)',
      ]),
    ).toMatchInlineSnapshot(`
      "
      SELECT * FROM people ORDER BY id
        <data from="query_sql">
        | id | name |
        | --- | --- |
        | 1 | Ann |
        | 2 | NULL |
        | 3 | a\\|b\\nc |
        </data>
      select id, total, x'0102' AS image FROM orders
        <data from="query_sql">
        | id | total | image |
        | --- | --- | --- |
        | 1 | 10.5 | [2 bytes of binary data] |
        | 2 | 99 | [2 bytes of binary data] |
        | 9007199254740993 | 7 | [2 bytes of binary data] |
        </data>
      SELECT * FROM people WHERE id > 9
        <data from="query_sql">
        | id | name |
        | --- | --- |
        no rows
        </data>
      -- the largest
      VALUES (1, 2)
        <data from="query_sql">
        | column1 | column2 |
        | --- | --- |
        | 1 | 2 |
        </data>
      EXPLAIN QUERY PLAN SELECT * FROM people
        <data from="query_sql">
        | id | parent | notused | detail |
        | --- | --- | --- | --- |
        | 2 | 0 | 216 | SCAN people |
        </data>
      PRAGMA table_info(people)
        <data from="query_sql">
        | cid | name | type | notnull | dflt_value | pk |
        | --- | --- | --- | --- | --- | --- |
        | 0 | id | INTEGER | 0 | NULL | 1 |
        | 1 | name | TEXT | 0 | NULL | 0 |
        </data>"
    `);
  });

  it('puts in parameters', async () => {
    const parameters = [2, 'x', 1.5, true, null];
    const sql = 'SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e';
    expect(await ask(shop(), sql, { parameters })).toMatchInlineSnapshot(`
      "<data from="query_sql">
      | a | b | c | d | e |
      | --- | --- | --- | --- | --- |
      | 2 | x | 1.5 | 1 | NULL |
      </data>"
    `);
    expect(await ask(shop(), 'SELECT ?', { parameters: [] })).toMatchInlineSnapshot(
      `"refused: Too few parameter values were provided; parameters fills each ? of the statement, in order"`,
    );
  });

  it('says how to get more rows, and more of a long text', async () => {
    const folder = shop();
    expect(await ask(folder, 'SELECT id FROM people', { max_rows: 2 })).toMatchInlineSnapshot(`
      "<data from="query_sql">
      | id |
      | --- |
      | 1 |
      | 2 |
      </data>
      These are the first 2 rows, and there are more: go on with LIMIT 2 OFFSET 2, or ask for less."
    `);
    const long = await ask(folder, `SELECT printf('%.*c', 5000, 'x') AS text`);
    expect(long.replace(/x{999,}/, (run) => `x*${run.length}`)).toMatchInlineSnapshot(`
      "<data from="query_sql">
      | text |
      | --- |
      | x*1000… |
      </data>
      Texts that end with … are cut: substr(column, 1001, 1000) gives the next part."
    `);
    const many = await ask(
      folder,
      `SELECT printf('%.*c', 900, 'x') FROM orders, orders b, orders c, orders d, orders e`,
      { max_rows: 10_000 },
    );
    expect(many.length).toBeLessThan(101_000);
    expect(many.split('\n').at(-1)).toMatchInlineSnapshot(
      `"These are the first 110 rows, and there are more: go on with LIMIT 110 OFFSET 110, or ask for less."`,
    );
  });

  it('names what there is where a table or column is unknown', async () => {
    expect(
      await askAll(shop(), ['SELECT * FROM order_items', 'SELECT nme FROM people', 'SELEC 1', 'SELECT 1 FORM people']),
    ).toMatchInlineSnapshot(`
      "
      SELECT * FROM order_items
        refused: the database refused it:
        <data from="query_sql">
        no such table: order_items. There is:
        view large(id INTEGER, buyer INT, total REAL, "ship to" TEXT)
        orders(id INTEGER primary key, buyer INT → people.id, total REAL, "ship to" TEXT)
        people(id INTEGER primary key, name TEXT)
        </data>
      SELECT nme FROM people
        refused: the database refused it:
        <data from="query_sql">
        no such column: nme. There is:
        people(id INTEGER primary key, name TEXT)
        </data>
      SELEC 1
        refused: SELEC is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES
      SELECT 1 FORM people
        refused: the database refused it:
        <data from="query_sql">
        near "people": syntax error
        </data>"
    `);
  });

  it('changes nothing and reaches no other file', async () => {
    const folder = shop();
    const attacks = [
      'DELETE FROM people',
      'INSERT INTO people VALUES (7, 7)',
      '/* harmless */ DROP TABLE people',
      'WITH gone AS (SELECT 1) DELETE FROM people',
      'EXPLAIN DELETE FROM people',
      'SELECT 1; DELETE FROM people',
      ';;DELETE FROM people',
      `ATTACH 'other.db' AS other`,
      `VACUUM INTO 'copy.db'`,
      'PRAGMA query_only = OFF',
      'PRAGMA journal_mode(delete)',
      'PRAGMA writable_schema = 1',
      `SELECT load_extension('evil')`,
      `SELECT writefile('x', 'y')`,
      'BEGIN IMMEDIATE',
      'CREATE TEMP TABLE t (a)',
      '--',
    ];
    expect(await askAll(folder, attacks)).toMatchInlineSnapshot(`
      "
      DELETE FROM people
        refused: DELETE: the data can only be read; ask for it with SELECT
      INSERT INTO people VALUES (7, 7)
        refused: INSERT: the data can only be read; ask for it with SELECT
      /* harmless */ DROP TABLE people
        refused: DROP: the data can only be read; ask for it with SELECT
      WITH gone AS (SELECT 1) DELETE FROM people
        refused: the data can only be read; ask for it with SELECT
      EXPLAIN DELETE FROM people
        refused: DELETE: the data can only be read; ask for it with SELECT
      SELECT 1; DELETE FROM people
        refused: only one statement at a time
      ;;DELETE FROM people
        refused: DELETE: the data can only be read; ask for it with SELECT
      ATTACH 'other.db' AS other
        refused: ATTACH is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES
      VACUUM INTO 'copy.db'
        refused: VACUUM is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES
      PRAGMA query_only = OFF
        refused: PRAGMA is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES
      PRAGMA journal_mode(delete)
        refused: PRAGMA is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES
      PRAGMA writable_schema = 1
        refused: PRAGMA is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES
      SELECT load_extension('evil')
        refused: the database refused it:
        <data from="query_sql">
        not authorized
        </data>
      SELECT writefile('x', 'y')
        refused: the database refused it:
        <data from="query_sql">
        no such function: writefile
        </data>
      BEGIN IMMEDIATE
        refused: BEGIN is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES
      CREATE TEMP TABLE t (a)
        refused: CREATE: the data can only be read; ask for it with SELECT
      --
        refused: there is no statement in it, only comments; leave sql out to see the tables"
    `);
    const database = new Sqlite(join(folder, 'shop.db'), { readonly: true });
    expect(database.prepare('SELECT count(*) FROM people').pluck().get()).toBe(3);
    database.close();
    expect([existsSync(join(folder, 'other.db')), existsSync(join(folder, 'copy.db'))]).toEqual([false, false]);
  });

  it('changes rows with write: true, and still reaches no other file', async () => {
    const folder = shop();
    const statements = [
      `INSERT INTO people (name) VALUES ('Bob')`,
      `INSERT INTO people (name) VALUES ('Eve'), ('Joe') RETURNING id, name`,
      `UPDATE people SET name = 'Bo' WHERE id = 4`,
      'DELETE FROM people WHERE id = 99',
      'CREATE TABLE notes (text TEXT)',
      'INSERT INTO people VALUES (1, 1)',
      'SELECT count(*) AS people FROM people',
      `ATTACH 'other.db' AS other`,
      'PRAGMA journal_mode = DELETE',
      `VACUUM INTO 'copy.db'`,
      'BEGIN',
      'DELETE FROM people; DELETE FROM orders',
    ];
    expect(await askAll(folder, statements, { write: true })).toMatchInlineSnapshot(`
      "
      INSERT INTO people (name) VALUES ('Bob')
        <data from="query_sql">
        1 row changed; the last one has rowid 4
        </data>
      INSERT INTO people (name) VALUES ('Eve'), ('Joe') RETURNING id, name
        <data from="query_sql">
        | id | name |
        | --- | --- |
        | 5 | Eve |
        | 6 | Joe |
        </data>
      UPDATE people SET name = 'Bo' WHERE id = 4
        <data from="query_sql">
        1 row changed
        </data>
      DELETE FROM people WHERE id = 99
        <data from="query_sql">
        0 rows changed
        </data>
      CREATE TABLE notes (text TEXT)
        <data from="query_sql">
        done
        </data>
      INSERT INTO people VALUES (1, 1)
        refused: the database refused it:
        <data from="query_sql">
        UNIQUE constraint failed: people.id
        </data>
      SELECT count(*) AS people FROM people
        <data from="query_sql">
        | people |
        | --- |
        | 6 |
        </data>
      ATTACH 'other.db' AS other
        refused: ATTACH is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, REPLACE, CREATE, ALTER, DROP, ANALYZE, REINDEX
      PRAGMA journal_mode = DELETE
        refused: PRAGMA is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, REPLACE, CREATE, ALTER, DROP, ANALYZE, REINDEX
      VACUUM INTO 'copy.db'
        refused: VACUUM is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, REPLACE, CREATE, ALTER, DROP, ANALYZE, REINDEX
      BEGIN
        refused: BEGIN is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, REPLACE, CREATE, ALTER, DROP, ANALYZE, REINDEX
      DELETE FROM people; DELETE FROM orders
        refused: only one statement at a time"
    `);
    expect((await tool(folder, { write: true })).effects).toBe('write');
  });

  it('needs a database that is there, and makes none', async () => {
    const folder = temporaryFolder({ 'text.db': 'This is a text, long enough to be looked at as a whole page.' });
    mkdirSync(join(folder, 'folder.db'));
    execFileSync('mkfifo', [join(folder, 'pipe.db')]);
    const answers = await Promise.all(
      ['none.db', 'folder.db', 'pipe.db', 'text.db'].map((database) => ask(folder, 'SELECT 1 FROM a', { database })),
    );
    expect(answers).toMatchInlineSnapshot(`
      [
        "refused: none.db: does not exist",
        "refused: folder.db is a folder, not a database file",
        "refused: pipe.db is a named pipe, not a database file",
        "refused: it is no SQLite database",
      ]
    `);
    expect(existsSync(join(folder, 'none.db'))).toBe(false);
    expect(await ask(folder, 'CREATE TABLE a (b)', { database: 'none.db', write: true })).toBe(
      'refused: none.db: does not exist',
    );
  });

  it('is stopped in a query that never ends, while others go on', async () => {
    const folder = shop();
    const controller = new AbortController();
    const endless = (await tool(folder)).execute({ sql: ENDLESS }, toolContext({ signal: controller.signal }));
    expect(await ask(folder, 'SELECT 1 AS one')).toMatchInlineSnapshot(`
      "<data from="query_sql">
      | one |
      | --- |
      | 1 |
      </data>"
    `);
    controller.abort(new Error('stopped'));
    await expect(endless).rejects.toThrow('stopped');
    expect(await ask(folder, 'SELECT 2 AS two')).toContain('| 2 |');
  });

  it('tells the model which database it is and what may be done', async () => {
    const told = async (settings: object) => {
      const { description, parameters, effects, isCacheable, isOutside } = await builtinTool(
        'query_sql',
        '/',
        settings as never,
      );
      expect(JSON.stringify({ description, parameters }).length).toBeLessThan(400);
      return { description, effects, isCacheable, isOutside };
    };
    expect([
      await told({ database: 'a.db' }),
      await told({ url: 'postgres://host/name' }),
      await told({ url: 'postgres://host/name', write: true }),
    ]).toMatchInlineSnapshot(`
      [
        {
          "description": "Runs one SQLite statement; only reading is allowed. Without sql: the tables and columns.",
          "effects": "none",
          "isCacheable": false,
          "isOutside": true,
        },
        {
          "description": "Runs one PostgreSQL statement; only reading is allowed. Without sql: the tables and columns.",
          "effects": "none",
          "isCacheable": false,
          "isOutside": true,
        },
        {
          "description": "Runs one PostgreSQL statement. Without sql: the tables and columns.",
          "effects": "external",
          "isCacheable": false,
          "isOutside": true,
        },
      ]
    `);
  });

  it('refuses settings that name no database, or two, or no server, without showing an address', async () => {
    const refusals = [
      {},
      { database: 'a.db', url: 'postgres://host' },
      { url: 'mysql://me:secret@host' },
      { url: 'secret' },
    ].map((settings) => builtinTool('query_sql', '/', settings).catch((error: Error) => error.message));
    expect(await Promise.all(refusals)).toMatchInlineSnapshot(`
      [
        "query_sql: no database is given",
        "query_sql: two databases are given",
        "query_sql: \`url\` is not the address of a PostgreSQL server",
        "query_sql: \`url\` is not the address of a PostgreSQL server",
      ]
    `);
  });
});
