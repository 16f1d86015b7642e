import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runOrThrow, type RunResult } from '../support/child.js';
import { loopback } from '../support/loopback.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { snapshot } from '../support/snapshot.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
let [place, count] = ['', 0];
beforeAll(async () => {
  stage = await startStage();
  await stage.ordered(['kept.test']);
});
afterAll(async () => await stage.stop());
beforeEach(() => {
  count += 1;
  place = stage.at(`place-${count}`);
  mkdirSync(place);
});

interface Request {
  readonly names: string;
  readonly key?: readonly string[];
  readonly form?: 'DER' | 'PEM';
  readonly subject?: string;
}

/** A request made by openssl in the place of the test. */
async function request({
  names,
  key = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  form = 'PEM',
  subject = '/',
}: Request): Promise<void> {
  await runOrThrow('openssl', [
    ...['req', '-new', '-newkey', ...key, '-nodes', '-subj', subject, '-outform', form],
    ...(names === '' ? [] : ['-addext', `subjectAltName=${names}`]),
    ...['-keyout', join(place, 'own.key'), '-out', join(place, 'own.csr')],
  ]);
}

/** certonly by the request, in the place of the test. */
async function byCsr(...flags: readonly string[]): Promise<RunResult> {
  const order = ['certonly', '-n', '--agree-tos', '--server', stage.pebble.directoryUrl, '-w', stage.webroot];
  return await stage.command([...order, '--csr', 'own.csr', ...flags], { cwd: place });
}

const text = (file: string): string => readFileSync(join(place, file), 'utf8');
const defaults = ['0000_cert.pem', '0000_chain.pem', '0001_chain.pem'];

/** certificate, chain and both together, for the key of the request. */
function expectIssued([cert = '', chain = '', fullchain = '']: readonly string[], names: string): void {
  const certificate = new X509Certificate(text(cert));
  expect(certificate.subjectAltName).toBe(names);
  expect(certificate.checkPrivateKey(createPrivateKey(text('own.key')))).toBe(true);
  expect(certificate.checkIssued(new X509Certificate(text(chain)))).toBe(true);
  expect(text(fullchain)).toBe(text(cert) + text(chain));
  for (const file of [cert, chain, fullchain]) expect(statSync(join(place, file)).mode & 0o777).toBe(0o644);
}

it.each<[string, Request]>([
  ['PEM with a name as its subject', { names: 'DNS:a.test,DNS:b.test', subject: '/CN=a.test' }],
  ['DER of an RSA key with an empty subject', { names: 'DNS:a.test,DNS:b.test', form: 'DER', key: ['rsa:2048'] }],
])('is a certificate for %s in files of the working directory, and no lineage', async (_, made) => {
  const before = snapshot(stage.configDir);
  await request(made);
  const result = await byCsr('--json');
  expect(result, result.stdout).toMatchObject({ code: 0, stderr: '' });
  expectIssued(defaults, 'DNS:a.test, DNS:b.test');
  expect(jsonReport(result).outcomes).toMatchObject([
    {
      kind: 'written',
      names: expect.arrayContaining(['a.test', 'b.test']) as string[],
      files: { cert: join(place, '0000_cert.pem') },
    },
  ]);
  expect(readdirSync(place).sort()).toEqual([...defaults, 'own.csr', 'own.key']);
  expect(snapshot(stage.configDir)).toEqual(before);
  expect(readdirSync(stage.certDir)).toEqual(['kept.test.pem']);
});

it('may be for an IP address', async () => {
  await request({ names: `DNS:a.test,IP:${loopback}` });
  const result = await byCsr();
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expectIssued(defaults, `DNS:a.test, IP Address:${loopback}`);
});

it('gives way to files that are there, unless they are named', async () => {
  await request({ names: 'DNS:a.test' });
  for (const round of ['first', 'second']) expect((await byCsr()).code, round).toBe(0);
  const second = ['0001_cert.pem', '0002_chain.pem', '0003_chain.pem'];
  expect(readdirSync(place).sort()).toEqual([...defaults, ...second, 'own.csr', 'own.key'].sort());
  expectIssued(second, 'DNS:a.test');
  const named = ['out/cert/c.pem', 'out/chain/c.pem', 'out/fullchain/c.pem'];
  const flags = ['--cert-path', named[0] ?? '', '--chain-path', named[1] ?? '', '--fullchain-path', named[2] ?? ''];
  expect(await byCsr(...flags)).toMatchObject({ code: 0 });
  const first = text(named[0] ?? '');
  expect(await byCsr(...flags)).toMatchObject({ code: 0 });
  expect(text(named[0] ?? '')).not.toBe(first);
  expectIssued(named, 'DNS:a.test');
});

it('is ordered and thrown away in a dry run', async () => {
  await request({ names: 'DNS:a.test' });
  const result = await byCsr('--dry-run', '--json', '--cert-path', 'out/c.pem');
  expect(result, result.stdout).toMatchObject({ code: 0 });
  expect(jsonReport(result).outcomes).toMatchObject([{ kind: 'tested', names: ['a.test'] }]);
  expect(readdirSync(place).sort()).toEqual(['own.csr', 'own.key']);
});

it('runs no hook, and says so', async () => {
  await request({ names: 'DNS:a.test' });
  const mark = join(place, 'mark');
  const hook = `touch ${mark}`;
  const result = await byCsr('--pre-hook', hook, '--post-hook', hook, '--deploy-hook', hook, '--json');
  expect(result.code).toBe(0);
  expect(existsSync(mark)).toBe(false);
  expect(jsonReport(result).warnings).toHaveLength(1);
});

/** Nothing is ordered and nothing is left behind. */
async function expectRefused(code: number, codes: readonly string[], flags: readonly string[]): Promise<void> {
  const [orders, before] = [stage.orders(), snapshot(place)];
  const result = await byCsr(...flags);
  expect(errorCodes(result), result.stderr).toEqual(codes);
  expect(result.code).toBe(code);
  expect(result.stdout).toBe('');
  expect([stage.orders(), snapshot(place)]).toEqual([orders, before]);
}

it('whose target holds a private key, or cannot be written, is not ordered', async () => {
  await request({ names: 'DNS:a.test' });
  for (const flags of [
    ['--fullchain-path', 'own.key'],
    ['--cert-path', 'own.csr/c.pem'],
    ['--cert-path', 'c.pem', '--fullchain-path', './c.pem'],
  ]) {
    await expectRefused(1, ['file-unwritable'], flags);
  }
  await expectRefused(1, ['csr-names'], ['-d', 'other.test']);
  await expectRefused(1, ['file-unreadable'], ['--csr', 'absent.csr']);
  await expectRefused(1, ['csr-unreadable'], ['--csr', 'own.key']);
  await expectRefused(2, ['usage'], ['--cert-name', 'x']);
  await request({ names: '' });
  await expectRefused(1, ['csr-names'], []);
});

it('that the CA refuses leaves no directory behind', async () => {
  // A name that was never validated: now and then Pebble uses a valid authorization again though told never to.
  await request({ names: 'DNS:unserved.test' });
  const before = snapshot(place);
  mkdirSync(stage.at('unserved'), { recursive: true });
  const result = await byCsr('--cert-path', 'out/c.pem', '-w', stage.at('unserved'), '--self-check', 'off');
  expect(errorCodes(result), result.stderr).toEqual(['acme-authorization-failed']);
  expect(result.code).toBe(1);
  expect(snapshot(place)).toEqual(before);
});
