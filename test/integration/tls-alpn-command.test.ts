import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, until, type RunResult } from '../support/child.js';
import { documentedBlocks } from '../support/documented.js';
import { haproxyBin } from '../support/haproxy.js';
import { accepts } from '../support/http-raw.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes } from '../support/report.js';
import { scriptedCa, type Reply } from '../support/scripted-ca.js';
import { startStage, type CommandOptions, type Stage } from '../support/stage.js';

const documented = documentedBlocks('challenges.md').find(({ title }) => title.includes('--tls-alpn-01'))?.config ?? '';

/** Port of the TLS server that answers the CA. */
let port: number;
let stage: Stage;

beforeAll(async () => {
  const hop = await freePort();
  port = await freePort();
  stage = await startStage({
    config: ({ at, httpsPort }) =>
      documented
        .replace(' :443', ` ${loopback}:${httpsPort}`)
        .replaceAll('127.0.0.1:8443', `${loopback}:${hop}`)
        .replace('127.0.0.1:8444', `${loopback}:${port}`)
        .replaceAll('/etc/haproxy/', `${at('')}/`)
        .replace('    server application 127.0.0.1:8080', '    http-request return status 200'),
  });
});
afterAll(async () => await stage.stop());

const tlsAlpn = async (
  names: readonly string[],
  extra: readonly string[] = [],
  options: CommandOptions & { readonly server?: string } = {},
): Promise<RunResult> =>
  await stage.command(
    [
      ...['certonly', '--tls-alpn-01', '--tls-alpn-01-port', String(port), '--tls-alpn-01-address', loopback, '-n'],
      ...['--agree-tos', '--server', options.server ?? stage.pebble.directoryUrl, ...stage.haproxyFlags],
      ...names.flatMap((name) => ['-d', name]),
      ...extra,
    ],
    options,
  );
const conf = (name: string): string => readFileSync(stage.renewalConf(name), 'utf8');

describe('behind the HAProxy of docs/challenges.md', () => {
  it('a certificate is issued and served, and renewed by what the lineage keeps', async () => {
    const issued = await tlsAlpn(['one.test', 'www.one.test']);
    expect(issued, issued.stderr).toMatchObject({ code: 0 });
    expect(await stage.served('one.test')).toBe(stage.stored('one.test'));
    const kept = ['authenticator = tls-alpn-01', `tls_alpn_01_port = ${port}`, `tls_alpn_01_address = ${loopback}`];
    for (const line of kept) expect(conf('one.test')).toContain(`${line}\n`);
    const renewed = await stage.command(['renew', '--force-renewal']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(stage.version('one.test')).toBe(2);
    expect(await stage.served('one.test')).toBe(stage.stored('one.test'));
    expect(await accepts(loopback, port)).toBe(false);
  });

  it('without an address it is answered where the configuration leads to, and nowhere else', async () => {
    // Who listened on every address would find this one taken.
    const taken = createServer().listen(port, '127.0.0.9');
    await once(taken, 'listening');
    try {
      const result = await stage.command([
        ...['certonly', '--tls-alpn-01', '--tls-alpn-01-port', String(port), '-n', '-d', 'where.test'],
        ...['--server', stage.pebble.directoryUrl, ...stage.haproxyFlags],
      ]);
      expect(result, result.stderr).toMatchObject({ code: 0 });
      expect(conf('where.test')).not.toContain('tls_alpn_01_address');
    } finally {
      taken.close();
    }
    expect(await stage.command(['delete', '--cert-name', 'where.test', '-n'])).toMatchObject({ code: 0 });
  });

  it('several lineages of one run are renewed, one of them for an address; HAProxy goes on through both', async () => {
    const address = await tlsAlpn([], ['--ip-address', loopback, '--cert-name', 'address']);
    expect(address, address.stderr).toMatchObject({ code: 0 });
    const [processes, orders] = [stage.processes(), stage.orders()];
    const renewed = await stage.command(['renew', '--force-renewal', '--preferred-challenges', 'tls-alpn,http']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(stage.orders()).toBe(orders + 2);
    expect(['one.test', 'address'].map(stage.version)).toEqual([3, 2]);
    expect(stage.processes().length).toBe(processes.length);
    expect(conf('address')).toMatch(/^pref_challs = tls-alpn-01, ?http-01$/m);
    const again = await stage.command(['renew', '--force-renewal', '--cert-name', 'address']);
    expect(again, again.stderr).toMatchObject({ code: 0 });
  });

  it('a dry run validates anew and keeps nothing', async () => {
    const orders = stage.orders();
    const tried = await tlsAlpn(['dry.test'], ['--dry-run']);
    expect(tried, tried.stderr).toMatchObject({ code: 0 });
    expect(stage.orders()).toBe(orders + 1);
    expect(existsSync(stage.renewalConf('dry.test'))).toBe(false);
    expect(await accepts(loopback, port)).toBe(false);
  });

  it('what is served is looked at through the front where --haproxy-verify names it', async () => {
    const front = `${loopback}:${stage.httpsPort}`;
    const issued = await tlsAlpn(['front.test'], ['--haproxy-verify', front]);
    expect(issued, issued.stderr).toMatchObject({ code: 0 });
    expect(await stage.served('front.test')).toBe(stage.stored('front.test'));
    const verified = await stage.command(['verify', '--cert-name', 'front.test']);
    expect(verified, verified.stderr).toMatchObject({ code: 0 });
    expect(verified.stdout).toContain(front);
  });
});

describe('before anything is ordered', () => {
  const refused = async (
    names: readonly string[],
    extra: readonly string[],
    wanted: readonly string[],
  ): Promise<void> => {
    const orders = stage.orders();
    const result = await tlsAlpn(names, extra);
    expect(errorCodes(result), result.stderr).toEqual(wanted);
    expect(stage.orders()).toBe(orders);
    expect(existsSync(stage.renewalConf('refused.test'))).toBe(false);
  };

  it('a port that HAProxy has is told, with its process', async () => {
    await refused(['refused.test'], ['--tls-alpn-01-port', String(stage.httpsPort)], ['port-in-use']);
  });

  it('a wildcard is refused', async () => {
    await refused(['*.refused.test', 'refused.test'], [], ['name-invalid']);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['--tls-alpn-01 and http', [], ['--preferred-challenges', 'http,dns']],
    ['--standalone and tls-alpn', ['--standalone'], ['--preferred-challenges', 'tls-alpn']],
    ['--standalone and dns', ['--standalone'], ['--preferred-challenges', 'dns']],
    ['--manual and tls-alpn', ['--manual', '--manual-auth-hook', 'true'], ['--preferred-challenges', 'tls-alpn-01']],
    [
      '--manual and dns for an address',
      ['--manual', '--manual-auth-hook', 'true', '--ip-address', '192.0.2.7'],
      ['--preferred-challenges', 'dns'],
    ],
  ])('a kind of challenge that is wished and not answered is told: %s', async (_, way, preferred) => {
    await refused(['refused.test'], [...way, ...preferred], ['challenge-unanswered']);
  });

  it('so is what a lineage has in pref_challs', async () => {
    const file = stage.renewalConf('one.test');
    const before = conf('one.test');
    writeFileSync(file, before.replace('[renewalparams]', '[renewalparams]\npref_challs = http-01,'));
    const orders = stage.orders();
    const result = await stage.command(['renew', '--force-renewal', '--cert-name', 'one.test']);
    expect(errorCodes(result), result.stderr).toEqual(['challenge-unanswered']);
    expect(stage.orders()).toBe(orders);
    writeFileSync(file, before);
  });
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while it listens lets the port go and leaves nothing', async (signal, code) => {
  const name = `${signal.toLowerCase()}.test`;
  const ca = await scriptedCa(stage.pebble, ({ path }): Reply => (path.startsWith('/chalZ/') ? 'silence' : 'pebble'));
  let child: ChildProcess | undefined;
  const result = tlsAlpn([name], [], { server: ca.directoryUrl, onStart: (started) => (child = started) });
  await until('the CA is told to look', () => ca.requests.some(({ path }) => path.startsWith('/chalZ/')));
  expect(await accepts(loopback, port)).toBe(true);
  child?.kill(signal);
  const ended = await result;
  await ca.stop();
  expect(ended, ended.stderr).toMatchObject({ code, signal: null });
  expect(await accepts(loopback, port)).toBe(false);
  expect(existsSync(stage.renewalConf(name))).toBe(false);
});

it('the configuration of docs/challenges.md is one that HAProxy takes as it stands', async () => {
  writeFileSync(stage.at('documented.cfg'), documented.replaceAll('/etc/haproxy/', `${stage.at('')}/`));
  const checked = await run(haproxyBin, ['-c', '-f', stage.at('documented.cfg')]);
  expect(checked, checked.stderr).toMatchObject({ code: 0 });
  expect(checked.stderr).not.toMatch(/WARNING/);
});
