import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import type { Config } from '../../../src-node/config/config.js';
import { defaultDirectories, letsEncryptStaging } from '../../../src-node/config/config.js';
import { noHaproxy } from '../../../src-node/lineage/haproxy-settings.js';
import { resolveConfig } from '../../../src-node/config/resolve-config.js';

const resolve = (line: string | readonly string[], env: Record<string, string> = {}): Config => {
  const args = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  return resolveConfig(parseCommand(args), { env, cwd: '/cwd' });
};

describe('resolveConfig', () => {
  it('has a default for everything that is not given', () => {
    expect(resolve('renew')).toEqual({
      verb: 'renew',
      directories: defaultDirectories,
      certName: undefined,
      names: [],
      server: undefined,
      account: { id: undefined, emails: undefined, agreeTos: false, eab: undefined, newKey: false },
      challenge: {
        ...{ authenticator: undefined, webrootMap: {}, webroot: undefined, types: undefined },
        ...{ http01Port: undefined, http01Address: undefined, authHook: undefined, cleanupHook: undefined },
      },
      key: { type: undefined, rsaKeySize: undefined, ellipticCurve: undefined, reuse: undefined, fresh: false },
      wishes: {
        ...{ mustStaple: undefined, preferredChain: undefined, allowSubset: undefined },
        ...{ preferredProfile: undefined, requiredProfile: undefined },
      },
      renewal: {
        ...{ force: false, expand: false, newNames: false, duplicate: false, dryRun: false, breakMyCerts: false },
        autorenew: undefined,
      },
      hooks: {
        ...{ pre: undefined, post: undefined, deploy: undefined, renew: undefined },
        ...{ directory: true, validate: true, runDeploy: false },
      },
      revocation: { reason: 'unspecified', delete: undefined },
      haproxy: { ...noHaproxy, cfg: undefined, sockets: undefined, verify: undefined },
      install: true,
      adoption: { yes: false, undo: false },
      files: { csr: undefined, cert: undefined, key: undefined, chain: undefined, fullchain: undefined },
      network: {
        proxy: { proxies: {}, except: [] },
        ...{ verify: true, caFiles: [], userAgent: undefined, userAgentComment: undefined, issuanceTimeout: 300 },
      },
      notes: [],
      bootstrap: { certDir: '/etc/haproxy/certs', defaultCert: '/etc/haproxy/default.pem' },
      spoa: expect.objectContaining({ webroots: [] }) as unknown,
      plugins: { authenticators: false, installers: false },
      output: { quiet: false, json: false, verbosity: 0, interactive: false },
      logBackups: 1000,
      lockWait: 60,
    });
  });

  it('takes every flag to its place', () => {
    const config = resolve([
      ...'certonly -d a.example --ip-address ::0:1 --cert-name n --force-renewal --expand --renew-with-new-domains'.split(
        ' ',
      ),
      ...'--duplicate --dry-run --no-autorenew --allow-subset-of-names --staging -m a@b.example --agree-tos'.split(' '),
      ...'--account 0f --eab-kid k --eab-hmac-key aGk= --new-account-key --webroot -w /w --http-01-port 8090'.split(
        ' ',
      ),
      ...'--http-01-address ::1 --manual-auth-hook a --manual-cleanup-hook b --preferred-challenges dns,http-01'.split(
        ' ',
      ),
      ...'--key-type rsa --rsa-key-size 4096 --elliptic-curve SECP384R1 --reuse-key --new-key --must-staple'.split(' '),
      ...'--preferred-chain R --preferred-profile p --required-profile q --pre-hook 1 --post-hook 2'.split(' '),
      ...'--deploy-hook 3 --no-directory-hooks --disable-hook-validation --run-deploy-hooks --reason KeyCompromise'.split(
        ' ',
      ),
      ...'--no-delete-after-revoke --haproxy-cert-dir /c --haproxy-cfg /1 --haproxy-cfg /2 --haproxy-pidfile /p'.split(
        ' ',
      ),
      ...'--haproxy-bin /b --haproxy-socket /s --haproxy-socket h:1 --haproxy-crt-list /l --haproxy-bundle b.pem'.split(
        ' ',
      ),
      ...'--haproxy-deploy reload --haproxy-reload-command cmd --haproxy-systemd-unit u --haproxy-verify h:2'.split(
        ' ',
      ),
      ...'--haproxy-verify [::1]:3 --installer null --yes --undo --config-dir /cd --work-dir /wd'.split(' '),
      ...'--logs-dir /ld --max-log-backups 0 --lock-wait 5 --cert-path c --key-path k --chain-path h'.split(' '),
      ...'--fullchain-path f --no-verify-ssl -vvv -q --json -n --keep --break-my-certs --issuance-timeout 90'.split(
        ' ',
      ),
      ...['--user-agent', 'me', '--user-agent-comment', 'and you', '--eab-hmac-alg', 'HS256'],
      ...['--authenticators', '--redirect', '-c', '/i', '--haproxy-default-cert', '/d'],
    ]);
    expect(config).toEqual({
      verb: 'certonly',
      directories: { config: '/cd', work: '/wd', logs: '/ld' },
      certName: 'n',
      names: ['a.example', '::1'],
      server: letsEncryptStaging,
      account: { id: '0f', emails: ['a@b.example'], agreeTos: true, eab: { kid: 'k', hmacKey: 'aGk' }, newKey: true },
      challenge: {
        ...{ authenticator: 'webroot', webrootMap: { 'a.example': '/w', '::1': '/w' }, webroot: '/w' },
        ...{ http01Port: 8090, http01Address: '::1', authHook: 'a', cleanupHook: 'b', types: ['dns-01', 'http-01'] },
      },
      key: { type: 'rsa', rsaKeySize: 4096, ellipticCurve: 'secp384r1', reuse: true, fresh: true },
      wishes: {
        ...{ mustStaple: true, preferredChain: 'R', allowSubset: true },
        ...{ preferredProfile: 'p', requiredProfile: 'q' },
      },
      renewal: {
        ...{ force: true, expand: true, newNames: true, duplicate: true, dryRun: true, breakMyCerts: true },
        autorenew: false,
      },
      hooks: {
        ...{ pre: '1', post: '2', deploy: '3', renew: '3' },
        ...{ directory: false, validate: false, runDeploy: true },
      },
      revocation: { reason: 'keycompromise', delete: false },
      haproxy: {
        ...{ certDir: '/c', bundle: 'b.pem', crtList: '/l', cfg: ['/1', '/2'], pidfile: '/p', bin: '/b' },
        ...{ deploy: 'reload', sockets: ['/s', 'h:1'], reloadCommand: 'cmd', unit: 'u', verify: ['h:2', '[::1]:3'] },
      },
      install: false,
      adoption: { yes: true, undo: true },
      files: { csr: undefined, cert: '/cwd/c', key: '/cwd/k', chain: '/cwd/h', fullchain: '/cwd/f' },
      network: {
        proxy: { proxies: {}, except: [] },
        ...{ verify: false, caFiles: [], userAgent: 'me', userAgentComment: 'and you', issuanceTimeout: 90 },
      },
      notes: [expect.stringContaining('--redirect')],
      bootstrap: { certDir: '/c', defaultCert: '/d' },
      spoa: expect.objectContaining({ webroots: ['/w'] }) as unknown,
      plugins: { authenticators: true, installers: false },
      output: { quiet: true, json: true, verbosity: 3, interactive: false },
      logBackups: 0,
      lockWait: 5,
    });
  });

  it('resolves relative paths against the working directory', () => {
    const config = resolve(
      'certonly -d a.example -w web --haproxy-cert-dir ../c --haproxy-cfg x.cfg --haproxy-pidfile p --haproxy-bin ./h' +
        ' --haproxy-socket s --config-dir d --work-dir . --logs-dir l',
    );
    expect(config.challenge.webrootMap).toEqual({ 'a.example': '/cwd/web' });
    expect(config.haproxy).toMatchObject({
      certDir: '/c',
      cfg: ['/cwd/x.cfg'],
      pidfile: '/cwd/p',
      bin: '/cwd/h',
      sockets: ['/cwd/s'],
    });
    expect(config.directories).toEqual({ config: '/cwd/d', work: '/cwd', logs: '/cwd/l' });
    expect(resolve('renew --haproxy-bin haproxy-2.8').haproxy.bin).toBe('haproxy-2.8');
  });

  it('gives a name the webroot before it, and names before the first one that one', () => {
    const { names, challenge } = resolve(
      'certonly -d a.example -w /1 -d b.example,c.example -w /2 -d D.example -d a.example',
    );
    expect(names).toEqual(['a.example', 'b.example', 'c.example', 'd.example']);
    expect(challenge.webrootMap).toEqual({
      'a.example': '/2',
      'b.example': '/1',
      'c.example': '/1',
      'd.example': '/2',
    });
  });

  it('knows no webroot where none is given', () => {
    expect(resolve('certonly -d a.example').challenge.webrootMap).toEqual({});
  });

  it('takes names to A-labels, once each, with white space around commas', () => {
    const { names } = resolve(['certonly', '-d', 'bücher.example, A.example', '-d', 'xn--bcher-kva.example']);
    expect(names).toEqual(['xn--bcher-kva.example', 'a.example']);
  });

  it('takes --staging with the --server that it stands for', () => {
    expect(resolve(`renew --staging --server ${letsEncryptStaging}`).server).toBe(letsEncryptStaging);
  });

  it("trusts certbot's REQUESTS_CA_BUNDLE beside Node's own variable", () => {
    const env = { REQUESTS_CA_BUNDLE: 'ca.pem', NODE_EXTRA_CA_CERTS: '/extra.pem' };
    expect(resolve('renew', env).network.caFiles).toEqual(['/cwd/ca.pem', '/extra.pem']);
    expect(resolve('renew', { NODE_EXTRA_CA_CERTS: '/extra.pem' }).network.caFiles).toEqual([]);
    expect(resolve('renew', { REQUESTS_CA_BUNDLE: '' }).network.caFiles).toEqual([]);
  });

  it('takes an empty address for none', () => {
    expect(resolve(['renew', '-m', '']).account.emails).toBeUndefined();
    expect(resolve('renew --register-unsafely-without-email').account.emails).toEqual([]);
    expect(resolve('renew --register-unsafely-without-email -m a@b.example').account.emails).toEqual(['a@b.example']);
  });

  it('takes several addresses with commas, once each', () => {
    const { emails } = resolve(['renew', '-m', 'a@x.example, b@x.example,a@x.example']).account;
    expect(emails).toEqual(['a@x.example', 'b@x.example']);
  });

  it('is run without a command, and auth is certonly', () => {
    expect(resolve('-d a.example').verb).toBe('run');
    expect(resolve('auth -d a.example').verb).toBe('certonly');
  });

  it('takes the last of the ways to answer', () => {
    const last = (flags: string): unknown => resolve(`certonly -d a.example ${flags}`).challenge.authenticator;
    expect(last('-a standalone -a manual')).toBe('manual');
    expect(last('--manual -a standalone -w /w')).toBe('standalone');
    expect(last('-a manual --webroot')).toBe('webroot');
    expect(last('-w /w')).toBe('webroot');
    expect(last('')).toBeUndefined();
  });

  it('asks nobody in a renewal, nor where nothing is to be said', () => {
    const interactive = (...args: string[]): boolean => resolve(args).output.interactive;
    expect(interactive('certonly', '-d', 'a.example')).toBe(true);
    for (const flag of ['-n', '-q', '--json']) expect(interactive('certonly', '-d', 'a.example', flag)).toBe(false);
    expect(interactive('renew')).toBe(false);
  });

  it('adds names to what is renewed by force', () => {
    expect(resolve(['certonly', '-d', 'a.example', '--force-renewal']).renewal.expand).toBe(true);
    expect(resolve(['certonly', '-d', 'a.example']).renewal.expand).toBe(false);
  });

  it('takes -w and --webroot-map alone for the webroot, unless lineages of all kinds are meant', () => {
    const chosen = (args: readonly string[]): unknown => resolve(args).challenge.authenticator;
    expect(chosen(['certonly', '--webroot-map', '{"a.example": "/w"}'])).toBe('webroot');
    expect(chosen(['reconfigure', '--cert-name', 'a', '-w', '/w'])).toBe('webroot');
    expect(chosen(['renew', '-w', '/w'])).toBeUndefined();
    expect(chosen(['renew', '--webroot', '-w', '/w'])).toBe('webroot');
  });

  it('takes a webroot for each name from JSON', () => {
    const { names, challenge } = resolve([
      'certonly',
      '--webroot-map',
      '{"a.example,b.example": "w", "c.example": "/x"}',
    ]);
    expect(names).toEqual(['a.example', 'b.example', 'c.example']);
    expect(challenge.webrootMap).toEqual({ 'a.example': '/cwd/w', 'b.example': '/cwd/w', 'c.example': '/x' });
  });

  it('takes addresses in that map too, which counts before -w and -d', () => {
    const flags = ['certonly', '-w', '/w', '-d', 'a.example', '-d', 'b.example'];
    const { names, challenge } = resolve([...flags, '--webroot-map', '{"a.example,2001:DB8:0::1": "/x"}']);
    expect(names).toEqual(['a.example', 'b.example', '2001:db8::1']);
    expect(challenge.webrootMap).toEqual({ 'a.example': '/x', 'b.example': '/w', '2001:db8::1': '/x' });
  });

  it.each<[code: string, args: readonly string[]]>([
    ['usage', []],
    ['usage', ['run']],
    ['usage', ['revoke']],
    ['usage', ['revoke', '--cert-name', 'a', '--cert-path', '/a']],
    ['usage', ['revoke', '--cert-name', 'a', '--reason', 'boredom']],
    ['usage', ['delete']],
    ['usage', ['reconfigure']],
    ['usage', ['reconfigure', '--cert-name', 'a', '-d', 'a.example']],
    ['usage', ['install']],
    ['usage', ['install', '--cert-path', '/a']],
    ['usage', ['install', '--cert-name', 'a', '--cert-path', '/a']],
    ['usage', ['update_account']],
    ['usage', ['certificates', '--dry-run']],
    ['usage', ['certonly', '--csr', '/a', '--key-type', 'both']],
    ['usage', ['renew', '--key-type', 'both']],
    ['usage', ['reconfigure', '--cert-name', 'a', '--key-type', 'both']],
    ['usage', ['certonly', '--csr', '/a', '--cert-name', 'a']],
    ['usage', ['certonly', '--csr', '/a', '--allow-subset-of-names']],
    ['usage', ['certonly', '--csr', '/a', '--haproxy-cert-dir', '/c']],
    ...['run', 'renew', 'install', 'certificates'].map((verb): [string, string[]] => ['usage', [verb, '--csr', '/a']]),
    ['usage', ['renew', '--eab-kid', 'a']],
    ['usage', ['register', '--eab-kid', 'a', '--eab-hmac-key', 'aGk', '--eab-hmac-alg', 'HS512']],
    ['usage', ['renew', '--eab-kid', 'a', '--eab-hmac-key', 'not base64url']],
    ['usage', ['renew', '--deploy-hook', 'a', '--renew-hook', 'b']],
    ['usage', ['renew', '--pre-hook', 'a\nb']],
    ['usage', ['renew', '--http-01-port', '0']],
    ['usage', ['renew', '--http-01-port', '65536']],
    ['usage', ['renew', '--preferred-challenges', 'tls-sni']],
    ['usage', ['renew', '--installer', 'nginx']],
    ['usage', ['renew', '--account', '../..']],
    ['usage', ['renew', '--user-agent', 'a\r\nX: b']],
    ['usage', ['certonly', '--webroot-map', '{']],
    ['usage', ['certonly', '--webroot-map', '["a.example"]']],
    ['usage', ['certonly', '--webroot-map', '{"a.example": 1}']],
    ['name-invalid', ['certonly', '--ip-address', 'a.example']],
    ['name-invalid', ['certonly', '-d', '192.0.2.1']],
    ['usage', ['']],
    ['usage', ['certonly']],
    ['usage', ['renew', '-d', 'a.example']],
    ['usage', ['certonly', '-d', 'a.example', '-a', 'nginx']],
    ['usage', ['certonly', '-d', 'a.example', '--key-type', 'ed25519']],
    ['usage', ['certonly', '-d', 'a.example', '--rsa-key-size', '1024']],
    ['usage', ['certonly', '-d', 'a.example', '--elliptic-curve', 'p256']],
    ['usage', ['certonly', '-d', 'a.example', '-w', '']],
    ['usage', ['renew', '--staging', '--server', 'https://acme.example/d']],
    ['usage', ['renew', '--config-dir', '']],
    ['usage', ['renew', '--haproxy-cert-dir', 'a\nb']],
    ['usage', ['renew', '--haproxy-cfg', `a"b'c`]],
    ['usage', ['renew', '--cert-name', '']],
    ['usage', ['renew', '--cert-name', '../x']],
    ['usage', ['renew', '--cert-name', '.hidden']],
    ['usage', ['renew', '--cert-name', 'a b']],
    ['usage', ['renew', '--cert-name', 'a\\b']],
    ['usage', ['renew', '--cert-name', 'x'.repeat(201)]],
    ['name-invalid', ['certonly', '-d', '']],
    ['name-invalid', ['certonly', '-d', 'a.example,']],
    ['name-invalid', ['certonly', '-d', '*.a.example', '-w', '/w']],
    ['name-invalid', ['renew', '-d', 'nodot']],
    ['email-invalid', ['certonly', '-d', 'a.example', '-m', 'nobody']],
    ['email-invalid', ['certonly', '-d', 'a.example', '-m', 'a@b.example,nobody']],
    ['email-invalid', ['renew', '-m', 'a@b.example,']],
    ['server-invalid', ['renew', '--server', 'acme.example']],
    ['server-invalid', ['renew', '--server', '']],
    ['server-invalid', ['renew', '--server', 'ftp://acme.example/']],
    ['server-invalid', ['renew', '--server', 'file:///etc/passwd']],
  ])('refuses by %s: %j', (code, args) => {
    expect(() => resolve(args)).toThrow(expect.objectContaining({ name: 'ConfigError', code }));
  });
});
