import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tlsAlpnPublisher } from '../../src-node/challenge/tls-alpn.js';
import { systemClock } from '../../src-node/platform/clock.js';
import { accepts } from '../support/http-raw.js';
import { freePort, loopback } from '../support/loopback.js';
import { order } from '../support/order.js';
import { startPebble, type Pebble } from '../support/pebble.js';
import { temporaryDirectory } from '../support/temporary.js';

const directory = temporaryDirectory();
let port: number;
let pebble: Pebble;

beforeAll(async () => {
  port = await freePort();
  pebble = await startPebble({ directory: directory.path, httpPort: await freePort(), tlsPort: port });
});
afterAll(async () => {
  await pebble.stop();
  directory.remove();
});

describe('on the port that the CA asks', () => {
  it('validates several names and an address, and lets the port go', async () => {
    const publisher = tlsAlpnPublisher({ port, address: loopback }, systemClock);
    const certificate = await order(pebble, publisher, ['one.test', 'two.test', loopback]);
    expect(certificate.subjectAltName).toBe(`DNS:one.test, DNS:two.test, IP Address:${loopback}`);
    expect(await accepts(loopback, port)).toBe(false);
  });

  it('answers several orders at once', async () => {
    const publisher = tlsAlpnPublisher({ port, address: loopback }, systemClock);
    const names = Array.from({ length: 5 }, (_, at) => `${at}.at-once.test`);
    const certificates = await Promise.all(names.map(async (name) => await order(pebble, publisher, [name])));
    expect(certificates.map(({ subjectAltName }) => subjectAltName)).toEqual(names.map((name) => `DNS:${name}`));
    expect(await accepts(loopback, port)).toBe(false);
  });

  it('lets the port go when the CA is not satisfied', async () => {
    const real = tlsAlpnPublisher({ port, address: loopback }, systemClock);
    const wrong: typeof real = {
      ...real,
      publish: async (challenges) =>
        await real.publish(challenges.map((challenge) => ({ ...challenge, validation: '00'.repeat(32) }))),
    };
    await expect(order(pebble, wrong, ['three.test'])).rejects.toMatchObject({ code: 'acme-authorization-failed' });
    expect(await accepts(loopback, port)).toBe(false);
  });
});
