import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApplication, type Application } from '../support/application.js';
import type { Example } from '../support/example.js';
import { exampleSuite } from '../support/example-suite.js';
import { endHaproxy } from '../support/example-machine.js';
import { scheduledCommand } from '../support/example-readme.js';
import { rawHttp, servedCertificate } from '../support/haproxy.js';
import { underLoad } from '../support/https-load.js';
import { loopback } from '../support/loopback.js';
import { openWebSocket } from '../support/websocket.js';

const name = 'example.com';
/** The address of the machine `two`. */
const two = loopback.replace(/^127\.(\d+)/, (_, byte: string) => `127.${Number(byte) + 64}`);
const toEtc = '/etc/haproxy/ /etc/haproxy/';
const applications: Application[] = [];
let one: Example;
let thumbprint: string | undefined;
beforeAll(async () => {
  applications.push(await startApplication('web-1'), await startApplication('web-2'));
});
afterAll(() => applications.forEach((application) => application.stop()));

exampleSuite('fly', {
  options: async () => {
    const [first = '', second = ''] = applications.map(({ address }) => address);
    return await Promise.resolve({
      servers: { '10.0.0.11:80': first, '10.0.0.12:80': second },
      commands: [
        ['one:', () => one.second.one],
        // The second machine has an address of its own.
        [toEtc, `${toEtc} && sed -i '/ bind /s/${loopback}/${two}/' /etc/haproxy/haproxy.cfg`],
        ['put-it-here', () => thumbprint ?? ''],
        ['127.0.0.1:443', () => `${loopback}:${one.port(443)}`],
        ['two:443', () => `${two}:${one.port(443)}`],
        // Where ssh brings it.
        [
          'systemctl enable --now haproxy-two.service',
          () => `ln -s ${one.second.own}/run/haproxy/admin.sock /run/haproxy/two.sock`,
        ],
      ],
    });
  },
  start: 'systemctl restart haproxy',
  scheduled: 'systemctl enable --now haproxy-acme-renew.timer',
  names: [name],
  bundle: `/etc/haproxy/ssl/${name}.pem`,
  longConnections: async (example) => [await openWebSocket(loopback, example.port(443), name)],
  more: (example) => {
    it('redirects http to https, but for challenges, and leads https to both servers', async () => {
      one = example();
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

describe('a second HAProxy', () => {
  const servedByTwo = async (): Promise<string> => (await servedCertificate(two, one.port(443), name)).fingerprint;
  const challenge = async (address: string): Promise<string> => {
    const request = `GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;
    return await rawHttp(address, one.port(80), request);
  };

  it('is made from the first, and answers challenges that it knows nothing of', async () => {
    thumbprint = /Thumbprint: (\S+)/.exec(await one.readme.to('show_account'))?.[1];
    await one.readme.to('systemctl restart haproxy', one.second);
    expect(await servedByTwo()).toBe(one.stored(name));
    expect(await challenge(two)).toMatch(new RegExp(`^HTTP/1\\.1 200 [^]*\r\n\r\ntoken\\.${thumbprint ?? ''}$`));
    expect(await challenge(loopback)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('is given a renewal by the first at once, whichever of them the CA asks', async () => {
    await one.readme.toEnd();
    const before = [...one.processes(), ...one.second.processes()];
    await fetch(`${one.pebble.dnsManagementUrl}/set-default-ipv4`, {
      method: 'POST',
      body: JSON.stringify({ ip: two }),
    });
    const load = await underLoad(two, [one.port(443)], name, async () => {
      const renewed = await one.shell(`${scheduledCommand(one)} --force-renewal`);
      expect(renewed, renewed.stderr).toMatchObject({ code: 0, stdout: '', stderr: '' });
    });
    expect(await one.served(443, name)).toBe(one.stored(name));
    expect(await servedByTwo()).toBe(one.stored(name));
    expect([...one.processes(), ...one.second.processes()]).toEqual(before);
    expect(load.asked).toBeGreaterThan(20);
    expect(load.failures).toEqual([]);
  });

  it('has it for its next start by the cron line', async () => {
    const line = readFileSync(join(one.second.own, 'etc/cron.d/haproxy-ssl'), 'utf8');
    const command = /^\*\/5 \* \* \* \* root (rsync .*)\n$/.exec(line)?.[1] ?? '';
    expect(await one.second.shell(command)).toMatchObject({ code: 0 });
    await endHaproxy(one.second);
    const config = join(one.root, 'etc/haproxy/haproxy.cfg');
    expect(await one.second.shell(`haproxy -W -D -f ${config} -p ${join(one.root, 'run/haproxy.pid')}`)).toMatchObject({
      code: 0,
    });
    expect(await servedByTwo()).toBe(one.stored(name));
  });
});
