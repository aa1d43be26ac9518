import { describe, expect, it } from 'vitest';
import { loadTools } from '../../src/tools/load-tools.js';
import type { Tool } from '../../src/tools/tool.js';
import type { JsonObject } from '../../src/util/json.js';
import { builtinTool, callTool } from './builtin.js';
import { builtinReference, loadOptions } from './references.js';
import { redirect, serve, startWebServer, type WebServer } from './web/web-server.js';

const ALL = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const httpRequest = (settings: JsonObject = {}): Promise<Tool> =>
  builtinTool('http_request', '/nowhere', { allow_private: true, ...settings });
const tidy = (shown: string): string => shown.replaceAll(/127\.0\.0\.1:\d+/g, '<server>');

/** Says what it was asked for. */
const startEcho = (): Promise<WebServer> =>
  startWebServer((request, response) => {
    const { method, url, headers } = request;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'content-type': type, authorization, 'x-a': a } = headers;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method, url, type, authorization, a, body: Buffer.concat(chunks).toString() }));
    });
  });

describe('http_request', () => {
  it('has effects where more than reading is allowed', async () => {
    const tools = await loadTools(
      [
        builtinReference('http_request', {}, { name: 'read' }),
        builtinReference('http_request', { methods: ['GET', 'POST'], base_url: 'https://e.com' }, { name: 'post' }),
      ],
      loadOptions('/nowhere'),
    );
    expect(tools.map(({ effects, parameters }) => [effects, parameters.properties])).toMatchInlineSnapshot(`
      [
        [
          "none",
          {
            "headers": {
              "type": "object",
            },
            "method": {
              "enum": [
                "GET",
                "HEAD",
              ],
            },
            "offset": {
              "minimum": 0,
              "type": "integer",
            },
            "query": {
              "type": "object",
            },
            "url": {
              "type": "string",
            },
          },
        ],
        [
          "external",
          {
            "body": {
              "description": "JSON or text",
              "type": "string",
            },
            "headers": {
              "type": "object",
            },
            "method": {
              "enum": [
                "GET",
                "POST",
              ],
            },
            "offset": {
              "minimum": 0,
              "type": "integer",
            },
            "query": {
              "type": "object",
            },
            "url": {
              "description": "Path",
              "type": "string",
            },
          },
        ],
      ]
    `);
  });

  it('sends method, query, headers and body, and shows the answer', async () => {
    const { origin } = await startEcho();
    const tool = await httpRequest({ methods: ALL });
    const shown = [
      {
        method: 'POST',
        url: `${origin}/items?a=1`,
        query: { b: 'x y', c: [1, true] },
        body: '{"n":1}',
        headers: { 'X-A': 'a' },
      },
      { method: 'PUT', url: `${origin}/items/1`, body: 'words' },
      { method: 'PATCH', url: `${origin}/`, body: 'a: 1', headers: { 'content-type': 'application/yaml' } },
      { method: 'DELETE', url: `${origin}/items/1` },
      { method: 'HEAD', url: origin },
    ];
    const texts: string[] = [];
    for (const args of shown) texts.push(await callTool(tool, args));
    expect(texts.join('\n')).toMatchInlineSnapshot(`
      "<data from="http_request">
      HTTP 200 OK
      content-type: application/json
      content-length: 106

      {"method":"POST","url":"/items?a=1&b=x+y&c=1&c=true","type":"application/json","a":"a","body":"{\\"n\\":1}"}
      </data>
      <data from="http_request">
      HTTP 200 OK
      content-type: application/json
      content-length: 83

      {"method":"PUT","url":"/items/1","type":"text/plain; charset=utf-8","body":"words"}
      </data>
      <data from="http_request">
      HTTP 200 OK
      content-type: application/json
      content-length: 68

      {"method":"PATCH","url":"/","type":"application/yaml","body":"a: 1"}
      </data>
      <data from="http_request">
      HTTP 200 OK
      content-type: application/json
      content-length: 46

      {"method":"DELETE","url":"/items/1","body":""}
      </data>
      <data from="http_request">
      HTTP 200 OK
      content-type: application/json
      </data>"
    `);
  });

  it('shows what is no success as it is', async () => {
    const { origin } = await serve({
      '/no': {
        status: 422,
        body: '{"error":"n"}',
        headers: { 'content-type': 'application/json', 'retry-after': '3' },
      },
      '/image': { body: 'x', headers: { 'content-type': 'image/png' } },
      '/post': redirect('/no', 303),
    });
    const tool = await httpRequest({ methods: ['GET', 'POST'] });
    const shown = [
      await callTool(tool, { method: 'GET', url: `${origin}/no` }),
      await callTool(tool, { method: 'GET', url: `${origin}/image` }),
      await callTool(tool, { method: 'POST', url: `${origin}/post` }),
    ];
    expect(shown.join('\n')).toMatchInlineSnapshot(`
      "<data from="http_request">
      HTTP 422 Unprocessable Entity
      content-type: application/json
      retry-after: 3

      {"error":"n"}
      </data>
      <data from="http_request">
      HTTP 200 OK
      content-type: image/png

      [image/png of 1 byte]
      </data>
      <data from="http_request">
      HTTP 303 See Other
      location: /no
      </data>"
    `);
  });

  it('gives a long body in parts, and makes no request again that may have effects', async () => {
    const { origin, requests } = await serve({
      '/': { body: 'x'.repeat(50_000), headers: { 'content-type': 'text/plain' } },
    });
    const tool = await httpRequest({ methods: ['GET', 'POST'], max_bytes: 49_000 });
    const args = { method: 'POST', url: origin };
    expect((await callTool(tool, args)).replaceAll(/x{9,}/g, 'x…')).toMatchInlineSnapshot(`
      "<data from="http_request">
      HTTP 200 OK
      content-type: text/plain

      x…
      </data>
      [only the first 49,000 bytes of the body were read; there are more]
      [9,000 characters left; call again with offset 40000]"
    `);
    expect((await callTool(tool, { ...args, offset: 40_000 })).replaceAll(/x{9,}/g, 'x…')).toMatchInlineSnapshot(`
      "<data from="http_request">
      x…
      </data>
      [only the first 49,000 bytes of the body were read; there are more]"
    `);
    expect(await callTool(tool, { ...args, url: `${origin}/other`, offset: 5 })).toMatchInlineSnapshot(
      `"refused: the answer is not kept any more, and the request is not made again for its rest"`,
    );
    expect(requests).toHaveLength(1);
  });

  it('stays below its base', async () => {
    const { origin, requests } = await startEcho();
    const tool = await httpRequest({ base_url: `${origin}/v1?key=k`, headers: { Authorization: 'Bearer t' } });
    const asked = ['items', '/items/a%2Fb?x=1&key=mine', `${origin}/v1/items`, '//evil.org/x', '\\\\evil.org'];
    for (const url of asked) await callTool(tool, { method: 'GET', url });
    expect(requests.map(({ url, headers }) => [url, headers.authorization])).toEqual(
      [
        '/v1/items?key=k',
        '/v1/items/a%2Fb?x=1&key=k',
        '/v1/items?key=k',
        '/v1/evil.org/x?key=k',
        '/v1/evil.org?key=k',
      ].map((url) => [url, 'Bearer t']),
    );
    const refused = [
      '../v2',
      'a/../../v2',
      '%2e%2e/v2',
      '..%2fv2',
      'a/%252e%252e%252fv2',
      '..;/v2',
      '..%5cv2',
      `${origin}/v1x`,
      'http://127.0.0.1:1/v1',
      'https://evil.org/v1/',
      'ftp://127.0.0.1/v1',
    ];
    const shown: string[] = [];
    for (const url of refused) shown.push(`${url}: ${await callTool(tool, { method: 'GET', url })}`);
    expect(tidy(shown.join('\n'))).toMatchInlineSnapshot(`
      "../v2: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      a/../../v2: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      %2e%2e/v2: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      ..%2fv2: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      a/%252e%252e%252fv2: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      ..;/v2: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      ..%5cv2: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      http://<server>/v1x: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      http://<server>/v1: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      https://evil.org/v1/: refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1
      ftp://127.0.0.1/v1: refused: ftp: addresses cannot be asked; only http: and https: can"
    `);
    expect(requests).toHaveLength(asked.length);
  });

  it('is not led away from its base by a redirect', async () => {
    const { origin, requests } = await serve({ '/v1/a': redirect('/admin'), '/admin': { body: 'secret' } });
    const tool = await httpRequest({ base_url: `${origin}/v1` });
    expect(tidy(await callTool(tool, { method: 'GET', url: 'a' }))).toMatchInlineSnapshot(
      `"refused: only addresses below http://<server>/v1/ may be asked; give a path, such as items/1"`,
    );
    expect(requests).toHaveLength(1);
  });

  it('refuses methods and headers that the definition does not leave to the model', async () => {
    const { origin, requests } = await startEcho();
    const tool = await httpRequest({ domains: ['127.0.0.1'], headers: { Authorization: 'Bearer t', Cookie: 'c' } });
    const shown = [
      await callTool(tool, { method: 'DELETE', url: origin }),
      await callTool(tool, { method: 'GET', url: origin, body: 'b' }),
    ];
    for (const name of [
      'Host',
      'authorization',
      'COOKIE',
      'Connection',
      'Transfer-Encoding',
      'Content-Length',
      'Proxy-Authorization',
      'a b',
    ]) {
      shown.push(await callTool(tool, { method: 'GET', url: origin, headers: { [name]: 'x' } }));
    }
    shown.push(await callTool(tool, { method: 'GET', url: origin, headers: { 'x-a': 'a\r\nhost: evil.org' } }));
    expect(shown.join('\n')).toMatchInlineSnapshot(`
      "bad arguments: method: must be one of "GET", "HEAD"
      bad arguments: body: is not allowed here
      refused: headers: host cannot be set; leave it out
      refused: headers: authorization is set already; leave it out
      refused: headers: cookie is set already; leave it out
      refused: headers: connection cannot be set; leave it out
      refused: headers: transfer-encoding cannot be set; leave it out
      refused: headers: content-length cannot be set; leave it out
      refused: headers: proxy-authorization cannot be set; leave it out
      refused: headers: "a b" is no name of a header; leave it out
      refused: headers: the value of x-a has characters that headers cannot have; leave it out"
    `);
    expect(requests).toEqual([]);
  });

  it('refuses settings that cannot work', async () => {
    await expect(httpRequest({ base_url: 'https://a.example.com', domains: ['b.example.com'] })).rejects.toThrow(
      'base_url and domains do not fit: a.example.com may not be asked; only these hosts may: b.example.com',
    );
    await expect(httpRequest({ base_url: 'https://me:pw@a.example.com' })).rejects.toThrow(
      'base_url: an address with a user name',
    );
  });
});
