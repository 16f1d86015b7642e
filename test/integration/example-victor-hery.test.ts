import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApplication, type Application } from '../support/application.js';
import type { Example } from '../support/example.js';
import { exampleSuite } from '../support/example-suite.js';
import { rawHttp } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { openWebSocket } from '../support/websocket.js';

const name = 'example.com';
const blog = 'blog.example.com';
const applications: Application[] = [];
let running: Example;
beforeAll(async () => {
  applications.push(await startApplication('www'), await startApplication('blog'));
});
afterAll(() => applications.forEach((application) => application.stop()));

exampleSuite('victor-hery', {
  options: async () => {
    const challengePort = await freePort();
    const [www = '', blogAddress = ''] = applications.map(({ address }) => address);
    return {
      servers: {
        '127.0.0.1:8080': www,
        '127.0.0.1:8081': blogAddress,
        '127.0.0.1:63443': `${loopback}:${challengePort}`,
      },
      texts: [
        ['cli.ini', 'http-01-port = 63443', `http-01-port = ${challengePort}`],
        ['cli.ini', 'http-01-address = 127.0.0.1', `http-01-address = ${loopback}`],
      ],
    };
  },
  start: 'systemctl restart haproxy',
  names: [name, `www.${name}`],
  bundle: `/etc/haproxy/cert/${name}.pem`,
  longConnections: async (example) => [await openWebSocket(loopback, example.port(443), name)],
  more: (example) => {
    const get = async (path: string): Promise<string> =>
      await rawHttp(loopback, example().port(80), `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
    const curl = async (path: string, args = ''): Promise<string> =>
      (await example().shell(`curl -sSik ${args} https://${loopback}:${example().port(443)}${path}`)).stdout;

    it('redirects http to https, but for challenges', async () => {
      running = example();
      expect(await get('/a?b=c')).toMatch(/^HTTP\/1\.1 301 [^]*\r\nlocation: https:\/\/example\.com\/a\?b=c\r\n/);
      expect(await get('/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 503 /);
    });

    it('serves each website by https, and leads challenges that come there the same way', async () => {
      expect(await curl('/')).toContain('"name":"www"');
      expect(await curl('/', `-H 'Host: ${blog}'`)).toContain('"name":"blog"');
      expect(await curl('/.well-known/acme-challenge/x')).toMatch(/^HTTP\/\S+ 503 /);
    });
  },
});

describe('the two certificates', () => {
  it('are served each for its names, with RSA keys of 4096 bits, and both were renewed', async () => {
    expect(await running.served(443, blog)).toBe(running.stored(blog));
    expect(running.stored(blog)).not.toBe(running.stored(name));
    for (const certName of [name, blog]) {
      const live = running.at(`etc/letsencrypt/live/${certName}/cert.pem`);
      const { publicKey } = new X509Certificate(readFileSync(live));
      expect(publicKey.asymmetricKeyType).toBe('rsa');
      expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(4096);
      expect(readFileSync(running.at(`etc/letsencrypt/renewal/${certName}.conf`), 'utf8')).toContain(
        'deployed_version = 2',
      );
    }
  });
});
