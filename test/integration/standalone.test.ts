import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { standalonePublisher } from '../../src-node/challenge/standalone.js';
import { rawHttp, startHaproxy, type Haproxy } from '../support/haproxy.js';
import { accepts } from '../support/http-raw.js';
import { freePort, loopback } from '../support/loopback.js';
import { order } from '../support/order.js';
import { startPebble, type Pebble } from '../support/pebble.js';
import { temporaryDirectory } from '../support/temporary.js';

const directory = temporaryDirectory();
let httpPort: number;
let pebble: Pebble;
let haproxy: Haproxy | undefined;

beforeAll(async () => {
  httpPort = await freePort();
  pebble = await startPebble({ directory: directory.path, httpPort });
});
afterEach(async () => {
  await haproxy?.stop();
  haproxy = undefined;
});
afterAll(async () => {
  await pebble.stop();
  directory.remove();
});

describe('on the port that the CA asks', () => {
  it('validates several names and an address, and lets the port go', async () => {
    const publisher = standalonePublisher({ port: httpPort, address: loopback });
    const certificate = await order(pebble, publisher, ['one.test', 'two.test', loopback]);
    expect(certificate.subjectAltName).toBe(`DNS:one.test, DNS:two.test, IP Address:${loopback}`);
    expect(await accepts(loopback, httpPort)).toBe(false);
  });

  it('lets the port go when the CA is not satisfied', async () => {
    const real = standalonePublisher({ port: httpPort, address: loopback });
    const wrong: typeof real = {
      ...real,
      publish: async (challenges) =>
        await real.publish(challenges.map((challenge) => ({ ...challenge, keyAuthorization: 'wrong' }))),
    };
    await expect(order(pebble, wrong, ['three.test'])).rejects.toMatchObject({ code: 'acme-authorization-failed' });
    expect(await accepts(loopback, httpPort)).toBe(false);
  });
});

describe('behind HAProxy', () => {
  const get = async (path: string): Promise<string> =>
    await rawHttp(loopback, httpPort, `GET ${path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`);

  /** As the articles have it: a backend for the challenges' path, and the application for all else. */
  async function front(port: number, more = ''): Promise<void> {
    haproxy = await startHaproxy(
      mkdtempSync(join(directory.path, 'haproxy-')),
      `
defaults
  mode http
  timeout client 30s
  timeout connect 5s
  timeout server 30s
  ${more}
frontend http
  bind ${loopback}:${httpPort}
  use_backend letsencrypt if { path_beg /.well-known/acme-challenge/ }
  default_backend application
backend letsencrypt
  server letsencrypt ${loopback}:${port}
backend application
  http-request return status 200 content-type text/plain string application
`,
    );
  }

  it.each([
    ['each request on a new connection', 'option httpclose'],
    ['connections that are used again', 'http-reuse always'],
  ])('answers at a backend with %s, and leaves the application alone', async (_, setting) => {
    const port = await freePort();
    await front(port, setting);
    expect(await get('/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 503 /);
    const publisher = standalonePublisher({ port, address: loopback });
    const names = Array.from({ length: 8 }, (__, index) => `${index}.behind.test`);
    const certificate = await order(pebble, publisher, names);
    expect(certificate.subjectAltName).toBe(names.map((name) => `DNS:${name}`).join(', '));
    expect(await get('/')).toMatch(/\r\n\r\napplication$/);
    expect(await accepts(loopback, port)).toBe(false);
  });

  it('does so too where it listens on every address', async () => {
    const port = await freePort('::');
    await front(port);
    const certificate = await order(pebble, standalonePublisher({ port, address: undefined }), ['every.test']);
    expect(certificate.subjectAltName).toBe('DNS:every.test');
  });

  it("names HAProxy when it is asked to take HAProxy's own port", async () => {
    await front(await freePort());
    const publisher = standalonePublisher({ port: httpPort, address: undefined });
    await expect(publisher.check(['a.test'])).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(`haproxy (process ${haproxy?.pid() ?? 0})`) as string,
    });
  });
});
