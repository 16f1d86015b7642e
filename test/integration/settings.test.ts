import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { scriptedCa } from '../support/scripted-ca.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => await stage.stop());

describe('a staging CA', () => {
  const name = 'tested.test';
  const staging = (): readonly string[] => ['--server', `${stage.pebble.directoryUrl}?staging`];

  it('gives way to a trusted one at once, and `renew` stays with the one that there is', async () => {
    await stage.ordered([name], staging());
    const renewed = await stage.command(['renew', '--force-renewal', '--cert-name', name]);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(stage.renewalConf(name), 'utf8')).toContain('?staging');
    await stage.ordered([name], staging());
    expect(stage.version(name)).toBe(2);
    await stage.ordered([name]);
    expect(stage.version(name)).toBe(3);
    await stage.ordered([name]);
    expect(stage.version(name)).toBe(3);
  });

  it('takes the place of a trusted one only when that is told to', async () => {
    const [orders, stored] = [stage.orders(), stage.stored(name)];
    const attempts = [
      await stage.order([name], [...staging(), '--force-renewal']),
      await stage.order([name, 'more.test'], [...staging(), '--expand']),
      await stage.command(['renew', '--force-renewal', '--cert-name', name, ...staging()]),
    ];
    for (const attempt of attempts) {
      expect(attempt.code).toBe(1);
      expect(errorCodes(attempt), attempt.stderr).toEqual(['staging-over-production']);
    }
    expect([stage.orders(), stage.stored(name)]).toEqual([orders, stored]);
    const told = ['--break-my-certs', '--force-renewal', '--json'];
    const broken = await stage.order([name], [...staging(), ...told]);
    expect(jsonReport(broken).outcomes.map(({ kind }) => kind)).toEqual(['issued']);
  });
});

describe('--key-type', () => {
  const name = 'keys.test';
  const keyType = (): string | undefined =>
    new X509Certificate(readFileSync(join(stage.configDir, 'live', name, 'cert.pem'))).publicKey.asymmetricKeyType;

  it('of another kind than the certificate has needs --cert-name beside it, and renews at once', async () => {
    await stage.ordered([name], ['--key-type', 'rsa']);
    const orders = stage.orders();
    for (const extra of [[], ['--force-renewal'], ['-d', 'more.keys.test', '--expand']]) {
      const refused = await stage.order([name], ['--key-type', 'ecdsa', ...extra]);
      expect(refused.code).toBe(1);
      expect(errorCodes(refused), refused.stderr).toEqual(['key-type-differs']);
      expect(refused.stderr).toContain('Please provide both --cert-name and --key-type');
    }
    expect([stage.orders(), stage.version(name), keyType()]).toEqual([orders, 1, 'rsa']);
    const named = ['--key-type', 'ecdsa', '--cert-name', name];
    await stage.ordered([name], named);
    expect([stage.version(name), keyType()]).toEqual([2, 'ec']);
    expect(await stage.served(name)).toBe(stage.stored(name));
    await stage.ordered([name], named);
    expect(stage.version(name)).toBe(2);
  });
});

describe("certbot's settings in a renewal configuration", () => {
  const name = 'settings.test';
  const set = (root: string, params: string): void => {
    const present = readFileSync(stage.renewalConf(name), 'utf8').split('\n');
    const text = present.filter((line) => !/^(renew_before_expiry|reuse_key|autorenew) /.test(line)).join('\n');
    writeFileSync(stage.renewalConf(name), `${root}\n${text.replace('[renewalparams]', `[renewalparams]\n${params}`)}`);
  };
  const renew = async (...flags: readonly string[]): Promise<RunResult> =>
    await stage.command(['renew', '--cert-name', name, ...flags]);
  const kinds = async (...flags: readonly string[]): Promise<readonly string[]> =>
    jsonReport(await renew('--json', ...flags)).outcomes.map(({ kind }) => kind);
  const key = (): string => readFileSync(join(stage.configDir, 'live', name, 'privkey.pem'), 'utf8');

  beforeAll(async () => {
    await stage.ordered([name]);
  });

  it('reuse_key keeps the private key through renewals, until a new one is asked for', async () => {
    set('', 'reuse_key = True');
    const old = key();
    expect(await kinds('--force-renewal')).toEqual(['issued']);
    expect(key()).toBe(old);
    await stage.ordered([name], ['--force-renewal', '--reuse-key']);
    expect([stage.version(name), key()]).toEqual([3, old]);
    expect(readFileSync(stage.renewalConf(name), 'utf8')).toContain('reuse_key = True\n');
    expect(await stage.served(name)).toBe(stage.stored(name));
    const refused = await renew('--force-renewal', '--elliptic-curve', 'secp384r1');
    expect([refused.code, stage.version(name)]).toEqual([1, 3]);
    expect(refused.stderr).toContain('[key-reused]');
    expect((await renew('--force-renewal', '--elliptic-curve', 'secp384r1', '--new-key')).code).toBe(0);
    const next = key();
    expect(next).not.toBe(old);
    expect(readFileSync(stage.renewalConf(name), 'utf8')).toContain('reuse_key = True\n');
    expect([(await renew('--force-renewal')).code, key()]).toEqual([0, next]);
    await stage.ordered([name], ['--force-renewal']);
    expect(key()).not.toBe(next);
    expect(readFileSync(stage.renewalConf(name), 'utf8')).not.toContain('reuse_key');
  });

  it('autorenew = False leaves a lineage alone unless it is forced', async () => {
    set('renew_before_expiry = 9999 days', 'autorenew = False');
    const version = stage.version(name);
    expect(await kinds()).toEqual(['autorenew-off']);
    expect((await renew()).code).toBe(0);
    expect(stage.version(name)).toBe(version);
    expect(await kinds('--force-renewal')).toEqual(['issued']);
  });

  it('renew_before_expiry says when a lineage is due, and garbage says nothing', async () => {
    set('renew_before_expiry = soon', '');
    expect(await kinds()).toEqual(['not-due']);
    set('renew_before_expiry = 600 weeks', '');
    const result = jsonReport(await renew('--json'));
    expect(result.outcomes).toMatchObject([{ kind: 'issued', reason: 'lifetime' }]);
  });
});

describe('-m with several addresses', () => {
  it('makes each a contact of the account', async () => {
    const ca = await scriptedCa(stage.pebble, () => 'pebble');
    const flags = ['--server', ca.directoryUrl, '-m', 'a@x.example,b@x.example', '--config-dir', stage.at('contacts')];
    const result = await stage.order(['contacts.test'], flags);
    await ca.stop();
    expect(result, result.stderr).toMatchObject({ code: 0 });
    const contact = ['mailto:a@x.example', 'mailto:b@x.example'];
    expect(ca.requests.map(({ payload }) => payload)).toContainEqual({ termsOfServiceAgreed: true, contact });
  });
});
