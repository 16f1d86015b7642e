import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { look, type Following } from '../../../../src-node/challenge/self-check/follow.js';
import type { Look, Lookup } from '../../../../src-node/challenge/self-check/look.js';
import { fullServer } from '../../../support/full-server.js';
import { freePort, loopback } from '../../../support/loopback.js';

/** `/N` redirects N times; `/to?URL` to that URL; `/by?N` by that status; `/here` and `/there` to each other. */
function answer({ url = '' }: IncomingMessage): readonly [status: number, location: string, body: string] {
  const [path = '', query = ''] = url.split('?');
  const left = Number(path.slice(1));
  if (path === '/to') return [302, query, ''];
  if (path === '/here') return [307, '/there', ''];
  if (path === '/there') return [307, '/here', ''];
  if (path === '/by') return [Number(query), '/0', ''];
  return left > 0 ? [301, `/${left - 1}`, ''] : [200, '', 'arrived'];
}

/** A body without an end, as fast as it is taken. */
function endless(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write('x'.repeat(50)));
  };
  response.on('drain', more).on('error', () => undefined);
  more();
}

const requests: IncomingMessage[] = [];
let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request);
    if (request.url === '/101') {
      request.socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n');
      return;
    }
    if (request.url === '/endless') {
      endless(response);
      return;
    }
    const [status, location, body] = answer(request);
    response.writeHead(status, location === '' ? {} : { location }).end(body);
  });
  port = await freePort();
  await once(server.listen(port, loopback), 'listening');
});
beforeEach(() => void (requests.length = 0));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const dns: Readonly<Record<string, Lookup>> = {
  'other.test': { kind: 'found', addresses: [loopback] },
  'fallback.test': { kind: 'found', addresses: ['::1', loopback] },
  'both.test': { kind: 'found', addresses: ['::1', loopback] },
  'half.test': { kind: 'found', addresses: ['127.0.0.1', 'fd00::1', loopback] },
  'mapped.test': { kind: 'found', addresses: ['::ffff:127.0.0.1'] },
  'elsewhere.test': { kind: 'found', addresses: ['127.0.0.1'] },
};

async function lookFor(path: string, differing: Partial<Following> = {}): Promise<Look> {
  return await look({
    url: new URL(`http://a.test${path}`),
    ...{ address: loopback, ports: { http: port, https: port }, givenAddress: undefined },
    ...{ names: new Set(['a.test', 'b.test']), userAgent: 'test/1', limit: 100 },
    followsInside: true,
    lookup: async (name) => await Promise.resolve(dns[name] ?? { kind: 'none', code: 'ENOTFOUND' }),
    signal: new AbortController().signal,
    ...differing,
  });
}

const hosts = (): readonly (string | undefined)[] => requests.map(({ headers }) => headers.host);

describe('a request', () => {
  it('is for the name, whatever the port', async () => {
    const { end } = await lookFor('/0');
    expect(end).toMatchObject({
      kind: 'reply',
      place: { address: loopback, port },
      reply: { status: 200, body: 'arrived' },
    });
    expect(requests[0]?.headers).toMatchObject({ host: 'a.test', 'user-agent': 'test/1', accept: '*/*' });
  });

  it('reads so much of the body and no more', async () => {
    const { end } = await lookFor('/endless');
    expect(end).toMatchObject({ kind: 'reply', reply: { body: 'x'.repeat(100) } });
  });

  it('has its answer from who leaves HTTP for another protocol', async () => {
    const { end } = await lookFor('/101');
    expect(end).toMatchObject({ kind: 'reply', reply: { status: 101, body: '' } });
  });

  it('ends with the time for it', async () => {
    const controller = new AbortController();
    controller.abort();
    const { end } = await lookFor('/0', { signal: controller.signal });
    expect(end).toMatchObject({ kind: 'unconnected', code: 'ETIMEDOUT' });
  });
});

describe('redirects', () => {
  it('are followed ten times', async () => {
    const { redirects, end } = await lookFor('/10');
    expect([redirects.length, end]).toMatchObject([10, { kind: 'reply', reply: { body: 'arrived' } }]);
  });

  it('are not followed once more', async () => {
    const { redirects, end } = await lookFor('/11');
    expect([redirects.length, end]).toMatchObject([10, { kind: 'not-followed', status: 301 }]);
  });

  it.each([301, 302, 307, 308])('are followed by status %i', async (status) => {
    expect((await lookFor(`/by?${status}`)).end).toMatchObject({ kind: 'reply', reply: { body: 'arrived' } });
  });

  it('are not followed by status 303', async () => {
    expect((await lookFor('/by?303')).end).toMatchObject({ kind: 'not-followed', status: 303 });
  });

  it.each([300, 304, 305])('are none by status %i', async (status) => {
    expect((await lookFor(`/by?${status}`)).end).toMatchObject({ kind: 'reply', reply: { status } });
  });

  it.each([
    'ftp://a.test/',
    'http://a.test:8080/',
    'https://a.test:8443/',
    'http://127.0.0.1/',
    'http://[::1]/',
    'https://a.test.well-known/acme-challenge/',
    'http://',
  ])('are not followed to %s', async (target) => {
    const { end } = await lookFor(`/to?${target}`);
    expect(end).toMatchObject({ kind: 'not-followed', status: 302 });
  });

  it('are not followed in a circle', async () => {
    const { redirects, end } = await lookFor('/here');
    expect([redirects.length, end]).toMatchObject([1, { kind: 'not-followed', status: 307 }]);
  });

  it('go to an address where the identifier is one', async () => {
    const { end } = await lookFor(`/to?http://${loopback}/0`, {
      url: new URL(`http://${loopback}/to?http://${loopback}/0`),
      names: new Set([loopback]),
    });
    expect(end).toMatchObject({ kind: 'reply', reply: { body: 'arrived' } });
  });

  it('go to the ports 80 and 443 as they are reached here', async () => {
    for (const target of ['http://a.test:80/0', 'http://a.test:443/0']) {
      expect((await lookFor(`/to?${target}`)).end).toMatchObject({ kind: 'reply', place: { port } });
    }
  });
});

describe('a redirect to another host', () => {
  /** The ports of ours count for these. */
  const names = new Set(['a.test', 'both.test']);

  it('goes to the addresses of that one, on the ports of ours where it is on the same machine', async () => {
    expect((await lookFor('/to?http://other.test/0')).end).toMatchObject({ kind: 'reply', place: { port } });
    expect(hosts()).toEqual(['a.test', 'other.test']);
  });

  it('takes its IPv4 address where the IPv6 one cannot be connected to', async () => {
    const { end } = await lookFor('/to?http://fallback.test/0');
    expect(end).toMatchObject({ kind: 'reply', place: { address: loopback } });
  });

  it('takes its IPv4 address in good time where the IPv6 one swallows what comes', async () => {
    const full = await fullServer('::1', port);
    try {
      const { end } = await lookFor('/to?http://both.test/0', { names, signal: AbortSignal.timeout(8_000) });
      expect(end).toMatchObject({ kind: 'reply', place: { address: loopback }, reply: { body: 'arrived' } });
    } finally {
      await full.stop();
    }
  }, 20_000);

  it('is waited for where its IPv6 address is connected to, as long as there is time', async () => {
    const held = createServer((_, response) => void setTimeout(() => response.end('late'), 4_000));
    await once(held.listen(port, '::1'), 'listening');
    try {
      expect((await lookFor('/to?http://both.test/0', { names })).end).toMatchObject({ reply: { body: 'late' } });
    } finally {
      held.closeAllConnections();
      held.close();
    }
  }, 20_000);

  it('does not go into a private network that is not of the names', async () => {
    const followsInside = false;
    const { end } = await lookFor('/to?http://elsewhere.test/0', { followsInside });
    expect(end).toMatchObject({ kind: 'not-followed', status: 302, target: 'http://elsewhere.test/0' });
    expect((await lookFor('/to?http://mapped.test/0', { followsInside })).end).toMatchObject({ kind: 'not-followed' });
    // At the address that is looked at, and for a name of the same order, it does.
    for (const target of ['http://other.test/0', 'http://half.test/0', 'http://b.test/0']) {
      const { end: reached } = await lookFor(`/to?${target}`, { followsInside, givenAddress: loopback });
      expect(reached).toMatchObject({ kind: 'reply', place: { address: loopback }, reply: { body: 'arrived' } });
    }
  });

  it('goes to port 80 of another machine', async () => {
    const { end } = await lookFor('/to?http://elsewhere.test/0');
    expect(end).toMatchObject({ place: { address: '127.0.0.1', port: 80 } });
  });

  it('goes where the names are reached, for a name of the same order', async () => {
    const { end } = await lookFor('/to?http://b.test/0', { givenAddress: loopback });
    expect(end).toMatchObject({ kind: 'reply', reply: { body: 'arrived' } });
    expect((await lookFor('/to?http://b.test/0')).end).toMatchObject({ kind: 'unresolved', host: 'b.test' });
  });

  it('fails where that one has no address', async () => {
    expect((await lookFor('/to?http://never.test/0')).end).toMatchObject({ kind: 'unresolved', host: 'never.test' });
  });
});
