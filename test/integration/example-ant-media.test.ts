import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApplication, startEcho, type Application } from '../support/application.js';
import type { Example } from '../support/example.js';
import { exampleSuite, type LongConnection } from '../support/example-suite.js';
import { rawHttp } from '../support/haproxy.js';
import { nextBytes, openConnection } from '../support/http-raw.js';
import { loopback } from '../support/loopback.js';
import { openWebSocket } from '../support/websocket.js';

const name = 'example.com';
const applications: Application[] = [];
beforeAll(async () => {
  applications.push(await startApplication('origin'), await startApplication('edge'), await startEcho());
});
afterAll(() => applications.forEach((application) => application.stop()));

exampleSuite('ant-media', {
  options: async () => {
    const [origin, edge, rtmp] = applications.map(({ address }) => address.split(':')[1]);
    return await Promise.resolve({
      servers: {
        '${AMS_ORIGIN1_IP}:5080': `\${AMS_ORIGIN1_IP}:${origin}`,
        '${AMS_EDGE1_IP}:5080': `\${AMS_EDGE1_IP}:${edge}`,
        '${AMS_ORIGIN1_IP}:1935': `\${AMS_ORIGIN1_IP}:${rtmp}`,
        '${AMS_ORIGIN2_IP}:1935': `\${AMS_ORIGIN2_IP}:${rtmp}`,
      },
      commands: [...['192.0.2.11', '192.0.2.12', '192.0.2.21'].map((address) => [address, loopback] as const)],
    });
  },
  start: 'systemctl restart haproxy',
  names: [name, `www.${name}`],
  bundle: `/etc/haproxy/certs/${name}.pem`,
  env: { AMS_ORIGIN1_IP: '192.0.2.11', AMS_ORIGIN2_IP: '192.0.2.12', AMS_EDGE1_IP: '192.0.2.21', STATS_PASSWORD: 'x' },
  tls: [6080, 443, 5443, 4444],
  load: [443, 5443, 4444],
  longConnections: async (example) => [
    await openWebSocket(loopback, example.port(443), name),
    await openWebSocket(loopback, example.port(5443), name),
    await publish(example),
  ],
  more: (example) => {
    const get = async (port: number, path: string): Promise<string> =>
      await rawHttp(
        loopback,
        example().port(port),
        `GET ${path} HTTP/1.1\r\nHost: ${name}:${port}\r\nConnection: close\r\n\r\n`,
      );
    const curl = async (port: number, path: string, args = ''): Promise<string> =>
      (await example().shell(`curl -sSik ${args} https://${loopback}:${example().port(port)}${path}`)).stdout;

    it('sends http to https, and 5080 to 5443, but for challenges', async () => {
      expect(await get(80, '/live?id=1')).toMatch(
        /^HTTP\/1\.1 302 [^]*\r\nlocation: https:\/\/example\.com:80\/live\?id=1\r\n/,
      );
      expect(await get(5080, '/live?id=1')).toMatch(
        /^HTTP\/1\.1 302 [^]*\r\nlocation: https:\/\/example\.com:5443\/live\?id=1\r\n/,
      );
      expect(await get(80, '/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 404 /);
    });

    it.each([
      [443, 'origin', 'origin1'],
      [5443, 'edge', 'edge1'],
      [4444, '(?:origin|edge)', 'dashboard[12]'],
    ])('leads %i to its servers, and clients of a session to the same one', async (port, server, cookie) => {
      const answer = await curl(port, '/', "-H 'X-Forwarded-Proto: http'");
      expect(answer).toMatch(new RegExp(`"name":"${server}"`));
      expect(answer).toContain('"x-forwarded-proto":"https"');
      const session = new RegExp(`set-cookie: JSESSIONID=((${cookie})~(${server})-session)`).exec(answer);
      for (let index = 0; index < 4; index++) {
        const again = await curl(port, '/', `-H 'Cookie: JSESSIONID=${session?.[1] ?? ''}'`);
        expect(again).toContain(`"name":"${session?.[3] ?? ''}"`);
        expect(again).toContain(`"cookie":"JSESSIONID=${session?.[3] ?? ''}-session"`);
      }
    });

    it('shows its statistics to who has the password that was made', async () => {
      const { stdout: password } = await example().shell(
        `sed -n s/^STATS_PASSWORD=//p ${example().at('etc/default/haproxy')}`,
      );
      expect(password).toMatch(/^[0-9a-f]{32}\n$/);
      expect(await curl(6080, '/haproxy_stats', '-u admin:password')).toMatch(/^HTTP\/[0-9.]+ 401 /);
      expect(await curl(6080, '/haproxy_stats', `-u admin:${password.trim()}`)).toContain('backend_rtmp');
    });

    it.each(['AMS_ORIGIN1_IP', 'AMS_ORIGIN2_IP', 'AMS_EDGE1_IP', 'STATS_PASSWORD'])(
      'does not start without %s, and says so',
      async (missing) => {
        const service = `set -a; . ${example().at('etc/default/haproxy')}; unset ${missing}`;
        const result = await example().shell(`${service}; haproxy -c -f ${example().at('etc/haproxy/haproxy.cfg')}`);
        expect(result.code).toBe(1);
        expect(result.stderr).toContain(`${missing} is not set`);
      },
    );
  },
});

/** Bytes both ways through the RTMP port. */
async function publish(example: Example): Promise<LongConnection> {
  const socket = await openConnection(loopback, example.port(1935));
  return {
    roundTrip: async (text) => {
      socket.write(text);
      return (await nextBytes(socket)).toString();
    },
    close: () => socket.destroy(),
  };
}
