import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runOrThrow } from '../support/child.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';
import { temporaryDirectory } from '../support/temporary.js';

describe.each(['runtime', 'reload'] as const)('the first certificate by %s, when HAProxy cannot take it', (deploy) => {
  const directory = temporaryDirectory();
  let stage: Stage;
  beforeAll(async () => {
    // A policy of the machine's OpenSSL, given by HAProxy's environment, under which Pebble's RSA intermediate is weak.
    const policy = join(directory.path, 'openssl.cnf');
    const lines = ['openssl_conf = init', '[init]', 'ssl_conf = ssl', '[ssl]', 'system_default = policy', '[policy]'];
    writeFileSync(policy, [...lines, 'CipherString = DEFAULT@SECLEVEL=3', ''].join('\n'));
    stage = await startStage({ deploy, env: { OPENSSL_CONF: policy } });
  });
  afterAll(async () => {
    await stage.stop();
    directory.remove();
  });

  it('is stored, its bundle is taken away again, and HAProxy is not touched', async () => {
    const before = stage.processes();
    const result = await stage.order(['weak.test']);
    expect(errorCodes(result), result.stderr).toEqual(['haproxy-config-rejected']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(stage.bundle('weak.test'));
    expect(existsSync(stage.bundle('weak.test'))).toBe(false);
    expect(stage.version('weak.test')).toBe(1);
    expect(stage.processes()).toEqual(before);
  });
});

describe('one certificate of two, when HAProxy cannot take it', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ pebble: { authzReuse: 100 }, global: ['zero-warning'] });
    for (const name of ['stapled.test', 'plain.test']) await stage.ordered([name]);
  });
  afterAll(async () => await stage.stop());

  /** HAProxy takes BUNDLE.ocsp for stapling and warns of one that is of another certificate, such as the one before. */
  async function staple(certName: string): Promise<string> {
    const file = (name: string): string => stage.at(`ocsp-${name}`);
    const leaf = join(stage.configDir, 'live', certName, 'cert.pem');
    writeFileSync(file('ca.pem'), await stage.pebble.management('/intermediates/0'));
    writeFileSync(file('ca.key'), await stage.pebble.management('/intermediate-keys/0'), { mode: 0o600 });
    const { serialNumber } = new X509Certificate(readFileSync(leaf));
    writeFileSync(file('index'), `V\t491231235959Z\t\t${serialNumber}\tunknown\t/CN=${certName}\n`);
    const out = `${stage.bundle(certName)}.ocsp`;
    await runOrThrow('openssl', ['ocsp', '-issuer', file('ca.pem'), '-cert', leaf, '-reqout', file('request')]);
    await runOrThrow('openssl', [
      ...['ocsp', '-index', file('index'), '-CA', file('ca.pem'), '-rsigner', file('ca.pem'), '-rkey', file('ca.key')],
      ...['-reqin', file('request'), '-respout', out, '-ndays', '30'],
    ]);
    return out;
  }

  it('does not hold up the other: that one is served, and the old bundle of the first stays', async () => {
    const ocsp = await staple('stapled.test');
    const bundle = readFileSync(stage.bundle('stapled.test'), 'utf8');
    const served = await stage.served('stapled.test');
    const result = await stage.command(['renew', '--force-renewal', '--json']);
    expect(result.code).toBe(1);
    const { outcomes, reloads, sockets } = jsonReport(result);
    expect(outcomes.map(({ certName, kind, error }) => [certName, kind, error?.code])).toEqual([
      ['plain.test', 'issued', undefined],
      ['stapled.test', 'stored-not-deployed', 'haproxy-config-rejected'],
    ]);
    expect(outcomes[1]?.error?.details.join()).toContain('OCSP');
    expect([reloads, sockets]).toEqual([[], [stage.socket]]);
    expect(await stage.served('plain.test')).toBe(stage.stored('plain.test'));
    expect(readFileSync(stage.bundle('stapled.test'), 'utf8')).toBe(bundle);
    expect(await stage.served('stapled.test')).toBe(served);

    rmSync(ocsp);
    const orders = stage.orders();
    const resumed = await stage.command(['renew']);
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    expect(stage.orders()).toBe(orders);
    expect(await stage.served('stapled.test')).toBe(stage.stored('stapled.test'));
  });
});
