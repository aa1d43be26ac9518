import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { afterAll } from 'vitest';

/** A server that tests ask. */
export interface PostgresServer {
  /** With a password that the server does not ask for. */
  readonly url: string;
  /** Runs statements, parted by `;`, without a connection. */
  execute(sql: string): Promise<void>;
}

/** A real PostgreSQL server in this process, in memory, for all tests of a file; stopped after them. */
export async function startPostgresServer({ password = 'secret-word' } = {}): Promise<PostgresServer> {
  const database = await PGlite.create();
  const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: 10 });
  await server.start();
  afterAll(async () => {
    await server.stop();
    await database.close();
  });
  const port = server.getServerConn().split(':').at(-1);
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    async execute(sql) {
      await database.exec(sql);
    },
  };
}
