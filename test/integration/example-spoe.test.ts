import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApplication, type Application } from '../support/application.js';
import { exampleSuite } from '../support/example-suite.js';
import { freePort, loopback } from '../support/loopback.js';
import { challengePath, get, startSpoa, type Spoa } from '../support/spoa.js';
import { openWebSocket } from '../support/websocket.js';

const name = 'example.com';
let application: Application;
let agent: Spoa | undefined;
let address: string;
beforeAll(async () => {
  application = await startApplication('application');
  address = `${loopback}:${await freePort()}`;
});
afterAll(async () => {
  application.stop();
  await agent?.stop();
});

exampleSuite('spoe', {
  options: async () =>
    await Promise.resolve({
      servers: { '127.0.0.1:8080': application.address, '127.0.0.1:12345': address },
      commands: [
        // What systemd would run is started below, once HAProxy has shown that it starts without.
        ['systemctl enable --now haproxy-acme-spoa.service', 'true'],
        ['certonly --spoe', 'certonly --spoe --spoe-control spoa.sock'],
      ],
    }),
  start: 'systemctl restart haproxy',
  names: [name, `www.${name}`],
  bundle: `/etc/haproxy/certs/${name}.pem`,
  longConnections: async (example) => [await openWebSocket(loopback, example.port(443), name)],
  more: (example) => {
    it('answers 404 for a challenge, and everything else, without the agent', async () => {
      expect(await get(example().port(80), challengePath('x'))).toMatchObject({ status: 404 });
      expect(await get(example().port(80), '/a?b=c', name)).toMatchObject({ status: 301 });
    });

    it('answers 404 for a challenge that the agent does not know', async () => {
      agent = await startSpoa(['--listen', address, '--spoe-control', example().at('clone/spoa.sock')]);
      expect(await get(example().port(80), challengePath('x'))).toMatchObject({ status: 404 });
      expect(await get(example().port(80), '/', name)).toMatchObject({ status: 301 });
    });
  },
});
