import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certbotOn } from '../support/certbot.js';
import type { RunResult } from '../support/child.js';
import { haproxyBin } from '../support/haproxy.js';
import { run } from '../support/child.js';
import { challengeDirectory } from '../support/lua-service.js';
import { atEveryPoint, sceneName, scenesOf } from '../support/scene.js';
import { startStage, type Stage } from '../support/stage.js';
import { typed } from '../support/typed.js';

let stage: Stage;
const certbot = async (args: readonly string[]): Promise<RunResult> => await certbotOn(stage)(args);

beforeAll(async () => {
  stage = await startStage({ pebble: { authzReuse: 100 } });
  mkdirSync(challengeDirectory(stage.webroot), { recursive: true });
});
afterAll(async () => await stage.stop());

interface RevokeReport {
  readonly outcomes: readonly { readonly kind: string; readonly deleted?: string[]; readonly kept?: string }[];
  readonly warnings: readonly string[];
  readonly error?: { readonly code: string };
}

const live = (certName: string, file = 'cert'): string => join(stage.configDir, 'live', certName, `${file}.pem`);
const exists = (certName: string): readonly boolean[] =>
  [stage.renewalConf(certName), live(certName), join(stage.configDir, 'archive', certName)].map((path) =>
    existsSync(path),
  );
const whole = [true, true, true];
const gone = [false, false, false];

/** What the CA says of a certificate. */
async function status(pem: string | Buffer): Promise<{ Status: string; Reason?: number }> {
  const serial = new X509Certificate(pem).serialNumber.toLowerCase();
  return JSON.parse(await stage.pebble.management(`/cert-status-by-serial/${serial}`)) as { Status: string };
}

/** Orders a certificate that HAProxy is not given, and returns it. */
async function issued(certName: string, extra: readonly string[] = []): Promise<string> {
  const flags = ['certonly', '--webroot', '-w', stage.webroot, '-n', '--agree-tos', '-d', certName, ...extra];
  const result = await stage.command([...flags, '--server', stage.pebble.directoryUrl]);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return readFileSync(live(certName), 'utf8');
}

async function report(args: readonly string[]): Promise<RevokeReport & Pick<RunResult, 'code' | 'stdout'>> {
  const { code, stdout, stderr } = await stage.command([...args, '--json']);
  expect(stderr).toBe('');
  return { code, stdout, ...(JSON.parse(stdout) as RevokeReport) };
}

describe('revoke --cert-name', () => {
  it('gives the reason, deletes the lineage, and leaves HAProxy the bundle that it needs to start', async () => {
    await stage.ordered(['served.test']);
    const pem = readFileSync(live('served.test'), 'utf8');
    const done = await report(['revoke', '--cert-name', 'served.test', '--reason', 'superseded']);
    expect(done).toMatchObject({ code: 0, outcomes: [{ kind: 'revoked', deleted: ['served.test'] }] });
    expect(await status(pem)).toMatchObject({ Status: 'Revoked', Reason: 4 });
    expect(exists('served.test')).toEqual(gone);
    expect(readdirSync(stage.certDir)).toEqual(['served.test.pem']);
    expect(done.warnings).toHaveLength(1);
    expect(done.warnings[0]).toContain(stage.bundle('served.test'));
    expect(await run(haproxyBin, ['-c', '-q', '-f', stage.cfg])).toMatchObject({ code: 0 });
    expect(await stage.command(['renew'])).toMatchObject({ code: 0 });
    expect((await report(['revoke', '--cert-name', 'served.test'])).error?.code).toBe('no-such-lineage');
  });

  it('keeps the lineage where that is asked for, and may be repeated', async () => {
    const pem = await issued('kept.test');
    const flags = ['revoke', '--cert-name', 'kept.test'];
    const done = await report([...flags, '--no-delete-after-revoke']);
    expect(done).toMatchObject({ code: 0, outcomes: [{ kind: 'revoked', deleted: [] }], warnings: [] });
    expect(done.outcomes[0]?.kept).toContain('kept.test');
    expect(await status(pem)).toMatchObject({ Status: 'Revoked' });
    expect(exists('kept.test')).toEqual(whole);
    expect(await stage.command([...flags, '--delete-after-revoke', '-q'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(exists('kept.test')).toEqual(gone);
  });

  it('asks at a terminal whether to delete', async () => {
    const pem = await issued('asked.test');
    const flags = ['revoke', '--cert-name', 'asked.test'];
    const declined = await stage.command(flags, typed('no\n'));
    expect(declined, declined.stdout).toMatchObject({ code: 0 });
    expect(await status(pem)).toMatchObject({ Status: 'Revoked' });
    expect(exists('asked.test')).toEqual(whole);
    const agreed = await stage.command(flags, typed('\n'));
    expect(agreed, agreed.stdout).toMatchObject({ code: 0 });
    expect(exists('asked.test')).toEqual(gone);
    await issued('asked.test');
    const unasked = await stage.command([...flags, '-n'], typed(''));
    expect(unasked, unasked.stdout).toMatchObject({ code: 0 });
    expect(exists('asked.test')).toEqual(gone);
  });

  it('never deletes versions that another lineage has', async () => {
    const pem = await issued('shared.test');
    const conf = readFileSync(stage.renewalConf('shared.test'), 'utf8');
    mkdirSync(join(stage.configDir, 'live/other.test'));
    for (const file of ['cert', 'privkey', 'chain', 'fullchain']) {
      symlinkSync(`../../archive/shared.test/${file}1.pem`, live('other.test', file));
    }
    writeFileSync(stage.renewalConf('other.test'), conf.replaceAll('live/shared.test/', 'live/other.test/'));
    for (const which of [
      ['--cert-name', 'shared.test'],
      ['--cert-path', live('other.test')],
    ]) {
      const done = await report(['revoke', ...which]);
      expect(done).toMatchObject({ code: 0, outcomes: [{ kind: 'revoked', deleted: [] }] });
      expect(done.outcomes[0]?.kept).toContain('archive/shared.test');
      const log = readFileSync(stage.at('logs/letsencrypt.log'), 'utf8');
      expect(log).toContain('Not deleting revoked certificates due to overlapping archive dirs');
    }
    expect(await status(pem)).toMatchObject({ Status: 'Revoked' });
    for (const certName of ['shared.test', 'other.test']) expect(existsSync(live(certName))).toBe(true);
    const refused = await report(['delete', '--cert-name', 'shared.test']);
    expect(refused).toMatchObject({ code: 1, error: { code: 'archive-shared' } });
  });
});

describe('revoke --cert-path', () => {
  it('finds the lineage by the certificate, be it PEM, a chain or DER, and an earlier version', async () => {
    const elsewhere = stage.at('elsewhere.pem');
    const wanted: readonly [string, () => string | Buffer][] = [
      ['leaf.test', () => readFileSync(live('leaf.test'))],
      ['full.test', () => readFileSync(live('full.test', 'fullchain'))],
      ['der.test', () => new X509Certificate(readFileSync(live('der.test'))).raw],
    ];
    for (const [certName, content] of wanted) {
      const pem = await issued(certName);
      writeFileSync(elsewhere, content());
      const done = await report(['revoke', '--cert-path', elsewhere]);
      expect(done).toMatchObject({ code: 0, outcomes: [{ kind: 'revoked', certName, deleted: [certName] }] });
      expect(await status(pem)).toMatchObject({ Status: 'Revoked' });
      expect(exists(certName)).toEqual(gone);
    }
    const first = await issued('early.test');
    const second = await issued('early.test', ['--force-renewal']);
    const done = await report(['revoke', '--cert-path', join(stage.configDir, 'archive/early.test/cert1.pem')]);
    expect(done).toMatchObject({ outcomes: [{ certName: 'early.test', deleted: ['early.test'] }] });
    expect(await status(first)).toMatchObject({ Status: 'Revoked' });
    expect(await status(second)).toMatchObject({ Status: 'Valid' });
  });

  it.each([
    ['rsa', ['--key-type', 'rsa']],
    ['p256', []],
    ['p384', ['--elliptic-curve', 'secp384r1']],
    ['p521', ['--elliptic-curve', 'secp521r1']],
  ])('needs no account where the key of the certificate signs: %s', async (name, extra) => {
    const certName = `${name}.test`;
    const pem = await issued(certName, extra);
    const other = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(`empty-${kind}`)]);
    const flags = ['revoke', '--cert-path', live(certName), ...other, '--server', stage.pebble.directoryUrl];
    const unknown = await report(flags);
    expect(unknown).toMatchObject({ code: 1, error: { code: 'acme-account-unknown' } });
    const keyPath = live(certName, 'privkey');
    const done = await report([...flags, '--key-path', keyPath, '--reason', 'keycompromise']);
    expect(done).toMatchObject({ code: 0, outcomes: [{ kind: 'revoked', deleted: [] }] });
    expect(await status(pem)).toMatchObject({ Status: 'Revoked', Reason: 1 });
    expect(exists(certName)).toEqual(whole);
    expect(existsSync(stage.at('empty-config/accounts'))).toBe(false);
    const [, secret = ''] = readFileSync(keyPath, 'utf8').split('\n');
    expect(secret.length).toBeGreaterThan(40);
    expect(done.stdout).not.toContain(secret);
  });

  it('refuses what is not a certificate, or not its key, before anything is asked of the CA', async () => {
    const pem = await issued('sound.test');
    await issued('strange.test');
    const text = stage.at('text.pem');
    writeFileSync(text, 'no certificate\n');
    const server = ['--server', stage.pebble.directoryUrl];
    const cases: readonly (readonly [string, string, string])[] = [
      [live('sound.test'), live('strange.test', 'privkey'), 'key-mismatch'],
      [live('sound.test'), text, 'key-unreadable'],
      [live('sound.test'), stage.at('missing.pem'), 'file-unreadable'],
      [text, live('sound.test', 'privkey'), 'certificate-unreadable'],
      [stage.at('missing.pem'), live('sound.test', 'privkey'), 'file-unreadable'],
    ];
    for (const [cert, key, code] of cases) {
      const refused = await report(['revoke', '--cert-path', cert, '--key-path', key, ...server]);
      expect(refused).toMatchObject({ code: 1, error: { code } });
    }
    expect(await status(pem)).toMatchObject({ Status: 'Valid' });
    expect(exists('sound.test')).toEqual(whole);
  });
});

describe('certbot', () => {
  it('revokes what we ordered, and we what it ordered', async () => {
    const pem = await issued('ours.test');
    const revoked = await certbot(['revoke', '--cert-name', 'ours.test', '--reason', 'superseded']);
    expect(revoked, revoked.stderr).toMatchObject({ code: 0 });
    expect(await status(pem)).toMatchObject({ Status: 'Revoked' });
    expect(exists('ours.test')).toEqual(gone);
    const order = ['certonly', '--webroot', '-w', stage.webroot, '-d', 'theirs.test', '--agree-tos'];
    const ordered = await certbot(order);
    expect(ordered, ordered.stderr).toMatchObject({ code: 0 });
    const theirs = readFileSync(live('theirs.test'));
    const done = await report(['revoke', '--cert-name', 'theirs.test']);
    expect(done).toMatchObject({ code: 0, outcomes: [{ kind: 'revoked', deleted: ['theirs.test'] }] });
    expect(await status(theirs)).toMatchObject({ Status: 'Revoked' });
    expect(exists('theirs.test')).toEqual(gone);
    expect((await certbot(['certificates'])).stdout).not.toContain('theirs.test');
  });
});

describe('delete', () => {
  it('removes a lineage, and one that is broken', async () => {
    await issued('whole.test');
    await issued('broken.test');
    writeFileSync(stage.renewalConf('broken.test'), 'version = 1\n');
    writeFileSync(live('whole.test', 'notes'), "a user's own\n");
    for (const certName of ['whole.test', 'broken.test']) {
      const done = await report(['delete', '--cert-name', certName]);
      expect(done).toMatchObject({ code: 0, outcomes: [{ kind: 'deleted', certName }] });
      expect(exists(certName)).toEqual(gone);
      const again = await report(['delete', '--cert-name', certName]);
      expect(again).toMatchObject({ code: 1, error: { code: 'no-such-lineage' } });
    }
    expect(readdirSync(join(stage.configDir, 'live/whole.test'))).toEqual(['notes.pem']);
    await issued('whole.test');
    expect(await stage.command(['delete', '--cert-name', 'whole.test', '-q'])).toMatchObject({ code: 0, stdout: '' });
    expect((await certbot(['certificates'])).stdout).not.toContain('whole.test');
  });

  it('asks at a terminal', async () => {
    await issued('asked.test');
    const flags = ['delete', '--cert-name', 'asked.test'];
    expect(await stage.command(flags, typed('n\n'))).toMatchObject({ code: 0 });
    expect(exists('asked.test')).toEqual(whole);
    expect(await stage.command([...flags, '--non-interactive'], typed(''))).toMatchObject({ code: 0 });
    expect(exists('asked.test')).toEqual(gone);
  });

  it.each([
    ['delete', ['delete', '-n', '--cert-name', sceneName]],
    ['revoke', ['revoke', '-n', '--cert-name', sceneName]],
  ])('killed at any point of %s leaves what the next commands use', { timeout: 600_000 }, async (verb, command) => {
    const scenes = await scenesOf(stage);
    const start = scenes(`${verb}-start`);
    expect(await start.certonly()).toMatchObject({ code: 0 });
    const { points, problems } = await atEveryPoint(async (point) => {
      const scene = scenes(`${verb}-${point}`, start);
      const killed = await scene.command(command, { mode: 'kill', at: point });
      const operation = scene.operations().at(-1) ?? '';
      const problems = ['none', '1'].includes(scene.live()) ? [] : [`live/ is ${scene.live()}`];
      problems.push(await scene.haproxyProblem());
      const renewal = await scene.command(['renew']);
      const order = await scene.certonly();
      problems.push(...[renewal, order].map((result) => (result.code === 0 ? '' : result.stderr)));
      if (scene.names().join() !== `${sceneName}.conf`) problems.push(`renewal/ holds ${scene.names().join()}`);
      const found = problems.filter((problem) => problem !== '').map((problem) => `${operation}: ${problem}`);
      return { disturbed: killed.signal === 'SIGKILL', problems: found };
    });
    expect(problems).toEqual([]);
    expect(points).toBeGreaterThan(8);
  });
});
