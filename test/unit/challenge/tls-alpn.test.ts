import { existsSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { connect as tlsConnect, type ConnectionOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  acmeIdentifierDigest,
  acmeServerName,
  readAcmeIdentifier,
  type AcmeIdentifier,
} from '../../../src-node/certificate/acme-identifier.js';
import type { Challenge, ChallengePublisher } from '../../../src-node/challenge/challenge-publisher.js';
import { tlsAlpnPublisher } from '../../../src-node/challenge/tls-alpn.js';
import { systemClock } from '../../../src-node/platform/clock.js';
import { until } from '../../support/child.js';
import { clientHello } from '../../support/client-hello.js';
import { accepts, exchange, openConnection } from '../../support/http-raw.js';
import { freePort, loopback } from '../../support/loopback.js';
import { codeUnprivileged } from '../../support/unprivileged.js';

const challenge = (name = 'a.example', token = 'token'): Challenge => ({
  ...{ type: 'tls-alpn-01', name, token, keyAuthorization: `${token}.thumbprint` },
  validation: acmeIdentifierDigest(`${token}.thumbprint`),
});
const code = (wanted: string): unknown => expect.objectContaining({ name: 'ChallengeError', code: wanted });
const alert = (description: number): string => Buffer.from([21, 3, 3, 0, 2, 2, description]).toString('latin1');

let port: number;
let publisher: ChallengePublisher;
beforeEach(async () => {
  port = await freePort();
  publisher = tlsAlpnPublisher({ port, address: loopback }, systemClock);
});
afterEach(async () => await publisher.withdraw([challenge()]));

interface Shaken {
  readonly shown: AcmeIdentifier | undefined;
  readonly protocol: string | false | null;
  readonly version: string | null;
}

/** As a CA does it, and then until the server ends the connection, which it has to do by itself. */
async function shake(servername: string | undefined, options: ConnectionOptions = {}, at = loopback): Promise<Shaken> {
  return await new Promise((resolve, reject) => {
    let shaken: Shaken | undefined;
    const socket = tlsConnect({
      ...{ host: at, port, rejectUnauthorized: false, ALPNProtocols: ['acme-tls/1'], timeout: 30_000 },
      ...(servername === undefined ? {} : { servername }),
      ...options,
    });
    socket.once('secureConnect', () => {
      const shown = readAcmeIdentifier(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0));
      shaken = { shown, protocol: socket.alpnProtocol, version: socket.getProtocol() };
    });
    socket.once('timeout', () => socket.destroy(new Error('the server keeps the connection')));
    socket.once('error', reject);
    socket.once('close', () => (shaken === undefined ? reject(new Error('no handshake')) : resolve(shaken)));
    socket.resume();
  });
}

describe('a client that asks by ALPN acme-tls/1', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is shown the certificate by %s, and let go', async (version) => {
    await publisher.publish([challenge()]);
    const start = performance.now();
    expect(await shake('a.example', { minVersion: version, maxVersion: version })).toEqual({
      shown: { names: ['a.example'], digest: challenge().validation },
      ...{ protocol: 'acme-tls/1', version },
    });
    // Not because its time is up.
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('is shown that of the name by SNI, whatever its case, and of an address by its reverse name', async () => {
    const all = ['a.example', 'b.example', '192.0.2.7', '2001:db8::7'].map((name, at) => challenge(name, `t${at}`));
    await publisher.publish(all);
    for (const { name, validation } of all) {
      expect((await shake(acmeServerName(name))).shown).toEqual({ names: [name], digest: validation });
    }
    expect((await shake('B.Example')).shown?.names).toEqual(['b.example']);
    await publisher.withdraw(all);
  });

  it('may ask for other protocols too', async () => {
    await publisher.publish([challenge()]);
    expect((await shake('a.example', { ALPNProtocols: ['h2', 'acme-tls/1'] })).protocol).toBe('acme-tls/1');
  });

  it('may have a long ClientHello, in pieces as small as they are, or over several records', async () => {
    await publisher.publish([challenge()]);
    const hello = clientHello({ serverName: 'a.example', protocols: ['acme-tls/1'], padding: 4_000 });
    const answered = async (pieces: readonly Buffer[]): Promise<number | undefined> => {
      const socket = (await openConnection(loopback, port)).setNoDelay(true);
      const answer = new Promise<number | undefined>((resolve) => {
        socket.once('data', (bytes: Buffer) => resolve(bytes[0])).once('close', () => resolve(undefined));
      });
      for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
      return await answer.finally(() => socket.destroy());
    };
    const handshakeRecord = 22;
    expect(await answered([hello])).toBe(handshakeRecord);
    expect(await answered(Array.from(hello, (byte) => Buffer.from([byte])))).toBe(handshakeRecord);
    const body = hello.subarray(5);
    const record = (content: Buffer): Buffer =>
      Buffer.concat([Buffer.from([22, 3, 1, content.length >> 8, content.length & 255]), content]);
    const records = [record(body.subarray(0, 100)), record(body.subarray(100))];
    expect(await answered(records)).toBe(handshakeRecord);
  });
});

describe('any other client is told by an alert and let go', () => {
  beforeEach(async () => await publisher.publish([challenge()]));

  it.each<[string, string | undefined, ConnectionOptions, string]>([
    ['without ALPN', 'a.example', { ALPNProtocols: [] }, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'],
    ['for h2', 'a.example', { ALPNProtocols: ['h2', 'http/1.1'] }, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'],
    ['with an unknown SNI', 'b.example', {}, 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME'],
    ['without SNI', undefined, {}, 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME'],
    [
      'by TLS 1.1',
      'a.example',
      { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    ],
  ])('%s', async (_, servername, options, wanted) => {
    await expect(shake(servername, options)).rejects.toMatchObject({ code: wanted });
  });

  it.each<[string, string | Buffer]>([
    ['http', 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'],
    ['zero bytes', Buffer.alloc(64)],
    ['a record that is empty', Buffer.from('1603010000', 'hex')],
    ['a ServerHello', Buffer.from('16030100050200000100', 'hex')],
    ['megabytes of nothing', Buffer.alloc(2_000_000, 0x16)],
    ['a ClientHello that never ends', Buffer.from('160301400001ffffff', 'hex')],
  ])('that sends %s', async (_, bytes) => {
    expect(await exchange(loopback, port, bytes)).toBe(alert(10));
  });

  it('that sends a ClientHello whose lengths lead beyond its end', async () => {
    const hello = clientHello({ serverName: 'a.example', protocols: ['acme-tls/1'] });
    // The length of the session's number.
    hello[5 + 4 + 34] = 255;
    expect(await exchange(loopback, port, hello)).toBe(alert(10));
  });
});

describe('connections that cost', () => {
  beforeEach(async () => await publisher.publish([challenge()]));

  it('are ended in time when a ClientHello does not come, trickles in, or no handshake follows', async () => {
    const hello = clientHello({ serverName: 'a.example', protocols: ['acme-tls/1'] });
    const trickle = async (): Promise<void> => {
      const socket = connect({ host: loopback, port }).on('error', () => undefined);
      let at = 0;
      const timer = setInterval(() => socket.write(hello.subarray(at, (at += 1))), 100);
      const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      await ended.finally(() => clearInterval(timer));
      expect(at).toBeLessThan(hello.length);
    };
    const start = performance.now();
    const [silent, half] = await Promise.all([
      exchange(loopback, port, ''),
      exchange(loopback, port, hello),
      trickle(),
    ]);
    expect(silent).toBe('');
    expect(half.charCodeAt(0)).toBe(22);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it('make room for a new one when they are thousands, the oldest first', async () => {
    const crowd: Socket[] = [];
    try {
      const start = performance.now();
      while (crowd.length < 3_000) {
        const more = await Promise.all(Array.from({ length: 100 }, async () => await openConnection(loopback, port)));
        crowd.push(...more.map((socket) => socket.on('error', () => undefined).resume()));
      }
      expect((await shake('a.example')).shown?.names).toEqual(['a.example']);
      await until('the oldest are closed', () => crowd.filter((socket) => socket.closed).length > 2_400);
      expect(crowd.slice(-400).every((socket) => !socket.closed)).toBe(true);
      // Before any of them was closed for having been silent too long.
      expect(performance.now() - start).toBeLessThan(9_000);
    } finally {
      for (const socket of crowd) socket.destroy();
    }
  });

  it('do not hold up the end', async () => {
    const silent = (await openConnection(loopback, port)).on('error', () => undefined).resume();
    const gone = new Promise((resolve) => silent.once('close', resolve));
    const start = performance.now();
    await publisher.withdraw([challenge()]);
    await gone;
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});

describe('when it listens', () => {
  it('is from publish to the withdrawal of the last challenge, and never for an order without', async () => {
    await publisher.publish([]);
    expect(await accepts(loopback, port)).toBe(false);
    await publisher.publish([challenge(), challenge('b.example', 'two')]);
    await publisher.withdraw([challenge()]);
    await expect(shake('a.example')).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' });
    expect((await shake('b.example')).shown?.names).toEqual(['b.example']);
    await publisher.withdraw([challenge('b.example', 'two')]);
    expect(await accepts(loopback, port)).toBe(false);
    await publisher.withdraw([challenge('b.example', 'two')]);
  });

  it('is as long as any of several orders needs it, whenever they come and go', async () => {
    await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const order = challenge(`${at}.example`, `order-${at}`);
        await publisher.publish([order]);
        expect((await shake(order.name)).shown?.digest).toBe(order.validation);
        await publisher.withdraw([order]);
      }),
    );
    expect(await accepts(loopback, port)).toBe(false);
  });

  it.runIf(existsSync('/proc/net/if_inet6'))('is on every address, unless one is given', async () => {
    port = await freePort('::');
    publisher = tlsAlpnPublisher({ port, address: undefined }, systemClock);
    await publisher.publish([challenge()]);
    for (const at of ['::1', '127.0.0.1']) expect((await shake('a.example', {}, at)).protocol).toBe('acme-tls/1');
  });
});

describe('check', () => {
  it('lets the port go, and passes while the publisher itself listens', async () => {
    await publisher.check(['a.example', '192.0.2.7']);
    expect(await accepts(loopback, port)).toBe(false);
    await publisher.publish([challenge()]);
    await publisher.check(['b.example']);
    expect((await shake('a.example')).protocol).toBe('acme-tls/1');
  });

  it('refuses a wildcard', async () => {
    await expect(publisher.check(['a.example', '*.a.example'])).rejects.toThrow(code('wildcard-needs-dns'));
  });

  it('tells a port that another program has, or that cannot be had', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, loopback, resolve));
    await expect(publisher.check(['a.example'])).rejects.toThrow(code('port-in-use'));
    await expect(publisher.publish([challenge()])).rejects.toThrow(code('port-in-use'));
    await new Promise((resolve) => other.close(resolve));
    const elsewhere = tlsAlpnPublisher({ port, address: '192.0.2.1' }, systemClock);
    await expect(elsewhere.check(['a.example'])).rejects.toThrow(code('address-unavailable'));
  });
});

it('a port for root alone is told', async () => {
  const clock = '{ now: () => 0, sleep: async () => undefined }';
  const check = `m.tlsAlpnPublisher({ port: 81, address: ${JSON.stringify(loopback)} }, ${clock}).check(['a.example'])`;
  expect(await codeUnprivileged('challenge/tls-alpn.ts', check)).toBe('port-refused');
});
