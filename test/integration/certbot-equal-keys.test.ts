import { X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCalls, type Calls, type Workspace } from '../support/called-as-certbot.js';

/** What callers of certbot count on of keys, chains, dry runs and changes of settings. */
let calls: Calls;
beforeAll(async () => {
  calls = await startCalls({ env: { PEBBLE_ALTERNATE_ROOTS: '1' } });
});
afterAll(async () => await calls.stop());

const name = 'key.test';
const curve = (key: KeyObject): unknown => key.asymmetricKeyDetails?.namedCurve;
const bits = (key: KeyObject): unknown => key.asymmetricKeyDetails?.modulusLength;

describe('--reuse-key', () => {
  it('is kept by renew, dropped by an order without it, and taken up and given up again by its flags', async () => {
    const workspace = calls.workspace();
    const order = ['--cert-name', name, '--domains', name, '--force-renewal'];
    await workspace.must(['--domains', name, '--reuse-key']);
    await workspace.must(['renew', '--cert-name', name]);
    await workspace.must(order);
    await workspace.must([...order, '--reuse-key']);
    await workspace.must(['renew', '--cert-name', name, '--no-reuse-key', '--force-renewal']);
    await workspace.must(['renew', '--cert-name', name, '--force-renewal']);
    const keys = [1, 2, 3, 4, 5, 6].map((version) => workspace.keyText(name, version));
    expect(keys.map((key) => keys.indexOf(key) + 1)).toEqual([1, 1, 3, 3, 5, 6]);
    const certificates = [1, 2, 3].map((version) =>
      readFileSync(workspace.config(`archive/${name}/cert${version}.pem`), 'utf8'),
    );
    expect(new Set(certificates).size).toBe(3);
  });

  it('holds where a name is left out, whose hook was changed by reconfigure', async () => {
    const workspace = calls.workspace();
    await workspace.must([
      ...['-a', 'manual', '-d', `${name},fail.${name}`, '--allow-subset-of-names', '--preferred-challenges', 'dns'],
      ...[...calls.willingDnsHooks, '--reuse-key'],
    ]);
    expect((await workspace.must(['certificates'])).stdout).toContain(`fail.${name}`);
    await workspace.must(['reconfigure', '--cert-name', name, ...calls.dnsHooks.slice(0, 2), '-a', 'manual']);
    await workspace.must(['renew', '--cert-name', name, '--force-renewal', '-a', 'manual']);
    expect((await workspace.must(['certificates'])).stdout).not.toContain(`fail.${name}`);
    expect(workspace.keyText(name, 2)).toBe(workspace.keyText(name, 1));
  });
});

describe('--new-key', () => {
  it('changes the key and keeps reuse_key; other kinds of key need it', async () => {
    const workspace = calls.workspace();
    const changed = (version: number): void => {
      expect(workspace.keyText(name, version)).not.toBe(workspace.keyText(name, version - 1));
    };
    const again = ['certonly', '-d', name];
    const curve384 = ['--key-type', 'ecdsa', '--elliptic-curve', 'secp384r1'];
    await workspace.must(['--domains', name, '--reuse-key', ...curve384]);

    await workspace.must(['renew', '--cert-name', name, '--new-key']);
    changed(2);
    expect(curve(workspace.key(name, 2))).toBe('secp384r1');
    expect(workspace.conf(name)).toContain('reuse_key = True\n');

    await workspace.must([...again, '--reuse-key', '--new-key']);
    changed(3);
    expect(curve(workspace.key(name, 3))).toBe('prime256v1');
    expect(workspace.conf(name)).toContain('reuse_key = True\n');

    const rsa = ['--key-type', 'rsa', '--rsa-key-size', '3072', '--cert-name', name];
    await workspace.must([...again, '--reuse-key', '--new-key', ...rsa]);
    expect(bits(workspace.key(name, 4))).toBe(3072);
    expect(workspace.conf(name)).toContain('reuse_key = True\n');

    const smaller = [...again, '--key-type', 'rsa', '--reuse-key', '--rsa-key-size', '2048'];
    expect((await workspace.fails(smaller)).stderr).toContain('Unable to change the --rsa-key-size');
    expect(workspace.versions(name)).toBe(4);

    await workspace.must([...again, '--no-reuse-key']);
    expect(bits(workspace.key(name, 5))).toBe(2048);
  });
});

describe('the kind of key', () => {
  const order = (workspace: Workspace, ...flags: readonly string[]): ReturnType<Workspace['must']> =>
    workspace.must(['certonly', '--force-renewal', '-d', name, ...flags]);

  it('stays, its curve goes back to the default, and another kind takes the name of the lineage', async () => {
    const workspace = calls.workspace();
    await order(workspace, '--cert-name', name, '--key-type', 'ecdsa', '--elliptic-curve', 'secp256r1');
    expect(workspace.keyText(name, 1).length).toBeGreaterThan(200);
    expect(workspace.keyText(name, 1).length).toBeLessThan(250);
    await workspace.must(['renew', '--elliptic-curve', 'secp384r1']);
    await order(workspace);
    const refused = await workspace.fails(['certonly', '--force-renewal', '-d', name, '--key-type', 'rsa']);
    expect(refused.stderr).toContain('Please provide both --cert-name and --key-type');
    await order(workspace, '--key-type', 'rsa', '--cert-name', name);
    await workspace.must(['renew', '--force-renewal', '--key-type', 'ecdsa']);
    const keys = [1, 2, 3, 4, 5].map((version) => workspace.key(name, version));
    expect(keys.map((key) => curve(key) ?? bits(key))).toEqual([
      ...['prime256v1', 'secp384r1', 'prime256v1', 2048, 'prime256v1'],
    ]);
    expect(workspace.conf(name)).toContain('key_type = ecdsa\n');
  });
});

describe('--preferred-chain', () => {
  it('takes the chain below the root that is named, the first one where there is none, and is kept', async () => {
    const workspace = calls.workspace();
    const issuers: string[] = [];
    for (const index of [0, 1]) {
      const intermediate = new X509Certificate(await calls.pebble.management(`/intermediates/${index}`));
      issuers.push(intermediate.issuer.replace('CN=', ''));
    }
    expect(new Set(issuers).size).toBe(2);
    for (const [wished, expected] of [...issuers.map((issuer) => [issuer, issuer]), ['nobody', issuers[0]]]) {
      const flags = ['--cert-name', name, '-d', name, '--preferred-chain', wished ?? '', '--force-renewal'];
      await workspace.must(['certonly', ...flags]);
      const chain = new X509Certificate(readFileSync(workspace.config(`live/${name}/chain.pem`)));
      expect(chain.issuer).toBe(`CN=${expected ?? ''}`);
      expect(workspace.conf(name)).toContain(`preferred_chain = ${wished ?? ''}\n`);
    }
  });
});

describe('--dry-run', () => {
  it('deactivates an authorization that the CA gives again, and stores nothing', async () => {
    const workspace = calls.workspace();
    const dry = 'dry.test';
    const args = ['certonly', '--cert-name', dry, '-d', dry, '--dry-run'];
    const line = 'Recreating order after authz deactivation';
    await workspace.must(args);
    expect(workspace.log()).not.toContain(line);
    await workspace.must(args);
    expect(workspace.log()).toContain(line);
    expect(() => workspace.conf(dry)).toThrow('ENOENT');
  });
});
