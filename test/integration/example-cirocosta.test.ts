import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApplication, type Application } from '../support/application.js';
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

exampleSuite('cirocosta', {
  options: async () =>
    await Promise.resolve({
      servers: { '127.0.0.1:8080': application.address },
      commands: [
        // What it builds is the HAProxy under test; the script has tests of its own.
        ['haproxy/build.sh --version 3.2.1 --install', "haproxy -vv | grep -q 'Built with Lua'"],
      ],
    }),
  start: 'haproxy -D',
  names: [name],
  bundle: `/etc/haproxy/certs/${name}.pem`,
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
        /^HTTP\/1\.1 302 [^]*\r\nlocation: https:\/\/example\.com\/a\?b=c\r\n/,
      );
      expect(await ask('HEAD', '/')).toMatch(/^HTTP\/1\.1 302 /);
      expect(await ask('GET', '/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 404 /);
      expect(await ask('POST', '/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 405 /);
    });

    it('speaks HTTP/2', async () => {
      const { stdout } = await example().shell(`curl -sSik --http2 https://${loopback}:${example().port(443)}/`);
      expect(stdout).toMatch(/^HTTP\/2 200 /);
    });
  },
});
