import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgresServer } from '../helpers/postgres-server.js';
import { type ServerScript, text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const crew = (tools: string): string => `name: figures
output_log_file: run.log
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  analyst: { role: Analyst, goal: Count well, backstory: You check., llm: m, tools: [${tools}] }
tasks:
  count: { description: Count., expected_output: A number. }
`;

/** Calls in the first turn, and the answer in the second. */
const callsOnce =
  (calls: readonly (readonly [name: string, args: object])[]): ServerScript =>
  ({ messages }) =>
    messages.some(({ role }) => role === 'tool')
      ? text('Counted.')
      : toolCalls(calls.map(([name, args], index) => ({ id: `c${index}`, name, arguments: args as never })));

/** What the model was told of its calls, in their order. */
const told = ({ server }: Scene): string[] =>
  server.requests[1]?.body.messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content)) ?? [];

const ENDLESS = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';

function addDatabase(folder: string): void {
  new Sqlite(join(folder, 'shop.db'))
    .exec(`CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL); INSERT INTO orders VALUES (1, 10.5), (2, 20)`)
    .close();
}

/** Processes that do the work of that one. */
const helpersOf = (pid: number | undefined): string[] =>
  readdirSync('/proc').filter((id) => {
    const file = `/proc/${id}/cmdline`;
    return /^\d+$/.test(id) && existsSync(file) && readFileSync(file, 'utf8').includes(`data-process.js\0${pid}\0`);
  });

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgresServer({ password: 'hidden-pass-42' });
});

describe('query_sql in a crew', () => {
  it('refuses what writes, attaches or is several statements, ends what never ends, and goes on', async () => {
    const statements = [
      'SELECT count(*) AS orders, sum(total) AS total FROM orders',
      'DELETE FROM orders',
      `ATTACH 'other.db' AS other`,
      'PRAGMA journal_mode = DELETE',
      'SELECT 1; DROP TABLE orders',
      `SELECT load_extension('evil')`,
      ENDLESS,
    ];
    const calls = statements.map((sql) => ['query_sql', { sql }] as const);
    const scene = await createScene(
      { 'crew.yaml': crew('{ use: query_sql, database: shop.db, timeout: 1s }') },
      callsOnce(calls),
    );
    addDatabase(scene.folder);
    const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    expect(await ended).toEqual({ exitCode: 0, stdout: 'Counted.\n', stderr: '' });
    expect(told(scene)).toMatchInlineSnapshot(`
      [
        "<data from="query_sql">
      | orders | total |
      | --- | --- |
      | 2 | 30.5 |
      </data>",
        "It failed: DELETE: the data can only be read; ask for it with SELECT",
        "It failed: ATTACH is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES",
        "It failed: PRAGMA is not allowed; a statement may begin with EXPLAIN, SELECT, WITH, VALUES",
        "It failed: only one statement at a time",
        "It failed: the database refused it:
      <data from="query_sql">
      not authorized
      </data>",
        "It failed: it took longer than 1 s and was stopped",
      ]
    `);
    expect(helpersOf(child.pid)).toEqual([]);
    expect(existsSync(join(scene.folder, 'other.db'))).toBe(false);
  });

  it('leaves no process behind when the run is killed in a query that never ends', async () => {
    const script = callsOnce([['query_sql', { sql: ENDLESS }]]);
    const scene = await createScene({ 'crew.yaml': crew('{ use: query_sql, database: shop.db }') }, script);
    addDatabase(scene.folder);
    const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await expect.poll(() => helpersOf(child.pid), { timeout: 20_000 }).toHaveLength(1);
    child.kill('SIGKILL');
    await ended;
    await expect.poll(() => helpersOf(child.pid), { timeout: 5000 }).toEqual([]);

    const again = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await expect.poll(() => helpersOf(again.child.pid), { timeout: 20_000 }).toHaveLength(1);
    again.child.kill('SIGINT');
    expect((await again.ended).exitCode).toBe(130);
    expect(helpersOf(again.child.pid)).toEqual([]);
  });

  it('shows the password of a PostgreSQL server to nobody', async () => {
    await postgres.execute('CREATE TABLE orders (id int); INSERT INTO orders VALUES (1), (2)');
    const files = {
      'crew.yaml': crew(
        '{ use: query_sql, url: "${SHOP_URL}", name: shop }, { use: query_sql, url: "${GONE_URL}", name: gone }',
      ),
    };
    const script = callsOnce([
      ['shop', { sql: 'SELECT count(*) AS orders FROM orders' }],
      ['shop', { sql: 'DELETE FROM orders' }],
      ['shop', { sql: 'SELECT * FROM items' }],
      ['gone', { sql: 'SELECT 1' }],
    ]);
    const scene = await createScene(files, script);
    const env = { SHOP_URL: postgres.url, GONE_URL: 'postgres://me:hidden-pass-42@127.0.0.1:1/gone' };
    const outcome = await scene.crew(['kickoff', 'crew.yaml', '--verbose'], { env });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'Counted.\n' });
    expect(told(scene)).toMatchInlineSnapshot(`
      [
        "<data from="shop">
      | orders |
      | --- |
      | 2 |
      </data>",
        "It failed: DELETE: the data can only be read; ask for it with SELECT",
        "It failed: the database refused it:
      <data from="shop">
      relation "items" does not exist. There is:
      orders(id integer)
      </data>",
        "It failed: no connection to the database: connect ECONNREFUSED 127.0.0.1:1; this cannot be mended by asking again",
      ]
    `);
    const written = readdirSync(scene.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(existsSync(join(scene.folder, 'run.log'))).toBe(true);
    const seen = [...written, outcome.stderr, JSON.stringify(scene.server.requests)];
    expect(seen.filter((content) => content.includes('hidden-pass-42'))).toEqual([]);
  });
});

describe('the other data tools in a crew', () => {
  it('ask files, calculate and tell the time', async () => {
    const script = callsOnce([
      ['query_csv', { file: 'sales.csv', sql: 'SELECT sum(amount) AS total FROM csv' }],
      ['query_json', { file: 'shop.json', query: '$.items[?@.price > 5].name' }],
      ['calculate', { expression: '0.1 + 0.2' }],
      ['calculate', { expression: 'import("fs")' }],
      ['current_time', { time_zone: 'Berlin' }],
    ]);
    const scene = await createScene(
      {
        'crew.yaml': crew('query_csv, query_json, calculate, current_time'),
        'sales.csv': 'amount\n1.5\n2\n',
        'shop.json': '{"items":[{"name":"a","price":9},{"name":"b","price":1}]}',
      },
      script,
    );
    expect(await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).toEqual({
      exitCode: 0,
      stdout: 'Counted.\n',
      stderr: '',
    });
    expect(told(scene)).toMatchInlineSnapshot(`
      [
        "<data from="query_csv">
      | total |
      | --- |
      | 3.5 |
      </data>",
        "<data from="query_json">
      $.items[0].name = "a"
      </data>",
        "0.3",
        "It failed: import cannot be used here",
        "It failed: there is no time zone "Berlin"; did you mean Europe/Berlin?",
      ]
    `);
  });
});
