import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Transport, TransportSettings } from '../../../src-node/acme/transport.js';
import { startConnectProxy, type ConnectProxy, type ConnectProxyOptions } from '../../support/connect-proxy.js';
import { until } from '../../support/child.js';
import { freePort, loopback } from '../../support/loopback.js';
import { selfSigned } from '../../support/self-signed.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { transportUnderTest, type TransportUnderTest } from '../../support/transport-under-test.js';

let under: TransportUnderTest;
beforeEach(() => {
  under = transportUnderTest();
});
afterEach(() => under.stop());

async function startProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const proxy = await startConnectProxy(options);
  under.atEnd(proxy.stop);
  return proxy;
}

interface Secure {
  readonly url: string;
  readonly cert: string;
}

async function secureServer(): Promise<Secure> {
  const directory = temporaryDirectory();
  under.atEnd(directory.remove);
  const { certFile, keyFile } = await selfSigned(directory.path, 'ca', [`IP:${loopback}`]);
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')];
  const server = createHttpsServer({ cert, key }, (_, response) => response.end('over TLS'));
  return { url: await under.listen(server, 'https'), cert };
}

const through = (proxy: string, differing: Partial<TransportSettings> = {}): Transport =>
  under.open({ proxyFor: () => proxy, ...differing });
const withUser = (url: string): string => url.replace('://', '://user:p%40ss@');

describe('a proxy', () => {
  it('is asked for a tunnel to a server with TLS, which is kept', async () => {
    const [proxy, { url, cert }] = [await startProxy(), await secureServer()];
    const transport = through(proxy.url, { extraCa: [cert] });
    expect((await under.get(url, transport)).data).toBe('over TLS');
    expect((await under.get(url, transport)).data).toBe('over TLS');
    expect(proxy.asked).toEqual([`CONNECT ${new URL(url).host}`]);
  });

  it('is asked for http by the whole URL', async () => {
    const [proxy, { url }] = [await startProxy({ credentials: 'user:p@ss' }), await under.answering({ body: 'plain' })];
    expect((await under.get(url, through(withUser(proxy.url)))).data).toBe('plain');
    expect(proxy.asked).toEqual([`GET ${url}`]);
  });

  it('is passed by where none is set for the URL', async () => {
    const [proxy, { url }] = [await startProxy(), await under.answering({ body: 'plain' })];
    const transport = under.open({ proxyFor: (asked) => (asked === url ? undefined : proxy.url) });
    expect((await under.get(url, transport)).data).toBe('plain');
    expect(proxy.asked).toEqual([]);
  });

  it('does not make a server trusted', async () => {
    const [proxy, { url }] = [await startProxy(), await secureServer()];
    await expect(under.get(url, through(proxy.url))).rejects.toMatchObject({ code: 'acme-untrusted' });
    expect((await under.get(url, through(proxy.url, { verify: false }))).data).toBe('over TLS');
  });

  it('gets user and password, and is named without them where it wants others', async () => {
    const { url, cert } = await secureServer();
    const plain = (await under.answering({})).url;
    const proxy = await startProxy({ credentials: 'user:p@ss' });
    expect((await under.get(url, through(withUser(proxy.url), { extraCa: [cert] }))).data).toBe('over TLS');
    for (const asked of [url, plain]) {
      const error: unknown = await under
        .get(asked, through(proxy.url.replace('://', '://user:wrong@')))
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'acme-proxy', message: expect.stringContaining(proxy.url) as string });
      expect(JSON.stringify([error, String(error)])).not.toContain('wrong');
    }
    expect(under.pauses).toEqual([]);
  });

  it('that refuses is told; one that cannot reach the CA is asked again', async () => {
    const { url } = await secureServer();
    const [refusing, failing] = [await startProxy({ status: 403 }), await startProxy({ status: 502 })];
    await expect(under.get(url, through(refusing.url))).rejects.toMatchObject({ code: 'acme-proxy' });
    expect(under.pauses).toEqual([]);
    await expect(under.get(url, through(failing.url))).rejects.toMatchObject({ code: 'acme-unreachable' });
    expect(under.pauses).toHaveLength(3);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['closes', (socket) => void socket.end()],
    ['resets', (socket) => void socket.resetAndDestroy()],
    ['speaks another protocol', (socket) => void socket.end('SSH-2.0-OpenSSH_9\r\n')],
  ])('that %s is told as such, without its password', async (_, behave) => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined).once('data', () => behave(socket)));
    await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
    under.atEnd(() => server.close());
    const address = `http://${loopback}:${(server.address() as AddressInfo).port}`;
    for (const url of ['https://ca.invalid/dir', 'http://ca.invalid/dir']) {
      const error: unknown = await under.get(url, through(withUser(address))).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'acme-proxy-unreachable',
        message: expect.stringContaining(address) as string,
      });
      expect(JSON.stringify([error, String(error)])).not.toMatch(/p@ss|p%40ss/);
    }
  });

  it('that is not there, or is no URL, or of a kind that is not supported, is told', async () => {
    const nobody = `http://${loopback}:${await freePort()}`;
    const { url } = await secureServer();
    const get = async (proxy: string): Promise<unknown> =>
      await under.get(url, through(proxy)).catch((thrown: unknown) => thrown);
    expect(await get(nobody)).toMatchObject({ code: 'acme-proxy-unreachable' });
    expect(await get('http://proxy.invalid:3128')).toMatchObject({ code: 'acme-proxy-unreachable' });
    for (const proxy of ['socks5://user:secret@p:1080', 'http://', 'nonsense']) {
      const error = await get(proxy);
      expect(error).toMatchObject({ code: 'acme-proxy' });
      expect(String(error)).not.toContain('secret');
    }
  });

  it('that is silent is given up in time, and keeps no socket beyond the end', async () => {
    const sockets = new Set<Socket>();
    const server = createTcpServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.on('close', () => sockets.delete(socket));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
    const transport = through(`http://${loopback}:${(server.address() as AddressInfo).port}`, { timeout: 150 });
    await expect(under.get('https://ca.invalid/dir', transport)).rejects.toMatchObject({ code: 'acme-silent' });
    transport.close();
    under.atEnd(() => server.close());
    await until('no socket is left', () => sockets.size === 0);
  });
});
