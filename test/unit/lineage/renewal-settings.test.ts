import { describe, expect, it } from 'vitest';
import type { RenewalSettings } from '../../../src-node/lineage/lineage.js';
import { parseRenewalConf, serializeRenewalConf } from '../../../src-node/lineage/renewal-conf.js';
import {
  readDeployedVersion,
  readSettings,
  writeDeployedVersion,
  writeSettings,
} from '../../../src-node/lineage/renewal-settings.js';
import { noHaproxy, writeHaproxySettings } from '../../../src-node/lineage/haproxy-settings.js';
import { testSettings } from '../../support/test-lineage.js';

const settings: RenewalSettings = testSettings({
  account: '0123456789abcdef0123456789abcdef',
  server: 'https://acme.example/directory',
  authenticator: 'webroot',
  webrootMap: { 'a.example': '/var/www/a, b', 'b.example': '/var/www/b' },
  haproxy: {
    certDir: '/etc/haproxy/certs #1',
    cfg: ['/etc/haproxy/a.cfg', '/etc/haproxy/b, c.cfg'],
    pidfile: '/run/haproxy.pid',
    bin: "/opt/it's/haproxy",
    bundle: 'shop.pem.rsa',
    crtList: '/etc/haproxy/list',
    deploy: 'runtime',
    sockets: ['/run/haproxy.sock', 'node2:9999'],
    reloadCommand: 'service haproxy reload, please',
    unit: 'haproxy@1.service',
    verify: ['127.0.0.1:443', '[::1]:8443'],
  },
});

const written = (given: RenewalSettings, before = ''): string =>
  serializeRenewalConf(writeSettings(parseRenewalConf(before), given));
const read = (text: string): RenewalSettings | undefined => readSettings(parseRenewalConf(text));

describe('the settings of a renewal', () => {
  it.each<[string, RenewalSettings]>([
    ['all of them', settings],
    ['RSA of a size', { ...settings, keyType: 'rsa', rsaKeySize: 4096 }],
    ['RSA by default', { ...settings, keyType: 'rsa' }],
    ['another curve', { ...settings, ellipticCurve: 'secp384r1' }],
    ['no HAProxy', { ...settings, haproxy: noHaproxy }],
    ['one configuration', { ...settings, haproxy: { ...settings.haproxy, cfg: ['/etc/haproxy/haproxy.cfg'] } }],
    ['no account', { ...settings, account: undefined }],
    ['no webroots', { ...settings, webrootMap: {} }],
    [
      'all wishes',
      {
        ...settings,
        ...{ reuseKey: true, mustStaple: true, allowSubset: true, autorenew: false },
        ...{ preferredChain: 'Root, "X"', preferredProfile: 'shortlived', requiredProfile: 'tlsserver' },
        ...{ challenges: ['dns-01', 'http-01'], hooks: { pre: 'a', post: "it's", deploy: 'cat "$RENEWED_LINEAGE/x"' } },
      },
    ],
    [
      'standalone',
      { ...settings, authenticator: 'standalone', webrootMap: {}, http01Port: 8090, http01Address: '::1' },
    ],
    ['manual', { ...settings, authenticator: 'manual', webrootMap: {}, authHook: '/a b', cleanupHook: 'true # c' }],
  ])('are read as they were written: %s', (_, given) => {
    expect(read(written(given))).toEqual(given);
  });

  it('are written over older ones without leaving any of those', () => {
    const other: RenewalSettings = {
      ...settings,
      keyType: 'rsa',
      rsaKeySize: 3072,
      webrootMap: { 'c.example': '/c' },
      webrootDefault: undefined,
      haproxy: noHaproxy,
    };
    expect(read(written(other, written(settings)))).toEqual(other);
    expect(read(written(settings, written(other)))).toEqual(settings);
  });

  it("keep certbot's keys and the user's comments and sections", () => {
    const before = `# mine
[renewalparams] # here
installer = None
server = https://old.example/
someday_hook = """sh -c 'echo "x"'"""
[mine]
k = v
`;
    const after = written(settings, before).split('\n');
    for (const line of before.split('\n').filter((text) => !text.startsWith('server'))) expect(after).toContain(line);
  });

  it('take a missing key type for RSA, as certbot does', () => {
    expect(read('[renewalparams]\nserver = s\n')?.keyType).toBe('rsa');
    expect(read('[renewalparams]\nserver = s\nkey_type = ecdsa\n')?.keyType).toBe('ecdsa');
  });

  it("take certbot's None, and sizes and curves that there are not, for the default", () => {
    const odd = '[renewalparams]\nserver = s\naccount = None\nrsa_key_size = None\nelliptic_curve = p999\n';
    expect(read(odd)).toMatchObject({ account: undefined, rsaKeySize: 2048, ellipticCurve: 'secp256r1' });
    expect(read('[renewalparams]\nserver = s\nrsa_key_size = 12x\n')?.rsaKeySize).toBe(2048);
  });

  it('are missing where no server is named', () => {
    expect(read('server = outside\n[renewalparams]\naccount = a\n')).toBeUndefined();
    expect(read('')).toBeUndefined();
  });
});

describe('the deployed version', () => {
  it('is read, written and removed', () => {
    const conf = writeDeployedVersion(parseRenewalConf('[renewalparams]\nserver = s\n'), 12);
    expect(readDeployedVersion(conf)).toBe(12);
    expect(readDeployedVersion(writeDeployedVersion(conf, undefined))).toBeUndefined();
  });

  it('is none where it is not a number', () => {
    expect(readDeployedVersion(parseRenewalConf('[haproxy]\ndeployed_version = -1\n'))).toBeUndefined();
  });

  it('survives a change of the HAProxy settings beside it', () => {
    const conf = writeHaproxySettings(writeDeployedVersion(parseRenewalConf(''), 3), settings.haproxy);
    expect(readDeployedVersion(conf)).toBe(3);
  });
});

describe("certbot's words", () => {
  const params = (text: string): RenewalSettings | undefined => read(`[renewalparams]\nserver = x\n${text}\n`);

  it.each(['True', 'true', 'yes', 'on', '1'])('know %s for true', (text) => {
    expect(params(`reuse_key = ${text}\nautorenew = ${text}`)).toMatchObject({ reuseKey: true, autorenew: true });
  });

  it.each(['False', 'false', 'no', 'off', '0'])('know %s for false', (text) => {
    expect(params(`reuse_key = ${text}\nautorenew = ${text}`)).toMatchObject({ reuseKey: false, autorenew: false });
  });

  it('take the default for what is neither, and None and nothing for not given', () => {
    expect(params('reuse_key = maybe\nautorenew = maybe')).toMatchObject({ reuseKey: false, autorenew: true });
    const none = { pre: undefined, post: undefined, deploy: undefined };
    expect(params('pre_hook = None\npost_hook = ""')?.hooks).toEqual(none);
  });
});
