import { once } from 'node:events';
import { createServer } from 'node:net';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, until, type RunResult } from '../support/child.js';
import { documentedBlocks } from '../support/documented.js';
import { haproxyBin, rawHttp } from '../support/haproxy.js';
import { accepts } from '../support/http-raw.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes } from '../support/report.js';
import { scriptedCa, type Reply } from '../support/scripted-ca.js';
import { startStage, withoutCapabilities, type CommandOptions, type Stage } from '../support/stage.js';

const documented = documentedBlocks('challenges.md').find(({ title }) => title.includes('--standalone'))?.config ?? '';

/** Port of the standalone server on `loopback`, and one that HAProxy reaches by IPv6. */
let port: number;
let dualPort: number;
/** One that HAProxy reaches by the name localhost. */
let namedPort: number;
let stage: Stage;

beforeAll(async () => {
  [port, dualPort, namedPort] = [await freePort(), await freePort('::'), await freePort('::')];
  stage = await startStage({
    config: ({ at, httpPort, httpsPort }) => `
${documented
  .replace(' :80', ` ${loopback}:${httpPort}`)
  .replace(' :443', ` ${loopback}:${httpsPort}`)
  .replaceAll('/etc/haproxy/', `${at('')}/`)
  .replace('127.0.0.1:8888', `${loopback}:${port}`)
  .replace('    use_backend acme', '    use_backend six if challenge { hdr(host) -m beg six. }\n$&')
  .replace('    use_backend acme', '    use_backend four if challenge { hdr(host) -m beg four. }\n$&')
  .replace('    use_backend acme', '    use_backend named if challenge { hdr(host) -m beg named. }\n$&')
  .replace('    server application 127.0.0.1:8080', '    http-request return status 200')}
backend six
    server six [::1]:${dualPort}
backend four
    server four 127.0.0.1:${dualPort}
backend named
    server named localhost:${namedPort}
`,
  });
});
afterAll(async () => await stage.stop());

const standalone = async (
  name: string,
  extra: readonly string[] = [],
  options: CommandOptions & { readonly server?: string } = {},
): Promise<RunResult> =>
  await stage.command(
    [
      ...['certonly', '--standalone', '--http-01-port', String(port), '--http-01-address', loopback, '-n'],
      ...['--agree-tos', '--server', options.server ?? stage.pebble.directoryUrl, '-d', name],
      ...[...stage.haproxyFlags, ...extra],
    ],
    options,
  );
const get = async (path: string): Promise<string> =>
  await rawHttp(loopback, stage.httpPort, `GET ${path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`);
const conf = (name: string): string => readFileSync(stage.renewalConf(name), 'utf8');
const certbot = async (args: readonly string[]): Promise<RunResult> =>
  await run(
    'certbot',
    [...args, ...['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(kind)]), '-n'],
    { env: { REQUESTS_CA_BUNDLE: stage.pebble.caFile } },
  );

describe('behind the HAProxy of docs/challenges.md', () => {
  it('a certificate is issued and served, and renewed by what the lineage keeps', async () => {
    expect(await get('/.well-known/acme-challenge/x')).toMatch(/^HTTP\/1\.1 503 /);
    expect(await get('/')).toMatch(/^HTTP\/1\.1 301 /);
    const issued = await standalone('one.test');
    expect(issued, issued.stderr).toMatchObject({ code: 0 });
    expect(await stage.served('one.test')).toBe(stage.stored('one.test'));
    for (const line of ['authenticator = standalone', `http01_port = ${port}`, `http01_address = ${loopback}`]) {
      expect(conf('one.test')).toContain(`${line}\n`);
    }
    const renewed = await stage.command(['renew', '--force-renewal']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(stage.version('one.test')).toBe(2);
    expect(await stage.served('one.test')).toBe(stage.stored('one.test'));
    expect(await accepts(loopback, port)).toBe(false);
  });

  it('certbot renews such a lineage, HAProxy gets what it stored, and one of its is renewed here', async () => {
    const theirs = await certbot(['renew', '--force-renewal', '--no-random-sleep-on-renew']);
    expect(theirs, theirs.stderr).toMatchObject({ code: 0 });
    expect(stage.version('one.test')).toBe(3);
    const orders = stage.orders();
    expect(await stage.command(['renew'])).toMatchObject({ code: 0 });
    expect(stage.orders()).toBe(orders);
    expect(await stage.served('one.test')).toBe(stage.stored('one.test'));

    const ordered = await certbot([
      ...['certonly', '--standalone', '--http-01-port', String(port), '--http-01-address', loopback],
      ...['-d', 'two.test', '--server', stage.pebble.directoryUrl],
    ]);
    expect(ordered, ordered.stderr).toMatchObject({ code: 0 });
    // Two lineages in one run, one after the other on the same port.
    const renewed = await stage.command(['renew', '--force-renewal']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(['one.test', 'two.test'].map(stage.version)).toEqual([4, 2]);
    expect(conf('two.test')).toContain(`http01_port = ${port}\n`);
  });

  it.each([
    ['quiet.test', () => port],
    ['named.test', () => namedPort],
  ])('without an address %s is answered where the configuration leads to, and nowhere else', async (name, at) => {
    // Who listened on every address would find this one taken.
    const taken = createServer().listen(at(), '127.0.0.9');
    await once(taken, 'listening');
    try {
      const result = await stage.command([
        ...['certonly', '--standalone', '--http-01-port', String(at()), '-n', '--server', stage.pebble.directoryUrl],
        ...['-d', name, ...stage.haproxyFlags],
      ]);
      expect(result, result.stderr).toMatchObject({ code: 0 });
      expect(conf(name)).not.toContain('http01_address');
      const renewed = await stage.command(['renew', '--force-renewal', '--cert-name', name]);
      expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    } finally {
      taken.close();
    }
  });

  it('without an address it is reached by IPv4 and by IPv6', async () => {
    const result = await stage.command([
      ...['certonly', '--standalone', '--http-01-port', String(dualPort), '-n', '--server', stage.pebble.directoryUrl],
      ...['-d', 'four.test', '-d', 'six.test'],
    ]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(conf('four.test')).not.toContain('http01_address');
  });
});

describe('a port that cannot be had', () => {
  const nothingLeft = (name: string, orders: number): void => {
    expect(stage.orders()).toBe(orders);
    expect(existsSync(stage.renewalConf(name))).toBe(false);
    expect(existsSync(join(stage.configDir, 'live', name))).toBe(false);
  };

  it('because HAProxy has it: its process is named, and nothing is ordered', async () => {
    const orders = stage.orders();
    const result = await standalone('taken.test', ['--http-01-port', String(stage.httpPort)]);
    expect(result).toMatchObject({ code: 1 });
    expect(errorCodes(result), result.stderr).toEqual(['port-in-use']);
    expect(result.stderr).toContain(`haproxy (process ${stage.pid()})`);
    nothingLeft('taken.test', orders);
  });

  const unprivileged = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  it.skipIf(unprivileged <= 80)('because it is for root alone', async () => {
    const orders = stage.orders();
    const result = await standalone('low.test', ['--http-01-port', '80'], { by: withoutCapabilities });
    expect(result).toMatchObject({ code: 1 });
    expect(errorCodes(result), result.stderr).toEqual(['port-refused']);
    nothingLeft('low.test', orders);
  });
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while it listens lets the port go and leaves nothing', async (signal, code) => {
  const name = `${signal.toLowerCase()}.test`;
  const ca = await scriptedCa(stage.pebble, ({ path }): Reply => (path.startsWith('/chalZ/') ? 'silence' : 'pebble'));
  let child: ChildProcess | undefined;
  const result = standalone(name, [], { server: ca.directoryUrl, onStart: (started) => (child = started) });
  await until('the CA is told to look', () => ca.requests.some(({ path }) => path.startsWith('/chalZ/')));
  expect(await accepts(loopback, port)).toBe(true);
  child?.kill(signal);
  const ended = await result;
  await ca.stop();
  expect(ended, ended.stderr).toMatchObject({ code, signal: null });
  expect(errorCodes(ended)).toEqual(['interrupted']);
  expect(await accepts(loopback, port)).toBe(false);
  expect(existsSync(stage.renewalConf(name))).toBe(false);
  expect(existsSync(stage.bundle(name))).toBe(false);
});

it('the configuration of docs/challenges.md is one that HAProxy takes as it stands, with IPv6 too', async () => {
  for (const bind of [':80', ':::80 v4v6']) {
    const text = documented.replace('bind :80', `bind ${bind}`).replaceAll('/etc/haproxy/', `${stage.at('')}/`);
    expect(text).toContain(`bind ${bind}\n`);
    writeFileSync(stage.at('documented.cfg'), text);
    const checked = await run(haproxyBin, ['-c', '-f', stage.at('documented.cfg')]);
    expect(checked, checked.stderr).toMatchObject({ code: 0 });
    expect(checked.stderr).not.toMatch(/WARNING/);
  }
});
