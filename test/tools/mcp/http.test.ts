import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Tool } from '../../../src/tools/tool.js';
import { freePort, startEverything } from '../../helpers/everything-server.js';
import { callTool } from '../builtin.js';
import { openScene, refusalOf } from './scene.js';

type Connection = Parameters<typeof openScene>[0][string];

/** A server at an address, which is one of this machine. */
function httpServer(
  url: string,
  { kind = 'http', allowPrivate = true, headers = {}, timeoutMs = 10_000 } = {},
): Connection {
  const connection = { kind: kind as 'http' | 'sse', url, headers, allowPrivate };
  return { connection, tools: undefined, timeoutMs, required: true };
}

/** A server of HTTP that does that; gives its address. */
async function startServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

describe('an MCP server over HTTP', () => {
  it.each([
    { kind: 'http', mode: 'streamableHttp', path: '/mcp' },
    { kind: 'sse', mode: 'sse', path: '/sse' },
  ] as const)('is spoken to by $kind', async ({ kind, mode, path }) => {
    const port = await freePort();
    await startEverything(mode, port);
    const scene = openScene({ all: httpServer(`http://127.0.0.1:${port}${path}`, { kind }) });
    const [echo, sum] = await scene.load('mcp:all/echo', 'mcp:all/get-sum');
    expect(await callTool(echo as Tool, { message: 'hello' })).toContain('Echo: hello');
    expect(await callTool(sum as Tool, { a: 2, b: 3 })).toContain('The sum of 2 and 3 is 5.');
    await scene.close();
  });

  it('is connected to anew where it was started anew', async () => {
    const port = await freePort();
    const first = await startEverything('streamableHttp', port);
    const scene = openScene({ all: httpServer(`http://127.0.0.1:${port}/mcp`) });
    const [echo] = await scene.load('mcp:all/echo');
    first.kill('SIGKILL');
    await once(first, 'close');
    await startEverything('streamableHttp', port);
    expect(await callTool(echo as Tool, { message: 'again' })).toContain('Echo: again');
  });

  it('is refused at an address of this machine, unless that is meant', async () => {
    const url = await startServer(() => {
      throw new Error('it was asked');
    });
    const scene = openScene({
      here: httpServer(url, { allowPrivate: false }),
      events: httpServer(url, { allowPrivate: false, kind: 'sse' }),
      open: httpServer('http://mcp.example.com/mcp', { allowPrivate: false, headers: { authorization: 'Bearer x' } }),
    });
    const refused = ['here', 'events', 'open'].map((name) => refusalOf(scene.toolsOf(name)));
    expect((await Promise.all(refused)).join('\n').replaceAll(/127\.0\.0\.1:\d+/g, '<host>')).toMatchInlineSnapshot(`
      "exit 2: MCP server here cannot be used: its address leads to this machine or into a private network
      hint: where that is meant, set mcp_servers.here.allow_private: true
      exit 2: MCP server events cannot be used: its address leads to this machine or into a private network
      hint: where that is meant, set mcp_servers.events.allow_private: true
      exit 2: MCP server open cannot be used: mcp.example.com may only be asked by https:, because of the headers that go along"
    `);
  });

  it('says what is wrong where it cannot be used', async () => {
    const answering = (status: number, body = '', headers = {}) =>
      startServer((_request, response) => void response.writeHead(status, headers).end(body));
    const elsewhere = await startServer(() => {
      throw new Error('it was asked');
    });
    const urls = {
      gone: `http://127.0.0.1:${await freePort()}/mcp`,
      unauthorized: await answering(401, '{"error":"who are you?"}'),
      missing: await answering(404, 'Not found'),
      broken: await answering(500, '<html>\u001b[1mtrouble</html>'),
      page: await answering(200, '<html>hello</html>', { 'content-type': 'text/html' }),
      nonsense: await answering(200, '{"hello":1}', { 'content-type': 'application/json' }),
      moved: await answering(307, '', { location: elsewhere }),
      silent: await startServer(() => undefined),
    };
    for (const kind of ['http', 'sse']) {
      const scene = openScene({
        ...Object.fromEntries(
          Object.entries(urls).map(([name, url]) => [name, httpServer(url, { kind, timeoutMs: 500 })]),
        ),
        words: httpServer('not a url', { kind }),
      });
      const refused = [...Object.keys(urls), 'words'].map((name) => refusalOf(scene.toolsOf(name)));
      const said = (await Promise.all(refused)).join('\n').replaceAll(/127\.0\.0\.1:\d+/g, '<host>');
      if (kind === 'http')
        expect(said).toMatchInlineSnapshot(`
        "exit 2: MCP server gone cannot be used: <host> cannot be asked: it refused the connection
        exit 2: MCP server unauthorized cannot be used: it answered with status 401: {"error":"who are you?"}
        hint: set mcp_servers.unauthorized.headers, such as { Authorization: "Bearer \${TOKEN}" }
        exit 2: MCP server missing cannot be used: it answered with status 404: Not found
        hint: check mcp_servers.missing.url; a server of the other kind needs \`transport: sse\`
        exit 2: MCP server broken cannot be used: it answered with status 500: <html>[1mtrouble</html>
        exit 2: MCP server page cannot be used: Unexpected content type: text/html
        exit 2: MCP server nonsense cannot be used: it is not what the protocol says
        exit 2: MCP server moved cannot be used: it answered with status 307: Redirect to http://<host>/mcp not followed
        exit 2: MCP server silent did not answer within 500 ms
        exit 2: MCP server words cannot be used: "not a url" is not a URL"
      `);
      else
        expect(said).toMatchInlineSnapshot(`
        "exit 2: MCP server gone cannot be used: <host> cannot be asked: it refused the connection
        exit 2: MCP server unauthorized cannot be used: it answered with status 401
        hint: set mcp_servers.unauthorized.headers, such as { Authorization: "Bearer \${TOKEN}" }
        exit 2: MCP server missing cannot be used: it answered with status 404
        hint: check mcp_servers.missing.url; a server of the other kind needs \`transport: http\`
        exit 2: MCP server broken cannot be used: it answered with status 500
        exit 2: MCP server page cannot be used: Invalid content type, expected "text/event-stream"
        exit 2: MCP server nonsense cannot be used: Invalid content type, expected "text/event-stream"
        exit 2: MCP server moved cannot be used: it answered with status 307: Redirect to http://<host>/mcp not followed
        exit 2: MCP server silent did not answer within 500 ms
        exit 2: MCP server words cannot be used: "not a url" is not a URL"
      `);
    }
  });

  it.each([
    { how: 'ends without an answer', end: (response: ServerResponse) => response.end(), effects: 'external' },
    { how: 'is cut off', end: (response: ServerResponse) => response.destroy(), effects: 'external' },
    { how: 'is cut off, without effects', end: (response: ServerResponse) => response.destroy(), effects: 'none' },
  ] as const)('is lost where the stream of an answer $how', async ({ end, effects }) => {
    let calls = 0;
    const url = await startServer(
      answerMessages((message, response) => {
        if (message.method !== 'tools/call') return false;
        calls += 1;
        if (calls > 1) return false;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': hello\n\n', () => end(response));
        return true;
      }),
    );
    const [tool] = await openScene({ some: httpServer(url) }).load(['mcp:some/echo', { effects }]);
    const said = (await callTool(tool as Tool, {})).split('\n').slice(0, 2).join(' ');
    expect(said).toBe(
      effects === 'none'
        ? '<data from="echo"> hello'
        : 'refused: the MCP server some was lost during the call: whether it was carried out is unknown, so find that out before you call it again <data from="echo">',
    );
    expect(await callTool(tool as Tool, {})).toContain('hello');
  });

  it('may not answer with more than 10 MB', async () => {
    const url = await startServer(
      answerMessages((message, response) => {
        if (message.method !== 'tools/call') return false;
        response.writeHead(200, { 'content-type': 'application/json' }).end(' '.repeat(11 * 1024 * 1024));
        return true;
      }),
    );
    const [tool] = await openScene({ some: httpServer(url) }).load('mcp:some/echo');
    expect(await callTool(tool as Tool, {})).toMatchInlineSnapshot(
      `"refused: the answer of the server cannot be used: it answered with more than 10 MB"`,
    );
  });
});

interface Message {
  readonly id?: number;
  readonly method: string;
}

/** A server with one tool, without sessions and streams; `take` says whether it has answered a message itself. */
function answerMessages(take: (message: Message, response: ServerResponse) => boolean): RequestListener {
  const results: Readonly<Record<string, object>> = {
    initialize: {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'some', version: '1' },
    },
    'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: 'hello' }] },
  };
  return (request, response) => {
    void text(request).then((body) => {
      if (request.method !== 'POST') return response.writeHead(405).end();
      const message = JSON.parse(body) as Message;
      if (take(message, response)) return undefined;
      if (message.id === undefined) return response.writeHead(202).end();
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: results[message.method] }));
    });
  };
}
