import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApplication, type Application } from '../support/application.js';
import { shippedExample } from '../support/example-files.js';
import { exampleSuite } from '../support/example-suite.js';
import { rawHttp } from '../support/haproxy.js';
import { loopback } from '../support/loopback.js';
import { openWebSocket } from '../support/websocket.js';

const name = 'example.com';
let application: Application;
beforeAll(async () => {
  application = await startApplication('application');
});
afterAll(() => application.stop());

/** What each answers to a challenge that nobody has published. */
describe.each([
  { shipped: 'native/map', unknown: 404, env: {} },
  {
    shipped: 'native/thumbprint',
    unknown: 200,
    env: { ACME_THUMBPRINT: '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI' },
  },
])('$shipped', ({ shipped, unknown, env }) => {
  exampleSuite(shipped, {
    options: async () => await Promise.resolve({ servers: { '127.0.0.1:8080': application.address } }),
    start: 'systemctl restart haproxy',
    names: [name],
    bundle: `/etc/haproxy/certs/${name}.pem`,
    env,
    longConnections: async (example) => [await openWebSocket(loopback, example.port(443), name)],
    more: (example) => {
      const ask = async (method: string, path: string): Promise<string> =>
        await rawHttp(
          loopback,
          example().port(80),
          `${method} ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`,
        );

      it('redirects http to https, but for challenges', async () => {
        expect(await ask('GET', '/a?b=c')).toMatch(
          /^HTTP\/1\.1 301 [^]*\r\nlocation: https:\/\/example\.com\/a\?b=c\r\n/,
        );
        expect(await ask('GET', '/.well-known/acme-challenge/x')).toMatch(new RegExp(`^HTTP/1\\.1 ${unknown} `));
        expect(await ask('GET', '/.well-known/acme-challenge/x.y')).toMatch(/^HTTP\/1\.1 404 /);
        expect(await ask('POST', '/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 405 /);
      });

      it('has no Lua, and leads the application what comes by https', async () => {
        expect(readFileSync(join(shippedExample(shipped), 'haproxy.cfg'), 'utf8')).not.toMatch(/^\s*lua-/m);
        const { stdout } = await example().shell(`curl -sSik https://${loopback}:${example().port(443)}/`);
        expect(stdout).toContain('"name":"application"');
      });
    },
  });
});
