import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Challenge, ChallengePublisher } from '../../../src-node/challenge/challenge-publisher.js';
import { standalonePublisher } from '../../../src-node/challenge/standalone.js';
import { run, runOrThrow, until } from '../../support/child.js';
import { accepts, exchange, openConnection } from '../../support/http-raw.js';
import { freePort, loopback } from '../../support/loopback.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { codeUnprivileged } from '../../support/unprivileged.js';

const token = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const challenge = (differing: Partial<Challenge> = {}): Challenge => ({
  type: 'http-01',
  name: 'a.example',
  token,
  keyAuthorization: `${token}.thumbprint`,
  validation: `${token}.thumbprint`,
  ...differing,
});
const path = `/.well-known/acme-challenge/${token}`;
const code = (wanted: string): unknown => expect.objectContaining({ name: 'ChallengeError', code: wanted });

let port: number;
let publisher: ChallengePublisher;
beforeEach(async () => {
  port = await freePort();
  publisher = standalonePublisher({ port, address: loopback });
});
afterEach(async () => await publisher.withdraw([challenge()]));

/** One request on a connection of its own. */
async function ask(request: string, at = loopback): Promise<{ status: number; head: string; body: string }> {
  const [line = '', ...headers] = request.split('\r\n');
  const answer = await exchange(
    at,
    port,
    [line, 'Host: a.example', 'Connection: close', ...headers, '', ''].join('\r\n'),
  );
  const [head = '', body = ''] = answer.split(/\r\n\r\n([^]*)/);
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), head, body };
}

describe('what is answered', () => {
  beforeEach(async () => await publisher.publish([challenge()]));

  it('is the key authorization alone, as text of known length', async () => {
    const { status, head, body } = await ask(`GET ${path} HTTP/1.1`);
    expect([status, body]).toEqual([200, `${token}.thumbprint`]);
    expect(head).toMatch(/^content-type: text\/plain$/im);
    expect(head).toMatch(new RegExp(`^content-length: ${body.length}$`, 'im'));
  });

  it('has no body for HEAD', async () => {
    const { status, head, body } = await ask(`HEAD ${path} HTTP/1.1`);
    expect([status, body]).toEqual([200, '']);
    expect(head).toMatch(/^content-length: 54$/im);
  });

  it.each([
    ['a query', `GET ${path}?a=b HTTP/1.1`, 200],
    ['a whole URL', `GET http://a.example${path} HTTP/1.1`, 200],
    ['HTTP/1.0', `GET ${path} HTTP/1.0`, 200],
    ['the directory', 'GET /.well-known/acme-challenge/ HTTP/1.1', 404],
    ['the root', 'GET / HTTP/1.1', 404],
    ['an unknown token', `GET ${path}x HTTP/1.1`, 404],
    ['a shorter token', `GET ${path.slice(0, -1)} HTTP/1.1`, 404],
    ['another case', `GET ${path.toUpperCase()} HTTP/1.1`, 404],
    ['an escaped path', `GET ${path.replace('L', '%4C')} HTTP/1.1`, 404],
    ['a path to its parent', `GET /x/..${path} HTTP/1.1`, 404],
    ['a doubled slash', `GET /${path} HTTP/1.1`, 404],
    ['the name of a property', 'GET __proto__ HTTP/1.1', 400],
    ['POST', `POST ${path} HTTP/1.1\r\nContent-Length: 0`, 405],
    ['PUT', `PUT ${path} HTTP/1.1\r\nContent-Length: 0`, 405],
    ['DELETE', 'DELETE / HTTP/1.1', 405],
    ['OPTIONS', 'OPTIONS * HTTP/1.1', 405],
    ['CONNECT', 'CONNECT a.example:80 HTTP/1.1', 405],
    ['an unknown method', 'FETCH / HTTP/1.1', 400],
  ])('to %s is a status of its own', async (_, request, wanted) => {
    const { status, head, body } = await ask(request);
    expect(status).toBe(wanted);
    if (wanted !== 200) expect(body).toBe('');
    expect(/^allow: (.*)$/im.exec(head)?.[1]?.trim()).toBe(wanted === 405 ? 'GET, HEAD' : undefined);
  });

  it.each<[string, string | Buffer, number]>([
    ['words', 'hello\r\n\r\n', 400],
    ['zero bytes', Buffer.alloc(16), 400],
    ['a TLS handshake', Buffer.from('16030100a5010000a1030300', 'hex'), 400],
    ['megabytes of nothing', Buffer.alloc(2_000_000, 'x'), 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['no host', `GET ${path} HTTP/1.1\r\n\r\n`, 400],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['long headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a long path', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ])('to %s is an error, and the end of the connection', async (_, bytes, wanted) => {
    const answer = await exchange(loopback, port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${wanted} `));
    expect(answer).not.toMatch(/xxx|hello/);
  });

  it('reaches a client whose large body it does not want', async () => {
    const body = 'y'.repeat(2_000_000);
    expect((await ask(`POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`)).status).toBe(405);
  });

  it('comes in their order to requests sent at once', async () => {
    const both = `GET / HTTP/1.1\r\nHost: a\r\n\r\nGET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    const answer = await exchange(loopback, port, both);
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(['404', '200']);
  });
});

describe('connections that cost', () => {
  beforeEach(async () => await publisher.publish([challenge()]));

  it('are ended in time when a request does not come, trickles in or never ends', async () => {
    const trickle = async (first: string): Promise<string> => {
      const socket = connect({ host: loopback, port, allowHalfOpen: true });
      let answer = '';
      const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(answer)));
      socket.on('data', (text: Buffer) => (answer += text.toString())).on('error', () => undefined);
      socket.write(first);
      const timer = setInterval(() => socket.write('A: b\r\n'), 100);
      return await ended.finally(() => clearInterval(timer));
    };
    const endless = exchange(loopback, port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nbody');
    const [silent, slow, refused, body] = await Promise.all([
      exchange(loopback, port, ''),
      trickle('GET / HTTP/1.1\r\n'),
      trickle('hello\r\n'),
      endless,
    ]);
    expect(silent).toMatch(/^HTTP\/1\.1 408 /);
    expect(slow).toMatch(/^HTTP\/1\.1 408 /);
    expect(refused).toMatch(/^HTTP\/1\.1 400 /);
    expect(body).toMatch(/^HTTP\/1\.1 405 /);
  });

  it('make room for a new one when they are many, the oldest first', async () => {
    const crowd: Socket[] = [];
    try {
      const start = performance.now();
      // No more at once than the system lets wait to be accepted.
      while (crowd.length < 600) {
        const more = await Promise.all(Array.from({ length: 100 }, async () => await openConnection(loopback, port)));
        crowd.push(...more.map((socket) => socket.on('error', () => undefined).resume()));
      }
      expect((await ask(`GET ${path} HTTP/1.1`)).status).toBe(200);
      await until('the oldest are closed', () => crowd.filter((socket) => socket.closed).length > 100);
      expect(crowd.findIndex((socket) => !socket.closed)).toBeGreaterThan(50);
      expect(crowd.slice(-400).every((socket) => !socket.closed)).toBe(true);
      // Before any of them was closed for having been silent too long.
      expect(performance.now() - start).toBeLessThan(5_000);
    } finally {
      for (const socket of crowd) socket.destroy();
    }
  });

  it('do not hold up the end, whether kept alive or silent', async () => {
    const kept = await openConnection(loopback, port);
    kept.write(`GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    await new Promise((resolve) => kept.once('data', resolve));
    const silent = await openConnection(loopback, port);
    const gone = [kept, silent].map(async (socket) => {
      socket.on('error', () => undefined).resume();
      await new Promise((resolve) => socket.once('close', resolve));
    });
    const start = performance.now();
    await publisher.withdraw([challenge()]);
    await Promise.all(gone);
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});

describe('when it listens', () => {
  it('is from publish to the withdrawal of the last challenge', async () => {
    expect(await accepts(loopback, port)).toBe(false);
    await publisher.publish([challenge(), challenge({ token: 'two' })]);
    expect(await accepts(loopback, port)).toBe(true);
    await publisher.withdraw([challenge()]);
    expect((await ask(`GET ${path} HTTP/1.1`)).status).toBe(404);
    expect((await ask('GET /.well-known/acme-challenge/two HTTP/1.1')).status).toBe(200);
    await publisher.withdraw([challenge({ token: 'two' })]);
    expect(await accepts(loopback, port)).toBe(false);
  });

  it('is never for an order without challenges', async () => {
    await publisher.publish([]);
    expect(await accepts(loopback, port)).toBe(false);
    await publisher.withdraw([]);
  });

  it('is as long as any of several orders needs it, whenever they come and go', async () => {
    const orders = Array.from({ length: 20 }, (_, index) => challenge({ token: `order-${index}` }));
    await Promise.all(
      orders.map(async (order) => {
        await publisher.publish([order]);
        expect((await ask(`GET /.well-known/acme-challenge/${order.token} HTTP/1.1`)).status).toBe(200);
        await publisher.withdraw([order]);
      }),
    );
    expect(await accepts(loopback, port)).toBe(false);
  });

  it('may come again, and withdrawing twice or what was never published is no error', async () => {
    await publisher.withdraw([challenge()]);
    for (let turn = 0; turn < 3; turn += 1) {
      await publisher.publish([challenge()]);
      expect((await ask(`GET ${path} HTTP/1.1`)).body).toBe(`${token}.thumbprint`);
      await publisher.withdraw([challenge()]);
      await publisher.withdraw([challenge()]);
    }
  });
});

describe('where it listens', () => {
  it.runIf(existsSync('/proc/net/if_inet6'))('is everywhere, unless an address is given', async () => {
    port = await freePort('::');
    publisher = standalonePublisher({ port, address: undefined });
    await publisher.publish([challenge()]);
    for (const at of ['::1', '127.0.0.1', loopback]) expect((await ask(`GET ${path} HTTP/1.1`, at)).status).toBe(200);
    await publisher.withdraw([challenge()]);
    publisher = standalonePublisher({ port, address: '::1' });
    await publisher.publish([challenge()]);
    expect([await accepts('::1', port), await accepts('127.0.0.1', port)]).toEqual([true, false]);
  });

  it('is on IPv4 alone where the system has no IPv6', async () => {
    const directory = temporaryDirectory();
    try {
      const [source, library] = [join(directory.path, 'no-ipv6.c'), join(directory.path, 'no-ipv6.so')];
      writeFileSync(
        source,
        `#define _GNU_SOURCE
         #include <dlfcn.h>
         #include <errno.h>
         #include <sys/socket.h>
         int socket(int domain, int type, int protocol) {
           if (domain == AF_INET6) { errno = EAFNOSUPPORT; return -1; }
           return ((int (*)(int, int, int))dlsym(RTLD_NEXT, "socket"))(domain, type, protocol);
         }`,
      );
      await runOrThrow('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
      const module = resolve(import.meta.dirname, '../../../src-node/challenge/standalone.ts');
      port = await freePort('::');
      const script = `import(${JSON.stringify(module)}).then(async (m) => {
        const publisher = m.standalonePublisher({ port: ${port}, address: undefined });
        await publisher.publish([${JSON.stringify(challenge())}]);
        console.log(await (await fetch('http://127.0.0.1:${port}${path}')).text());
        await publisher.withdraw([${JSON.stringify(challenge())}]);
      })`;
      const env = { LD_PRELOAD: library };
      const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', '-e', script], { env });
      expect(stdout, stderr).toBe(`${token}.thumbprint\n`);
    } finally {
      directory.remove();
    }
  });
});

describe('a port that cannot be had', () => {
  it.each([
    ['publish', async () => await publisher.publish([challenge()])],
    ['check', async () => await publisher.check(['a.example'])],
  ])('is told by %s with its address and who has it, and is tried again the next time', async (_, call) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, loopback, resolve));
    const error = await call().then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    await new Promise((resolve) => other.close(resolve));
    expect(error).toEqual(code('port-in-use'));
    expect(error?.message).toContain(`port ${port} of ${loopback}`);
    expect(error?.message).toContain(`(process ${process.pid})`);
    await call();
  });

  const firstFree = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  it.runIf(firstFree > 81)('is told when it is not for this user', async () => {
    const check = `m.standalonePublisher({ port: 81, address: ${JSON.stringify(loopback)} }).check(['a.example'])`;
    expect(await codeUnprivileged('challenge/standalone.ts', check)).toBe('port-refused');
  });

  it('is told when the address is not of this machine', async () => {
    for (const address of ['192.0.2.1', 'nowhere.invalid']) {
      const elsewhere = standalonePublisher({ port, address });
      await expect(elsewhere.check(['a.example'])).rejects.toThrow(code('address-unavailable'));
    }
  });
});

describe('check', () => {
  it('lets the port go, and passes while the publisher itself listens', async () => {
    await publisher.check(['a.example', '192.0.2.7']);
    expect(await accepts(loopback, port)).toBe(false);
    await publisher.publish([challenge()]);
    await publisher.check(['b.example']);
    expect((await ask(`GET ${path} HTTP/1.1`)).status).toBe(200);
  });

  it('refuses a wildcard', async () => {
    await expect(publisher.check(['a.example', '*.a.example'])).rejects.toThrow(code('wildcard-needs-dns'));
  });
});
