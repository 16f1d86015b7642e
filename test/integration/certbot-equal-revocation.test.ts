import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCalls, type Calls, type Workspace } from '../support/called-as-certbot.js';
import { startPebbleOcsp, type PebbleOcsp } from '../support/pebble-ocsp.js';
import { day, testCertificate } from '../support/test-certificate.js';
import { temporaryDirectory } from '../support/temporary.js';

/** What callers of certbot count on when they revoke, delete and list. */
let calls: Calls;
let ocsp: PebbleOcsp;
const directory = temporaryDirectory();
beforeAll(async () => {
  ocsp = await startPebbleOcsp();
  calls = await startCalls({ ocspResponderUrl: ocsp.url });
  await ocsp.attach(calls.pebble, directory.path);
});
afterAll(async () => {
  await calls.stop();
  await ocsp.stop();
  directory.remove();
});

const live = (workspace: Workspace, name: string, file = 'cert'): string =>
  workspace.config(`live/${name}/${file}.pem`);
const parts = (workspace: Workspace, name: string): readonly boolean[] =>
  [`archive/${name}`, `live/${name}`, `renewal/${name}.conf`].map((path) => existsSync(workspace.config(path)));
const count = (text: string, part: string): number => text.split(part).length - 1;

describe('revoke', () => {
  it('deletes the lineage unless it is not to, which delete then does', async () => {
    const workspace = calls.workspace();
    await workspace.must(['-d', 'one.test']);
    await workspace.must(['revoke', '--cert-path', live(workspace, 'one.test'), '--delete-after-revoke']);
    expect(parts(workspace, 'one.test')).toEqual([false, false, false]);
    await workspace.must(['-d', 'two.test']);
    await workspace.must(['revoke', '--cert-path', live(workspace, 'two.test'), '--no-delete-after-revoke']);
    expect(parts(workspace, 'two.test')).toEqual([true, true, true]);
    await workspace.must(['delete', '--cert-name', 'two.test']);
    expect(parts(workspace, 'two.test')).toEqual([false, false, false]);
  });

  it('takes a reason, by the account or by the key of the certificate, and deletes unasked; then the account goes', async () => {
    const workspace = calls.emptyWorkspace();
    for (const name of ['a.test', 'b.test', 'c.test']) await workspace.must(['-d', name]);
    await workspace.must(['revoke', '--cert-path', live(workspace, 'a.test'), '--reason', 'cessationOfOperation']);
    await workspace.must([
      ...['revoke', '--cert-path', live(workspace, 'b.test'), '--key-path', live(workspace, 'b.test', 'privkey')],
      ...['--reason', 'keyCompromise'],
    ]);
    await workspace.must(['unregister']);
    const { stdout } = await workspace.must(['certificates']);
    expect(['a.test', 'b.test', 'c.test'].map((name) => stdout.includes(name))).toEqual([false, false, true]);
  });

  it('takes the key of the certificate on each curve', async () => {
    const workspace = calls.workspace();
    const curves = { secp256r1: 'prime256v1', secp384r1: 'secp384r1', secp521r1: 'secp521r1' };
    for (const [curve, detail] of Object.entries(curves)) {
      const name = `${curve}.test`;
      await workspace.must(['certonly', '--key-type', 'ecdsa', '--elliptic-curve', curve, '-d', name]);
      expect(workspace.key(name, 1).asymmetricKeyDetails?.namedCurve).toBe(detail);
      const files = ['--cert-path', live(workspace, name), '--key-path', live(workspace, name, 'privkey')];
      await workspace.must(['revoke', ...files, '--no-delete-after-revoke']);
    }
    expect(count((await workspace.must(['certificates'])).stdout, 'INVALID: REVOKED')).toBe(3);
  });

  it('takes a file or a name, not both, and deletes nothing that another lineage has too', async () => {
    const workspace = calls.workspace();
    await workspace.must(['-d', 'le1.test']);
    const both = ['revoke', '--cert-name', 'le1.test', '--cert-path', live(workspace, 'le1.test', 'fullchain')];
    const refused = await workspace.fails(both);
    expect(refused.stderr).toContain('Exactly one of --cert-path or --cert-name must be specified');
    await workspace.must(['-d', 'le2.test']);
    const shared = workspace
      .conf('le2.test')
      .replace(/^archive_dir = .*$/m, `archive_dir = ${workspace.config('archive/le1.test')}`);
    writeFileSync(workspace.config('renewal/le2.test.conf'), shared);
    await workspace.must(['revoke', '--cert-path', live(workspace, 'le1.test')]);
    expect(workspace.log()).toContain('Not deleting revoked certificates due to overlapping archive dirs');
    expect(parts(workspace, 'le1.test')).toEqual([true, true, true]);
  });
});

describe('a certificate that is revoked', () => {
  it('is listed so, and renewed before its time', async () => {
    const workspace = calls.workspace();
    await workspace.must(['--domains', 'ocsp.test']);
    const { stdout: before } = await workspace.must(['certificates']);
    expect([count(before, 'VALID'), count(before, 'INVALID')]).toEqual([1, 0]);
    await workspace.must(['renew'], { force: false });
    expect(workspace.versions('ocsp.test')).toBe(1);
    await workspace.must(['revoke', '--cert-name', 'ocsp.test', '--no-delete-after-revoke']);
    expect((await workspace.must(['certificates'])).stdout).toContain('(INVALID: REVOKED)');
    await workspace.must(['renew'], { force: false });
    expect(workspace.versions('ocsp.test')).toBe(2);
    expect((await workspace.must(['certificates'])).stdout).toMatch(/\(VALID: \d+ days\)/);
  });
});

describe('certificates of a staging CA that have expired', () => {
  it('are listed as both, beside a lineage that is broken', async () => {
    const workspace = calls.workspace();
    for (const name of ['a.stale.test', 'b.stale.test', 'c.stale.test']) await writeStale(workspace, name);
    writeFileSync(workspace.config('renewal/c.stale.test.conf'), 'nothing = here\n');
    const { stdout } = await workspace.must(['certificates']);
    expect([count(stdout, 'TEST_CERT'), count(stdout, 'EXPIRED')]).toEqual([2, 2]);
    expect(stdout).toContain('(INVALID: TEST_CERT, EXPIRED)');
  });
});

/** A lineage as certbot left it years ago. */
async function writeStale(workspace: Workspace, name: string): Promise<void> {
  const made = await testCertificate({ names: [name], notBefore: 0, notAfter: 90 * day });
  const files = { cert: made.leaf, chain: made.intermediates, fullchain: made.chain, privkey: made.privateKey };
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(workspace.config(path)), { recursive: true });
    writeFileSync(workspace.config(path), text);
  };
  mkdirSync(workspace.config(`live/${name}`), { recursive: true });
  for (const [kind, text] of Object.entries(files)) {
    put(`archive/${name}/${kind}1.pem`, text);
    symlinkSync(`../../archive/${name}/${kind}1.pem`, live(workspace, name, kind));
  }
  const paths = Object.keys(files).map((kind) => `${kind} = ${live(workspace, name, kind)}`);
  const server = 'https://acme-staging-v02.api.letsencrypt.org/directory';
  put(
    `renewal/${name}.conf`,
    [...paths, '[renewalparams]', 'authenticator = standalone', `server = ${server}`, 'account = None', ''].join('\n'),
  );
}
