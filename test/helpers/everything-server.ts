import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const PROGRAM = resolve(
  import.meta.dirname,
  '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js',
);

/** A free port of this machine. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** `@modelcontextprotocol/server-everything` over HTTP, once it listens; killed when the test ends. */
export async function startEverything(mode: 'streamableHttp' | 'sse', port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, mode], { env: { PATH: process.env['PATH'], PORT: String(port) } });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((listens) => {
    const read = (chunk: Buffer): void => {
      if (/listening|running on port/i.test(chunk.toString())) listens();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  return child;
}
