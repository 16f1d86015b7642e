import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort, loopback } from '../../support/loopback.js';
import { selfSigned } from '../../support/self-signed.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { transportUnderTest, type TransportUnderTest } from '../../support/transport-under-test.js';

let under: TransportUnderTest;
beforeEach(() => {
  under = transportUnderTest();
});
afterEach(() => under.stop());

describe('a fault of the network', () => {
  /** A server of bare TCP that does this with every connection. */
  async function raw(handle: (socket: Socket, connection: number) => void): Promise<string> {
    let connections = 0;
    const sockets = new Set<Socket>();
    const server = createTcpServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      connections += 1;
      handle(socket, connections);
    });
    await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
    under.atEnd(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `http://${loopback}:${(server.address() as AddressInfo).port}/`;
  }

  it.each<[string, (socket: Socket) => void]>([
    ['closes', (socket) => void socket.end()],
    ['resets', (socket) => void socket.resetAndDestroy()],
    ['cuts its answer', (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')],
    ['cuts a chunk', (socket) => void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf')],
    ['speaks another protocol', (socket) => void socket.end('SSH-2.0-OpenSSH_9\r\n')],
    [
      'leaves HTTP for another protocol',
      (socket) => void socket.write('HTTP/1.1 101 Switching\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n'),
    ],
    ['sends endless headers', (socket) => void socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`)],
  ])('is tried again, then told: a server that %s', async (_, behave) => {
    const url = await raw((socket) => socket.once('data', () => behave(socket)));
    await expect(under.get(url)).rejects.toThrow(expect.objectContaining({ code: 'acme-unreachable' }));
    await expect(under.get(url)).rejects.toThrow(url);
    expect(under.pauses.slice(0, 3)).toEqual([500, 2_000, 5_000]);
  });

  it('that passes is not told', async () => {
    const url = await raw((socket, connection) => {
      socket.once('data', () => {
        if (connection < 3) socket.destroy();
        else socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok');
      });
    });
    expect((await under.get(url)).data).toBe('ok');
    expect(under.pauses).toEqual([500, 2_000]);
  });

  it('is told of a port that nobody listens on, and a name that there is not', async () => {
    await expect(under.get(`http://${loopback}:${await freePort()}/`)).rejects.toMatchObject({
      code: 'acme-unreachable',
    });
    await expect(under.get('https://ca.invalid/directory')).rejects.toMatchObject({ code: 'acme-unreachable' });
  });

  it('is told of a server that is silent, and of one that never ends, within the time given', async () => {
    const impatient = under.open({ timeout: 150 });
    let asked = 0;
    const silent = await raw(() => (asked += 1));
    const dripping = await raw((socket) => {
      const drip = setInterval(() => socket.write('x'), 20);
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n'));
      socket.once('close', () => clearInterval(drip));
    });
    for (const url of [silent, dripping]) {
      const start = performance.now();
      await expect(under.get(url, impatient)).rejects.toMatchObject({ code: 'acme-silent' });
      expect(performance.now() - start).toBeLessThan(5_000);
    }
    expect(asked).toBe(2);
  });
});

describe('TLS', () => {
  it('refuses a certificate that nobody trusts, at once, unless told how to trust it', async () => {
    const directory = temporaryDirectory();
    under.atEnd(directory.remove);
    const { certFile, keyFile } = await selfSigned(directory.path, 'ca', [`IP:${loopback}`, 'DNS:ca.example']);
    const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')];
    const url = await under.listen(
      createHttpsServer({ cert, key }, (_, response) => response.end('secret')),
      'https',
    );
    await expect(under.get(url)).rejects.toMatchObject({ code: 'acme-untrusted' });
    expect(under.pauses).toEqual([]);
    expect((await under.get(url, under.open({ extraCa: [cert] }))).data).toBe('secret');
    expect((await under.get(url, under.open({ verify: false }))).data).toBe('secret');
    const named = await selfSigned(directory.path, 'other', ['DNS:other.example']);
    const other = createHttpsServer(
      { cert: readFileSync(named.certFile), key: readFileSync(named.keyFile) },
      (_, response) => response.end(),
    );
    const wrongName = under.open({ extraCa: [readFileSync(named.certFile, 'utf8')] });
    await expect(under.get(await under.listen(other, 'https'), wrongName)).rejects.toMatchObject({
      code: 'acme-untrusted',
    });
  });

  it('says that a server without TLS cannot be reached by https', async () => {
    const { url } = await under.answering({});
    await expect(under.get(url.replace('http:', 'https:'))).rejects.toMatchObject({ code: 'acme-unreachable' });
  });
});
