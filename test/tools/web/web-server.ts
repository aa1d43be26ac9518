import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface WebServer {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  readonly port: number;
  /** Method, path with query, and headers of what was asked, in order. */
  readonly requests: readonly Pick<IncomingMessage, 'method' | 'url' | 'headers'>[];
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server on the loopback, gone when the test ends. */
export async function startWebServer(handler: Handler): Promise<WebServer> {
  const requests: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    requests.push({ ...(method && { method }), ...(url && { url }), headers });
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port, requests };
}

/** A server that answers each path with a body and its headers; 404 for any other. */
export function serve(
  pages: Readonly<
    Record<
      string,
      { readonly body?: string | Uint8Array; readonly status?: number; readonly headers?: Record<string, string> }
    >
  >,
): Promise<WebServer> {
  return startWebServer((request, response) => {
    const page = pages[(request.url ?? '').split('?')[0] ?? ''];
    if (page)
      response.writeHead(page.status ?? 200, page.headers ?? { 'content-type': 'text/html' }).end(page.body ?? '');
    else response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Nothing here</h1>');
  });
}

/** An answer that leads elsewhere. */
export function redirect(
  location: string,
  status = 302,
): { readonly status: number; readonly headers: Record<string, string> } {
  return { status, headers: { location } };
}
