import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApplication, type Application } from '../support/application.js';
import { exampleSuite } from '../support/example-suite.js';
import { rawHttp } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { openWebSocket } from '../support/websocket.js';

let application: Application;
beforeAll(async () => {
  application = await startApplication('thingsboard');
});
afterAll(() => application.stop());

exampleSuite('thingsboard', {
  options: async () => {
    const challengePort = await freePort();
    return {
      servers: { '127.0.0.1:8080': application.address, '127.0.0.1:8090': `${loopback}:${challengePort}` },
      texts: [
        ['cli.ini', 'http-01-port = 8090', `http-01-port = ${challengePort}`],
        ['cli.ini', 'http-01-address = 127.0.0.1', `http-01-address = ${loopback}`],
      ],
    };
  },
  start: 'systemctl restart haproxy',
  names: ['tb.example.com'],
  bundle: '/usr/share/tb-haproxy/certs.d/tb.example.com.pem',
  more: (example) => {
    const get = async (path: string): Promise<string> =>
      await rawHttp(
        loopback,
        example().port(80),
        `GET ${path} HTTP/1.1\r\nHost: tb.example.com\r\nConnection: close\r\n\r\n`,
      );

    it('serves ThingsBoard on http, and tells it how it was asked', async () => {
      const answer = await get('/');
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      const { headers } = JSON.parse(answer.split('\r\n\r\n')[1] ?? '') as { headers: Record<string, string> };
      const port = String(example().port(80));
      expect(headers).toMatchObject({
        'x-forwarded-proto': 'http',
        'x-forwarded-port': port,
        'x-forwarded-for': '127.0.0.1',
      });
    });

    it('tells ThingsBoard of https, whatever the client says of itself', async () => {
      const url = `https://${loopback}:${example().port(443)}/`;
      const result = await example().shell(`curl -sSk -H 'X-Forwarded-Proto: http' ${url}`);
      const { headers } = JSON.parse(result.stdout) as { headers: Record<string, string> };
      const port = String(example().port(443));
      expect(headers).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-port': port });
    });

    it('leads challenges, and nothing else, to the port of cli.ini', async () => {
      expect(await get('/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 503 /);
      expect(await get('/.well-known/other')).toMatch(/^HTTP\/1\.1 200 /);
    });

    it('with FORCE_HTTPS_REDIRECT=true redirects all but challenges', async () => {
      await example().readme.to('FORCE_HTTPS_REDIRECT=true');
      await example().readme.to('systemctl restart haproxy');
      const answer = await get('/dashboard?id=1');
      expect(answer).toMatch(/^HTTP\/1\.1 302 /);
      expect(answer).toMatch(/^location: https:\/\/tb\.example\.com\/dashboard\?id=1\r$/m);
      expect(await get('/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 503 /);
    });

    it('shows its statistics', async () => {
      const page = await example().shell(`curl -sS http://${loopback}:${example().port(9999)}/stats`);
      expect(page.stdout).toContain('tb-backend');
    });
  },
  longConnections: async (example) => [await openWebSocket(loopback, example.port(443), 'tb.example.com')],
});
