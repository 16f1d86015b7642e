import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import { letsEncrypt, letsEncryptStaging } from '../../../src-node/config/config.js';
import { resolveConfig } from '../../../src-node/config/resolve-config.js';
import type { RenewalSettings } from '../../../src-node/lineage/lineage.js';
import { mergeSettings, pidfileOf, settingsForNames } from '../../../src-node/renewal/merge-settings.js';
import { noHaproxy } from '../../../src-node/lineage/haproxy-settings.js';
import { testSettings } from '../../support/test-lineage.js';

const merge = (existing: RenewalSettings | undefined, flags: string): RenewalSettings => {
  const args = ['certonly', '-d', 'a.example', ...flags.split(' ').filter((word) => word !== '')];
  return mergeSettings(existing, resolveConfig(parseCommand(args), { env: {}, cwd: '/' }));
};

const renewal = (base: RenewalSettings, flags: string): RenewalSettings =>
  mergeSettings(base, resolveConfig(parseCommand(['renew', ...flags.split(' ')]), { env: {}, cwd: '/' }));

const existing = testSettings({
  account: 'old',
  keyType: 'rsa',
  rsaKeySize: 4096,
  ellipticCurve: 'secp384r1',
  webrootMap: { 'a.example': '/old', 'b.example': '/b' },
  webrootDefault: undefined,
  haproxy: { ...noHaproxy, certDir: '/c', cfg: ['/1'], pidfile: '/p', bin: '/b', sockets: ['/s'] },
});

describe('mergeSettings', () => {
  it('has defaults for a new lineage', () => {
    expect(merge(undefined, '')).toEqual(
      testSettings({ server: letsEncrypt, webrootMap: {}, haproxy: noHaproxy, account: undefined }),
    );
  });

  it('keeps what the lineage has where no flag says otherwise', () => {
    const again = { ...existing, rsaKeySize: 2048, ellipticCurve: 'secp256r1' };
    expect(merge(existing, '')).toEqual(again);
    const renew = resolveConfig(parseCommand(['renew']), { env: {}, cwd: '/' });
    expect(mergeSettings(existing, renew)).toEqual(existing);
  });

  it('refuses a reload for which nothing is known', () => {
    expect(() => merge(undefined, '--haproxy-cert-dir /c --haproxy-deploy reload')).toThrow('--haproxy-deploy reload');
    expect(merge(existing, '--haproxy-cert-dir /c --haproxy-deploy reload').haproxy.deploy).toBe('reload');
    const unit = merge(undefined, '--haproxy-cert-dir /c --haproxy-deploy reload --haproxy-systemd-unit haproxy');
    expect(unit.haproxy.unit).toBe('haproxy');
  });

  it('puts each flag over what the lineage has, and leaves the rest', () => {
    expect(renewal(existing, '--server https://new.example/')).toEqual({ ...existing, server: 'https://new.example/' });
    expect(renewal(existing, '--account 0e')).toEqual({ ...existing, account: '0e' });
    expect(renewal(existing, '--key-type ecdsa')).toEqual({ ...existing, keyType: 'ecdsa' });
    expect(renewal(existing, '--rsa-key-size 3072')).toEqual({ ...existing, rsaKeySize: 3072 });
    expect(renewal(existing, '--elliptic-curve secp521r1')).toEqual({ ...existing, ellipticCurve: 'secp521r1' });
    expect(renewal(existing, '--pre-hook p --renew-hook r').hooks).toEqual({ pre: 'p', post: undefined, deploy: 'r' });
    const hooked = testSettings({ hooks: { pre: 'p', post: 'q', deploy: 'r' } });
    expect(renewal(hooked, '--pre-hook= --renew-hook=').hooks).toEqual({
      pre: undefined,
      post: 'q',
      deploy: undefined,
    });
    expect(renewal(existing, '--no-autorenew').autorenew).toBe(false);
    expect(renewal(existing, '--standalone --http-01-port 8090')).toMatchObject({
      authenticator: 'standalone',
      http01Port: 8090,
    });
    expect(merge(existing, '--haproxy-cert-dir /c --haproxy-cfg /2 --haproxy-cfg /3').haproxy).toEqual({
      ...existing.haproxy,
      cfg: ['/2', '/3'],
    });
    for (const way of ['--standalone', '--tls-alpn-01', '--runtime-map m']) {
      const place = merge(undefined, `${way} --haproxy-cfg /2 --haproxy-pidfile /p`);
      expect(place.haproxy).toMatchObject({ certDir: undefined, cfg: ['/2'], pidfile: '/p' });
      expect(() => merge(undefined, `${way} --haproxy-crt-list /l`)).toThrow(/--haproxy-cert-dir/);
    }
    expect(() => merge(undefined, '-w /w --haproxy-cfg /2')).toThrow(/--haproxy-cert-dir/);
    expect(merge(existing, '--haproxy-cert-dir /x --haproxy-pidfile /y').haproxy).toMatchObject({
      certDir: '/x',
      pidfile: '/y',
      bin: '/b',
    });
  });

  it('keeps reuse_key by renew and by --new-key, and drops it where it is not given again', () => {
    const reused = { ...existing, reuseKey: true };
    expect(renewal(reused, '--quiet').reuseKey).toBe(true);
    expect(renewal(reused, '--no-reuse-key').reuseKey).toBe(false);
    expect(merge(reused, '').reuseKey).toBe(false);
    expect(merge(reused, '--new-key').reuseKey).toBe(true);
    expect(merge(existing, '--reuse-key').reuseKey).toBe(true);
  });

  it("tries at Let's Encrypt's staging directory what is ordered there, and elsewhere where it is ordered", () => {
    const ofLetsEncrypt = { ...existing, server: letsEncrypt };
    expect(renewal(ofLetsEncrypt, '--dry-run').server).toBe(letsEncryptStaging);
    expect(renewal(existing, '--dry-run').server).toBe(existing.server);
    expect(renewal(ofLetsEncrypt, '--dry-run --server https://new.example/').server).toBe('https://new.example/');
  });

  it('goes from a staging CA back to a trusted one by certonly, and stays there by renew', () => {
    const tested = { ...existing, server: letsEncryptStaging };
    expect(merge(tested, '').server).toBe(letsEncrypt);
    expect(merge(tested, '--server https://new.example/').server).toBe('https://new.example/');
    expect(merge(tested, '--staging').server).toBe(letsEncryptStaging);
    const renew = resolveConfig(parseCommand(['renew']), { env: {}, cwd: '/' });
    expect(mergeSettings(tested, renew).server).toBe(letsEncryptStaging);
  });

  it('forgets the kinds of challenge that were wished of another authenticator', () => {
    const manual = { ...existing, authenticator: 'manual', challenges: ['dns-01'] as const };
    expect(merge(manual, '').challenges).toEqual(['dns-01']);
    expect(merge(manual, '-w /new').challenges).toEqual([]);
    expect(merge(manual, '-w /new --preferred-challenges http').challenges).toEqual(['http-01']);
  });

  it('merges webroots by name, and makes the authenticator webroot again by them', () => {
    expect(merge(existing, '-w /new').webrootMap).toEqual({ 'a.example': '/new', 'b.example': '/b' });
    const nginx = { ...existing, authenticator: 'nginx' };
    expect(merge(nginx, '').authenticator).toBe('nginx');
    expect(merge(nginx, '-w /new').authenticator).toBe('webroot');
  });
});

describe('settingsForNames', () => {
  it('keeps the webroots of exactly these names', () => {
    expect(settingsForNames(existing, ['b.example']).webrootMap).toEqual({ 'b.example': '/b' });
  });

  it('gives names without a webroot of their own the one that is there for all', () => {
    const plain = { ...existing, webrootMap: {}, webrootDefault: '/all' };
    expect(settingsForNames(plain, ['a.example']).webrootMap).toEqual({ 'a.example': '/all' });
    const command = parseCommand(['renew', '-w', '/new']);
    const moved = mergeSettings(existing, resolveConfig(command, { env: {}, cwd: '/' }));
    expect(settingsForNames(moved, ['a.example', 'b.example']).webrootMap).toEqual({
      'a.example': '/new',
      'b.example': '/new',
    });
  });

  it('refuses a name without a webroot, and another authenticator', () => {
    const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });
    expect(() => settingsForNames(existing, ['a.example', 'c.example'])).toThrow(code('webroot-unset'));
    const nginx = { ...existing, authenticator: 'nginx' };
    expect(() => settingsForNames(nginx, ['a.example'])).toThrow(code('authenticator-unsupported'));
  });
});

describe('pidfileOf', () => {
  it("is Debian's unless told", () => {
    expect(pidfileOf(noHaproxy)).toBe('/run/haproxy.pid');
    expect(pidfileOf({ ...noHaproxy, pidfile: '/p' })).toBe('/p');
  });
});
