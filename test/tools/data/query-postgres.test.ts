import { type AddressInfo, createServer, type Socket } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type PostgresServer, startPostgresServer } from '../../helpers/postgres-server.js';
import { builtinTool, callTool } from '../builtin.js';
import { toolContext } from '../tool-context.js';

const SHOP = `
  CREATE SCHEMA stock;
  CREATE TABLE stock.items (id int PRIMARY KEY, name text);
  CREATE TABLE orders (id bigint PRIMARY KEY, total numeric, at timestamptz, more jsonb, image bytea, paid boolean);
  INSERT INTO orders VALUES
    (1, 1.50, '2026-01-31T12:00:00Z', '{"a": 1}', '\\x010203', true), (9007199254740993, 20, NULL, NULL, NULL, false)`;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgresServer();
  await server.execute(SHOP);
});

const tool = (settings: object = {}) => builtinTool('query_sql', '/', { url: server.url, ...settings });

async function askAll(
  statements: readonly string[],
  settings: object = {},
  parameters: readonly string[] = [],
): Promise<string> {
  const answers: string[] = [];
  for (const sql of statements) {
    const answer = await callTool(await tool(settings), { sql, parameters: [...parameters] });
    answers.push(`${sql}\n  ${answer.replaceAll('\n', '\n  ')}`);
  }
  return `\n${answers.join('\n')}`;
}

describe('query_sql on a PostgreSQL server', () => {
  it('shows the tables without a statement', async () => {
    expect(await callTool(await tool(), {})).toMatchInlineSnapshot(`
      "<data from="query_sql">
      orders(id bigint, total numeric, at timestamp with time zone, more jsonb, image bytea, paid boolean)
      stock.items(id integer, name text)
      </data>"
    `);
  });

  it('gives rows with values as the server writes them', async () => {
    expect(
      await askAll([
        `SELECT * FROM orders ORDER BY id`,
        'TABLE stock.items',
        'SELECT 1 AS a, 2 AS a;',
        'SHOW transaction_read_only',
        'EXPLAIN (COSTS off) SELECT * FROM orders',
      ]),
    ).toMatchInlineSnapshot(`
      "
      SELECT * FROM orders ORDER BY id
        <data from="query_sql">
        | id | total | at | more | image | paid |
        | --- | --- | --- | --- | --- | --- |
        | 1 | 1.50 | 2026-01-31 12:00:00+00 | {"a": 1} | [3 bytes of binary data] | t |
        | 9007199254740993 | 20 | NULL | NULL | NULL | f |
        </data>
      TABLE stock.items
        <data from="query_sql">
        | id | name |
        | --- | --- |
        no rows
        </data>
      SELECT 1 AS a, 2 AS a;
        <data from="query_sql">
        | a | a |
        | --- | --- |
        | 1 | 2 |
        </data>
      SHOW transaction_read_only
        <data from="query_sql">
        | transaction_read_only |
        | --- |
        | on |
        </data>
      EXPLAIN (COSTS off) SELECT * FROM orders
        <data from="query_sql">
        | QUERY PLAN |
        | --- |
        | Seq Scan on orders |
        </data>"
    `);
    expect(await askAll(['SELECT id FROM orders WHERE total > $1 AND id::text <> $2'], {}, ['1', 'x']))
      .toMatchInlineSnapshot(`
      "
      SELECT id FROM orders WHERE total > $1 AND id::text <> $2
        <data from="query_sql">
        | id |
        | --- |
        | 1 |
        | 9007199254740993 |
        </data>"
    `);
  });

  it('fetches no more rows than are shown', async () => {
    const sql = 'SELECT 7 AS n FROM generate_series(1, 1000) a, generate_series(1, 1000) b, generate_series(1, 1000) c';
    expect(await askAll([sql], { max_rows: 2 })).toMatchInlineSnapshot(`
      "
      SELECT 7 AS n FROM generate_series(1, 1000) a, generate_series(1, 1000) b, generate_series(1, 1000) c
        <data from="query_sql">
        | n |
        | --- |
        | 7 |
        | 7 |
        </data>
        These are the first 2 rows, and there are more: go on with LIMIT 2 OFFSET 2, or ask for less."
    `);
  });

  it('changes nothing and runs one statement', async () => {
    const attacks = [
      'DELETE FROM orders',
      'WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone',
      'EXPLAIN ANALYZE DELETE FROM orders',
      'SELECT 1; DELETE FROM orders',
      'SELECT 1; COMMIT; DELETE FROM orders',
      'COMMIT',
      'SET TRANSACTION READ WRITE',
      `SELECT set_config('transaction_read_only', 'off', false)`,
      'SELECT 1 AS one INTO copy',
      `COPY (SELECT 1) TO PROGRAM 'touch owned'`,
      'DO $$ BEGIN DELETE FROM orders; END $$',
      `SELECT lo_create(1)`,
    ];
    expect(await askAll(attacks)).toMatchInlineSnapshot(`
      "
      DELETE FROM orders
        refused: DELETE: the data can only be read; ask for it with SELECT
      WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone
        refused: the database refused it:
        <data from="query_sql">
        DECLARE CURSOR must not contain data-modifying statements in WITH
        </data>
      EXPLAIN ANALYZE DELETE FROM orders
        refused: DELETE: the data can only be read; ask for it with SELECT
      SELECT 1; DELETE FROM orders
        refused: only one statement at a time
      SELECT 1; COMMIT; DELETE FROM orders
        refused: only one statement at a time
      COMMIT
        refused: COMMIT is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES, TABLE, SHOW
      SET TRANSACTION READ WRITE
        refused: SET is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES, TABLE, SHOW
      SELECT set_config('transaction_read_only', 'off', false)
        refused: the database refused it:
        <data from="query_sql">
        transaction read-write mode must be set before any query
        </data>
      SELECT 1 AS one INTO copy
        refused: the database refused it:
        <data from="query_sql">
        SELECT ... INTO is not allowed here
        </data>
      COPY (SELECT 1) TO PROGRAM 'touch owned'
        refused: COPY is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES, TABLE, SHOW
      DO $$ BEGIN DELETE FROM orders; END $$
        refused: DO is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES, TABLE, SHOW
      SELECT lo_create(1)
        refused: the database refused it:
        <data from="query_sql">
        cannot execute lo_create() in a read-only transaction
        </data>"
    `);
    expect(await askAll(['SELECT count(*) FROM orders'])).toContain('| 2 |');
  });

  it('names what there is where a table or column is unknown', async () => {
    expect(await askAll(['SELECT * FROM items', 'SELECT totl FROM orders', 'SELECT 1 / 0'])).toMatchInlineSnapshot(`
      "
      SELECT * FROM items
        refused: the database refused it:
        <data from="query_sql">
        relation "items" does not exist. There is:
        orders(id bigint, total numeric, at timestamp with time zone, more jsonb, image bytea, paid boolean)
        stock.items(id integer, name text)
        </data>
      SELECT totl FROM orders
        refused: the database refused it:
        <data from="query_sql">
        column "totl" does not exist. Perhaps you meant to reference the column "orders.total". There is:
        orders(id bigint, total numeric, at timestamp with time zone, more jsonb, image bytea, paid boolean)
        stock.items(id integer, name text)
        </data>
      SELECT 1 / 0
        refused: the database refused it:
        <data from="query_sql">
        division by zero
        </data>"
    `);
  });

  it('changes rows with write: true', async () => {
    const statements = [
      `INSERT INTO stock.items VALUES (1, 'a'), (2, 'b')`,
      `UPDATE stock.items SET name = 'c' WHERE id = 2 RETURNING *`,
      `INSERT INTO stock.items VALUES (1, 'again')`,
      'CREATE TABLE notes (text text)',
      'DELETE FROM stock.items; DELETE FROM orders',
      `COPY orders TO PROGRAM 'touch owned'`,
      'SELECT count(*) FROM stock.items',
    ];
    expect(await askAll(statements, { write: true })).toMatchInlineSnapshot(`
      "
      INSERT INTO stock.items VALUES (1, 'a'), (2, 'b')
        <data from="query_sql">
        INSERT: 2 rows
        </data>
      UPDATE stock.items SET name = 'c' WHERE id = 2 RETURNING *
        <data from="query_sql">
        | id | name |
        | --- | --- |
        | 2 | c |
        </data>
      INSERT INTO stock.items VALUES (1, 'again')
        refused: the database refused it:
        <data from="query_sql">
        duplicate key value violates unique constraint "items_pkey". Key (id)=(1) already exists
        </data>
      CREATE TABLE notes (text text)
        <data from="query_sql">
        CREATE
        </data>
      DELETE FROM stock.items; DELETE FROM orders
        refused: only one statement at a time
      COPY orders TO PROGRAM 'touch owned'
        refused: COPY is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES, TABLE, SHOW, INSERT, UPDATE, DELETE, MERGE, TRUNCATE, CREATE, ALTER, DROP, COMMENT, REFRESH, ANALYZE, VACUUM
      SELECT count(*) FROM stock.items
        <data from="query_sql">
        | count |
        | --- |
        | 2 |
        </data>"
    `);
  });

  it('says why there is no connection, without the password', async () => {
    const settings = { url: 'postgres://me:secret-word@127.0.0.1:1/shop' };
    expect(await callTool(await builtinTool('query_sql', '/', settings), {})).toMatchInlineSnapshot(
      `"refused: no connection to the database: connect ECONNREFUSED 127.0.0.1:1; this cannot be mended by asking again"`,
    );
  });

  it('is stopped when the run is, and closes its connection', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const connected = new Promise<Socket>((resolve) => silent.once('connection', resolve));
    const { port } = silent.address() as AddressInfo;
    const controller = new AbortController();
    const endless = (await builtinTool('query_sql', '/', { url: `postgres://me:x@127.0.0.1:${port}/shop` })).execute(
      { sql: 'SELECT 1' },
      toolContext({ signal: controller.signal }),
    );
    const closed = connected.then((socket) => new Promise((resolve) => socket.resume().once('close', resolve)));
    await connected;
    controller.abort(new Error('stopped'));
    await expect(endless).rejects.toThrow('stopped');
    await closed;
  });
});
