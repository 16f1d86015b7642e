import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApplication, type Application } from '../support/application.js';
import { bootstrapped } from '../support/bootstrapped.js';
import { exampleSuite } from '../support/example-suite.js';
import { rawHttp } from '../support/haproxy.js';
import { loopback } from '../support/loopback.js';
import { openWebSocket } from '../support/websocket.js';

const name = 'example.com';
const applications: Application[] = [];
beforeAll(async () => {
  applications.push(await startApplication('web-1'), await startApplication('web-2'));
});
afterAll(() => applications.forEach((application) => application.stop()));

exampleSuite('fly', {
  options: async () => {
    const [first = '', second = ''] = applications.map(({ address }) => address);
    return await Promise.resolve({
      servers: { '10.0.0.11:80': first, '10.0.0.12:80': second },
      commands: [bootstrapped('/etc/haproxy/ssl')],
    });
  },
  start: 'systemctl restart haproxy',
  names: [name],
  bundle: `/etc/haproxy/ssl/${name}.pem`,
  longConnections: async (example) => [await openWebSocket(loopback, example.port(443), name)],
  more: (example) => {
    it('redirects http to https, but for challenges, and leads https to both servers', async () => {
      const one = example();
      const get = async (path: string): Promise<string> =>
        await rawHttp(loopback, one.port(80), `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
      expect(await get('/a?b=c')).toMatch(/^HTTP\/1\.1 302 [^]*\r\nlocation: https:\/\/example\.com\/a\?b=c\r\n/);
      expect(await get('/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 404 /);
      const url = `https://${loopback}:${one.port(443)}/`;
      const { stdout } = await one.shell(`curl -sSk -H 'X-Forwarded-Proto: http' ${url} ${url}`);
      for (const text of ['"web-1"', '"web-2"', '"x-forwarded-proto":"https"', '"x-forwarded-for":"127.0.0.1"']) {
        expect(stdout).toContain(text);
      }
    });
  },
});
