import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import type { Config } from '../../../src-node/config/config.js';
import { defaultDirectories, letsEncryptStaging } from '../../../src-node/config/config.js';
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
      webrootMap: {},
      webroot: undefined,
      server: undefined,
      account: { id: undefined, emails: [], agreeTos: false },
      key: { type: undefined, rsaKeySize: undefined, ellipticCurve: undefined },
      renewal: { force: false, expand: false, newNames: false, breakMyCerts: false },
      haproxy: { certDir: undefined, cfg: undefined, pidfile: undefined, bin: undefined, socket: undefined },
      network: { verify: true, caFiles: [] },
      output: { quiet: false, json: false },
    });
  });

  it('takes every flag to its place', () => {
    const config = resolve(
      'certonly -d a.example --cert-name n --force-renewal --expand --renew-with-new-domains --staging -m a@b.example' +
        ' --agree-tos --account 0f --webroot -w /w --key-type rsa --rsa-key-size 4096 --elliptic-curve SECP384R1' +
        ' --haproxy-cert-dir /c --haproxy-cfg /1 --haproxy-cfg /2 --haproxy-pidfile /p --haproxy-bin /b' +
        ' --haproxy-socket /s --config-dir /cd --work-dir /wd --logs-dir /ld --no-verify-ssl -q --json -n --keep --break-my-certs',
    );
    expect(config).toEqual({
      verb: 'certonly',
      directories: { config: '/cd', work: '/wd', logs: '/ld' },
      certName: 'n',
      names: ['a.example'],
      webrootMap: { 'a.example': '/w' },
      webroot: '/w',
      server: letsEncryptStaging,
      account: { id: '0f', emails: ['a@b.example'], agreeTos: true },
      key: { type: 'rsa', rsaKeySize: 4096, ellipticCurve: 'secp384r1' },
      renewal: { force: true, expand: true, newNames: true, breakMyCerts: true },
      haproxy: { certDir: '/c', cfg: ['/1', '/2'], pidfile: '/p', bin: '/b', socket: '/s' },
      network: { verify: false, caFiles: [] },
      output: { quiet: true, json: true },
    });
  });

  it('resolves relative paths against the working directory', () => {
    const config = resolve(
      'certonly -d a.example -w web --haproxy-cert-dir ../c --haproxy-cfg x.cfg --haproxy-pidfile p --haproxy-bin ./h' +
        ' --haproxy-socket s --config-dir d --work-dir . --logs-dir l',
    );
    expect(config.webrootMap).toEqual({ 'a.example': '/cwd/web' });
    expect(config.haproxy).toEqual({
      certDir: '/c',
      cfg: ['/cwd/x.cfg'],
      pidfile: '/cwd/p',
      bin: '/cwd/h',
      socket: '/cwd/s',
    });
    expect(config.directories).toEqual({ config: '/cwd/d', work: '/cwd', logs: '/cwd/l' });
    expect(resolve('renew --haproxy-bin haproxy-2.8').haproxy.bin).toBe('haproxy-2.8');
  });

  it('gives a name the webroot before it, and names before the first one that one', () => {
    const { names, webrootMap } = resolve(
      'certonly -d a.example -w /1 -d b.example,c.example -w /2 -d D.example -d a.example',
    );
    expect(names).toEqual(['a.example', 'b.example', 'c.example', 'd.example']);
    expect(webrootMap).toEqual({ 'a.example': '/2', 'b.example': '/1', 'c.example': '/1', 'd.example': '/2' });
  });

  it('knows no webroot where none is given', () => {
    expect(resolve('certonly -d a.example').webrootMap).toEqual({});
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
    expect(resolve(['renew', '-m', '']).account.emails).toEqual([]);
  });

  it('takes several addresses with commas, once each', () => {
    const { emails } = resolve(['renew', '-m', 'a@x.example, b@x.example,a@x.example']).account;
    expect(emails).toEqual(['a@x.example', 'b@x.example']);
  });

  it.each<[code: string, args: readonly string[]]>([
    ['usage', []],
    ['usage', ['run']],
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
