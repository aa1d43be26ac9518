import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { messageOf } from '../../../src/errors.js';
import { allowHosts } from '../../../src/tools/web/allowed-hosts.js';
import {
  createFetcher,
  type FetcherOptions,
  parseUrl,
  type WebAnswer,
  type WebRequest,
} from '../../../src/tools/web/fetcher.js';
import { redirect, serve, startWebServer } from './web-server.js';

const NEVER = new AbortController().signal;

function ask(
  address: string,
  options: Partial<FetcherOptions> = {},
  request: Partial<WebRequest> = {},
): Promise<WebAnswer> {
  const fetch = createFetcher({ allowPrivate: true, maxBytes: 1000, ...options });
  return fetch({ url: parseUrl(address), ...request }, NEVER);
}

/** Why it is refused; the loopback's port is left out. */
async function refusal(work: () => Promise<WebAnswer>): Promise<string> {
  const message = await work().then(({ status }) => `answered ${status}`, messageOf);
  return message.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1');
}

const PRIVATE = { allowPrivate: false } as const;
const leadsTo =
  (...addresses: string[]): Exclude<FetcherOptions['lookup'], undefined> =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

describe('an address of this machine', () => {
  it('is refused in every spelling', async () => {
    const { port, requests } = await serve({ '/': { body: 'secret' } });
    const hosts = [
      '127.0.0.1',
      '127.1',
      '0x7f.1',
      '017700000001',
      '2130706433',
      '127.0.0.1.',
      '0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '１２７.0.0.1',
      '127。0。0。1',
    ];
    for (const host of hosts) {
      expect(await refusal(() => ask(`http://${host}:${port}/`, PRIVATE)), host).toContain(
        'leads to this machine or into a private network',
      );
    }
    expect(await refusal(() => ask(`http://169.254.169.254/latest/meta-data`, PRIVATE))).toMatchInlineSnapshot(
      `"169.254.169.254 is refused: it leads to this machine or into a private network, and this tool may only ask public addresses; go on without it"`,
    );
    expect(requests).toEqual([]);
  });

  it('is refused where a name leads to it', async () => {
    const { port, requests } = await serve({ '/': { body: 'secret' } });
    expect(await refusal(() => ask(`http://localhost:${port}/`, PRIVATE))).toMatchInlineSnapshot(
      `"localhost is refused: it leads to this machine or into a private network, and this tool may only ask public addresses; go on without it"`,
    );
    for (const address of ['127.0.0.1', '10.0.0.7', '::1', '::ffff:127.0.0.1']) {
      const lookup = leadsTo(address);
      expect(await refusal(() => ask(`http://inner.example.com:${port}/`, { ...PRIVATE, lookup }))).toContain(
        'inner.example.com is refused',
      );
    }
    const both = leadsTo('93.184.216.34', '127.0.0.1');
    expect(await refusal(() => ask(`http://both.example.com:${port}/`, { ...PRIVATE, lookup: both }))).toContain(
      'both.example.com is refused',
    );
    expect(requests).toEqual([]);
  });

  it('is looked for at each connection, and what was looked at is connected to: a name that changes gains nothing', async () => {
    const { port } = await serve({ '/': { body: 'hello', headers: { connection: 'close' } } });
    let lookups = 0;
    // From the third time on it would be another host.
    const lookup = () => Promise.resolve([{ address: (lookups += 1) > 2 ? '::1' : '127.0.0.1', family: 4 }]);
    const fetch = createFetcher({ allowPrivate: true, maxBytes: 10, lookup });
    for (const count of [1, 2]) {
      const { bytes } = await fetch({ url: parseUrl(`http://any.example.com:${port}/`) }, NEVER);
      expect([bytes.toString(), lookups]).toEqual(['hello', count]);
    }
  });
});

describe('a redirect', () => {
  it('is followed, and the place where it ends is told', async () => {
    const { origin } = await serve({
      '/a': redirect('b?x=1'),
      '/b': redirect('/c#there', 308),
      '/c': { body: 'here' },
    });
    const { url, bytes } = await ask(`${origin}/a`);
    expect([url.href, bytes.toString()]).toEqual([`${origin}/c`, 'here']);
  });

  it('is refused to addresses that may not be asked', async () => {
    const targets = ['file:///etc/passwd', 'http://user:pass@127.0.0.1/', 'http://other.example.org/', 'http://%/'];
    const shown: string[] = [];
    for (const target of targets) {
      const { origin } = await serve({ '/': redirect(target) });
      shown.push(await refusal(() => ask(origin, { check: allowHosts(['127.0.0.1']) })));
    }
    expect(shown).toMatchInlineSnapshot(`
      [
        "127.0.0.1 redirects to what cannot be asked; go on without it",
        "127.0.0.1 redirects to what cannot be asked; go on without it",
        "other.example.org may not be asked; only these hosts may: 127.0.0.1",
        "127.0.0.1 redirects to what cannot be asked; go on without it",
      ]
    `);
  });

  it('ends after ten, and in a circle', async () => {
    const { origin, requests } = await startWebServer(({ url = '' }, response) => {
      response.writeHead(302, { location: url === '/circle' ? '/circle' : `${url}x` }).end();
    });
    expect(await refusal(() => ask(`${origin}/`))).toMatchInlineSnapshot(
      `"127.0.0.1 redirects more than 10 times; go on without it"`,
    );
    expect(requests).toHaveLength(11);
    expect(await refusal(() => ask(`${origin}/circle`))).toMatchInlineSnapshot(
      `"127.0.0.1 redirects in a circle, perhaps because it wants cookies; go on without it"`,
    );
  });

  it('carries secrets no further than their origin, and back neither', async () => {
    const other = await startWebServer((_request, response) =>
      response.writeHead(302, { location: `${first.origin}/end` }).end(),
    );
    const first = await startWebServer(({ url }, response) => {
      if (url === '/end') response.end('end');
      else response.writeHead(302, { location: url === '/' ? '/same' : other.origin }).end();
    });
    await ask(
      first.origin,
      {},
      { headers: { cookie: 'b', accept: 'text/html' }, credentials: { authorization: 'a', 'user-agent': 'me' } },
    );
    const seen = [...first.requests.slice(0, 2), ...other.requests, ...first.requests.slice(2)].map(
      ({ url, headers: { authorization, cookie, accept, 'user-agent': agent } }) => [
        url,
        authorization,
        cookie,
        accept,
        agent,
      ],
    );
    expect(seen).toEqual([
      ['/', 'a', 'b', 'text/html', 'me'],
      ['/same', 'a', 'b', 'text/html', 'me'],
      ['/', undefined, undefined, 'text/html', 'me'],
      ['/end', undefined, undefined, 'text/html', 'me'],
    ]);
  });

  it('of a request that may have effects is given back, not followed', async () => {
    const { origin, requests } = await serve({ '/': redirect('/next', 307) });
    expect(await ask(origin, {}, { method: 'POST', body: '{}' })).toMatchObject({
      status: 307,
      headers: { location: '/next' },
    });
    expect(requests).toHaveLength(1);
  });
});

describe('secrets', () => {
  it('are not sent without encryption into the internet', async () => {
    const asked = (): Promise<WebAnswer> => ask('http://example.com', PRIVATE, { credentials: { authorization: 'a' } });
    expect(await refusal(asked)).toMatchInlineSnapshot(
      `"example.com may only be asked by https:, because of the headers that go along"`,
    );
  });
});

describe('a body', () => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['gzip, br', (data: Buffer) => brotliCompressSync(gzipSync(data))],
  ])('is unpacked: %s', async (encoding, pack) => {
    const { origin } = await serve({
      '/': { body: pack(Buffer.from('hello')), headers: { 'content-encoding': encoding } },
    });
    const { bytes, isCut } = await ask(origin);
    expect([bytes.toString(), isCut]).toEqual(['hello', false]);
  });

  it('is read up to the limit, and the connection closed', async () => {
    let sent = 0;
    let closed: (() => void) | undefined;
    const whenClosed = new Promise<void>((resolve) => (closed = resolve));
    const { origin } = await startWebServer((_request, response) => {
      const write = (): void => {
        sent += 65_536;
        if (sent < 100_000_000 && !response.destroyed) response.write(Buffer.alloc(65_536, 'x'), write);
      };
      response.on('close', () => closed?.());
      write();
    });
    const { bytes, isCut } = await ask(origin);
    await whenClosed;
    expect([bytes.length, isCut, sent < 20_000_000]).toEqual([1000, true, true]);
  });

  it('is read up to the limit after it is unpacked: a bomb does no harm', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const { origin } = await serve({ '/': { body: bomb, headers: { 'content-encoding': 'gzip' } } });
    expect(await ask(origin)).toMatchObject({ isCut: true, bytes: { length: 1000 } });
  });

  it('of exactly the limit is whole', async () => {
    const { origin } = await serve({ '/': { body: 'x'.repeat(1000) } });
    expect(await ask(origin)).toMatchObject({ isCut: false, bytes: { length: 1000 } });
  });

  it('that is broken is told in words', async () => {
    const { origin } = await startWebServer(({ url }, response) => {
      if (url === '/reset') response.socket?.resetAndDestroy();
      else if (url === '/half')
        response.writeHead(200, { 'content-length': '50' }).write('half', () => response.destroy());
      else if (url === '/noise') response.socket?.end('no HTTP at all\r\n\r\n');
      else response.writeHead(200, { 'content-encoding': (url ?? '').slice(1) }).end('not packed');
    });
    const shown: string[] = [];
    for (const path of ['reset', 'half', 'noise', 'gzip', 'br', 'zstd', 'gzip,gzip,gzip']) {
      shown.push(`${path}: ${await refusal(() => ask(`${origin}/${path}`))}`);
    }
    expect(shown).toMatchInlineSnapshot(`
      [
        "reset: 127.0.0.1 cannot be asked: it broke off the connection",
        "half: 127.0.0.1 cannot be asked: it broke off the connection",
        "noise: 127.0.0.1 cannot be asked: its answer is no proper HTTP",
        "gzip: 127.0.0.1 cannot be asked: its answer cannot be unpacked",
        "br: 127.0.0.1 cannot be asked: its answer cannot be unpacked",
        "zstd: its answer is packed in a way that cannot be unpacked; go on without it",
        "gzip,gzip,gzip: its answer is packed in a way that cannot be unpacked; go on without it",
      ]
    `);
  });
});

describe('trouble', () => {
  it('of the network is told in words', async () => {
    const { origin } = await serve({});
    const gone = new URL(origin);
    const shown = [
      await refusal(() => ask('http://127.0.0.1:1/')),
      await refusal(() =>
        ask('http://nowhere.invalid/', {
          lookup: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
        }),
      ),
      await refusal(() => ask(`https://127.0.0.1:${gone.port}/`)),
    ];
    expect(shown).toMatchInlineSnapshot(`
      [
        "127.0.0.1 cannot be asked: it refused the connection",
        "nowhere.invalid cannot be asked: there is no such host; check its name",
        "127.0.0.1 cannot be asked: no encrypted connection can be made with it",
      ]
    `);
  });

  it('ends at once where the call is given up', async () => {
    const controller = new AbortController();
    const { origin } = await startWebServer((_request, response) => {
      response.write('a', () => controller.abort(new Error('given up')));
    });
    const fetch = createFetcher({ allowPrivate: true, maxBytes: 10 });
    await expect(fetch({ url: parseUrl(origin) }, controller.signal)).rejects.toThrow('given up');
  });
});

describe('an address', () => {
  it('is http or https, and without a password', () => {
    const shown = [
      'example.com',
      'ftp://example.com',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'http://a:b@example.com',
      'http://example.com@127.0.0.1/',
      `https://e.com/${'x'.repeat(9000)}`,
    ].map((text) => {
      try {
        return parseUrl(text).href;
      } catch (error) {
        return messageOf(error).slice(0, 150);
      }
    });
    expect(shown).toMatchInlineSnapshot(`
      [
        ""example.com" is no address; give it in full, such as https://example.com/page",
        "ftp: addresses cannot be asked; only http: and https: can",
        "file: addresses cannot be asked; only http: and https: can",
        "javascript: addresses cannot be asked; only http: and https: can",
        "an address with a user name or password in it is refused; give it without them",
        "an address with a user name or password in it is refused; give it without them",
        ""https://e.com/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is no address; give it in full, such as https:/",
      ]
    `);
  });

  it('is of an allowed host, whole or below it', () => {
    const check = allowHosts(['Example.com', '*.bücher.de']);
    const allowed = [
      'http://example.com/',
      'https://EXAMPLE.com.:8443/x',
      'http://a.b.xn--bcher-kva.de/',
      'http://www.example.com/',
      'http://example.com.evil.org/',
      'http://bücher.de/',
      'http://notexample.com/',
    ].filter((url) => {
      try {
        check(new URL(url));
        return true;
      } catch {
        return false;
      }
    });
    expect(allowed).toEqual(['http://example.com/', 'https://EXAMPLE.com.:8443/x', 'http://a.b.xn--bcher-kva.de/']);
    expect(() => allowHosts(['https://example.com/'])).toThrow('domains: https://example.com/ is no host');
  });
});
