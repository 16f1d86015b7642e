import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runOrThrow } from '../support/child.js';
import { startCalls, type Calls, type Workspace } from '../support/called-as-certbot.js';
import { startWebServer } from '../support/web-server.js';

/** What callers of certbot count on when they order, each test in a directory of its own. */
let calls: Calls;
beforeAll(async () => {
  calls = await startCalls();
});
afterAll(async () => await calls.stop());

const certificate = (file: string): X509Certificate => new X509Certificate(readFileSync(file));

describe('the command line', () => {
  it('shows its help and version, refuses what is not whole, and leaves nothing anywhere', async () => {
    const workspace = calls.emptyWorkspace();
    const before = readdirSync(workspace.at(''));
    for (const flags of [['--help'], ['--help', 'all'], ['--version']]) {
      expect((await workspace.must(flags)).stdout).not.toBe('');
    }
    expect((await workspace.fails(['--csr'])).code).toBe(2);
    expect((await workspace.fails(['--key-type="wood"'])).code).toBe(2);
    expect(readdirSync(workspace.at(''))).toEqual(before);
  });

  it('lists the plugins', async () => {
    const { stdout } = await calls.workspace().must(['plugins', '--init', '--prepare']);
    expect(stdout).toContain('webroot');
    expect(stdout).toContain('standalone');
  });
});

describe('an order', () => {
  it("by 'run', with the verb after the flags, runs the deploy hook and keeps it, and the type of the key", async () => {
    const workspace = calls.workspace();
    await workspace.must([
      ...['--domains', 'run.test', '--preferred-challenges', 'http-01', 'run', '--cert-name', 'run.test'],
      ...['--pre-hook', workspace.note('before'), '--post-hook', workspace.note('after')],
      ...['--deploy-hook', workspace.note('deploy')],
    ]);
    expect(workspace.noted()).toEqual(['before', 'deploy', 'after']);
    expect(workspace.conf('run.test')).toContain(`renew_hook = ${workspace.note('deploy')}\n`);
    expect(workspace.conf('run.test')).toContain('key_type = ecdsa\n');
  });

  it('under another name has one version, with a P-256 key', async () => {
    const workspace = calls.workspace();
    await workspace.must(['certonly', '--cert-name', 'newname', '-d', 'new.test']);
    expect(workspace.versions('newname')).toBe(1);
    expect(workspace.key('newname', 1).asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it('for an address is answered by the standalone server', async () => {
    const workspace = calls.workspace();
    await workspace.must(['certonly', '--ip-address', '127.0.0.1', '--standalone']);
    expect(certificate(workspace.config('live/127.0.0.1/cert.pem')).subjectAltName).toBe('IP Address:127.0.0.1');
  });

  it('by a webroot that another server serves', async () => {
    const workspace = calls.workspace();
    const server = await startWebServer(calls.httpPort, workspace.at('webroot'));
    try {
      await workspace.must(['certonly', '-a', 'webroot', '--webroot-path', server.webroot, '-d', 'webroot.test']);
    } finally {
      await server.stop();
    }
    expect(workspace.versions('webroot.test')).toBe(1);
  });

  it('by manual hooks for http-01; a renew hook is kept, and not run for a first certificate', async () => {
    const workspace = calls.workspace();
    const server = await startWebServer(calls.httpPort, workspace.at('webroot'));
    const directory = `${server.webroot}/.well-known/acme-challenge`;
    try {
      await workspace.must([
        ...['certonly', '-a', 'manual', '-d', 'manual.test', '--cert-name', 'manual.test'],
        ...[
          '--manual-auth-hook',
          `mkdir -p ${directory} && echo -n "$CERTBOT_VALIDATION" > ${directory}/$CERTBOT_TOKEN`,
        ],
        ...['--manual-cleanup-hook', `rm -r ${server.webroot}/.well-known`],
        ...['--pre-hook', workspace.note('before'), '--post-hook', workspace.note('after')],
        ...['--renew-hook', workspace.note('renew')],
      ]);
      expect(readdirSync(server.webroot)).toEqual([]);
    } finally {
      await server.stop();
    }
    expect(workspace.noted()).toEqual(['before', 'after']);
    expect(workspace.conf('manual.test')).toContain('renew_hook = ');
  });

  it('for a wildcard and its domain by manual hooks for dns-01, and the renewal after it', async () => {
    const workspace = calls.workspace();
    await workspace.must([
      ...['-a', 'manual', '-d', '*.wild.test,wild.test', '--preferred-challenge', 'dns', ...calls.dnsHooks],
      ...['--renew-hook', workspace.note('renew')],
    ]);
    expect(certificate(workspace.config('live/wild.test/fullchain.pem')).subjectAltName).toContain('DNS:*.wild.test');
    expect(workspace.noted()).toEqual([]);
    await workspace.must(['renew', '--cert-name', 'wild.test', '--authenticator', 'manual']);
    expect(workspace.versions('wild.test')).toBe(2);
    expect(workspace.noted()).toEqual(['renew']);
  });

  it('leaves out the name that fails, where it may', async () => {
    const workspace = calls.workspace();
    const flags = ['--allow-subset-of-names', '--preferred-challenges', 'dns', ...calls.dnsHooks];
    await workspace.must(['-a', 'manual', '-d', 'subset.test,fail.subset.test', ...flags]);
    const { stdout } = await workspace.must(['certificates']);
    expect(stdout).toContain('subset.test');
    expect(stdout).not.toContain('fail.subset.test');
  });

  it('that is to ask for a stapled answer says so to the next renewal too', async () => {
    const workspace = calls.workspace();
    await workspace.must(['auth', '--must-staple', '--domains', 'staple.test']);
    expect(workspace.versions('staple.test')).toBe(1);
    expect(workspace.conf('staple.test')).toContain('must_staple = True\n');
  });
});

describe("a user's own request", () => {
  async function request(workspace: Workspace, name: string, newkey: readonly string[]): Promise<readonly string[]> {
    const [key, pem, der] = ['key.pem', 'csr.pem', 'csr.der'].map(workspace.at) as [string, string, string];
    await runOrThrow('openssl', [
      ...['req', '-new', '-nodes', '-newkey', ...newkey, '-keyout', key, '-out', pem, '-subj', '/'],
      ...['-addext', `subjectAltName=DNS:${name}`],
    ]);
    await runOrThrow('openssl', ['req', '-in', pem, '-outform', 'DER', '-out', der]);
    return [key, der];
  }

  it('in DER and without a subject: the files are put where they are wished, and can be installed', async () => {
    const workspace = calls.workspace();
    const [key = '', csr = ''] = await request(workspace, 'csr.test', ['rsa:2048']);
    const [cert, chain] = [workspace.at('made/cert.pem'), workspace.at('made/chain.pem')];
    await workspace.must(['auth', '--csr', csr, '--cert-path', cert, '--chain-path', chain]);
    expect(certificate(cert).subjectAltName).toBe('DNS:csr.test');
    expect(certificate(cert).checkIssued(certificate(chain))).toBe(true);
    await workspace.must(['--domains', 'csr.test', 'install', '--cert-path', cert, '--key-path', key]);
  });

  it('with a key on P-384 gets a certificate for that key', async () => {
    const workspace = calls.workspace();
    const [, csr = ''] = await request(workspace, 'p384.test', ['ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1']);
    const [cert, chain] = [workspace.at('cert.pem'), workspace.at('chain.pem')];
    await workspace.must(['auth', '--csr', csr, '--cert-path', cert, '--chain-path', chain]);
    expect(certificate(cert).publicKey.asymmetricKeyDetails?.namedCurve).toBe('secp384r1');
  });
});
