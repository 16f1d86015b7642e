import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareMachine, fingerprint, type BootstrapJson, type Machine } from '../support/bare-machine.js';
import { servedCertificate, startHaproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { selfSigned, type SelfSigned } from '../support/self-signed.js';
import { snapshot } from '../support/snapshot.js';
import { temporaryDirectory } from '../support/temporary.js';

const directory = temporaryDirectory();
const root = directory.path;
const machine = (): Machine => bareMachine(root);
let own: SelfSigned;
let other: SelfSigned;

beforeAll(async () => {
  own = await selfSigned(root, 'own', ['DNS:own.example.com']);
  other = await selfSigned(root, 'other', ['DNS:other.example.com']);
});
afterAll(directory.remove);

const mode = (path: string): number => statSync(path).mode & 0o7777;

/** Starts HAProxy with the line that was printed, and tells what it serves for the names. */
async function servedBy(bind: string, names: readonly string[]): Promise<readonly string[]> {
  const home = temporaryDirectory();
  const port = await freePort();
  expect(bind).toMatch(/^bind :443 ssl /);
  const haproxy = await startHaproxy(
    home.path,
    [
      'defaults',
      '  mode http',
      '  timeout connect 5s',
      '  timeout client 5s',
      '  timeout server 5s',
      'frontend https',
      `  ${bind.replace(':443', `${loopback}:${port}`)}`,
      '  http-request return status 200',
      '',
    ].join('\n'),
  );
  try {
    const served: string[] = [];
    for (const name of names) served.push((await servedCertificate(loopback, port, name)).fingerprint);
    return served;
  } finally {
    await haproxy.stop();
    home.remove();
  }
}

describe('on a machine without anything', () => {
  it('HAProxy starts with what is made, serves it, and then what comes into the directory', async () => {
    const { at, json } = machine();
    const report = await json();
    expect(report).toMatchObject({
      certDir: { path: at('etc/haproxy/certs'), made: true, files: 0 },
      defaultCert: { path: at('etc/haproxy/default.pem'), made: true, subject: 'haproxy.selfsigned.invalid' },
      crtList: null,
    });
    const made = report.defaultCert.fingerprint;
    expect(await servedBy(report.bind, ['a.example.com'])).toEqual([made]);
    copyFileSync(own.bundleFile, at('etc/haproxy/certs/own.example.com.pem'));
    const served = await servedBy(report.bind, ['own.example.com', 'a.example.com']);
    expect(served).toEqual([fingerprint(own.certFile), made]);
  });

  it('HAProxy starts with a crt-list, serves the default, and then what the list names', async () => {
    const { at, json } = machine();
    const crtList = at('etc/haproxy/crt-list.txt');
    const report = await json(['--haproxy-crt-list', crtList]);
    expect(report.crtList).toEqual({ path: crtList, made: true, lines: 0 });
    expect(readFileSync(crtList, 'utf8')).toBe('');
    const made = report.defaultCert.fingerprint;
    expect(await servedBy(report.bind, ['a.example.com'])).toEqual([made]);
    writeFileSync(crtList, `${own.bundleFile} own.example.com\n`);
    expect(await servedBy(report.bind, ['own.example.com', 'a.example.com'])).toEqual([
      fingerprint(own.certFile),
      made,
    ]);
  });

  it('makes a certificate for ten years, of its own key, for itself alone', async () => {
    const { at, json } = machine();
    const { defaultCert } = await json();
    const pem = readFileSync(at('etc/haproxy/default.pem'), 'utf8');
    const made = new X509Certificate(pem);
    const name = 'haproxy.selfsigned.invalid';
    expect([made.subject, made.issuer, made.subjectAltName]).toEqual([`CN=${name}`, `CN=${name}`, `DNS:${name}`]);
    const key = createPrivateKey(pem);
    expect(key.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
    expect(made.checkPrivateKey(key)).toBe(true);
    expect((Date.parse(made.validTo) - Date.parse(made.validFrom)) / 86_400_000).toBe(3650);
    expect(Math.abs(Date.parse(made.validFrom) - Date.now())).toBeLessThan(60_000);
    expect(Date.parse(defaultCert.notAfter)).toBe(Date.parse(made.validTo));
    expect(defaultCert.fingerprint).toBe(made.fingerprint256);
  });

  it.each(['000', '022', '077'])('gives modes of its own under umask %s', async (umask) => {
    const { at, bootstrap } = machine();
    const list = at('etc/haproxy/list');
    const by = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
    expect(await bootstrap(['--haproxy-crt-list', list], { by })).toMatchObject({ code: 0 });
    expect([mode(at('etc/haproxy/certs')), mode(at('etc/haproxy/default.pem')), mode(list)]).toEqual([
      ...[0o700, 0o600, 0o600],
    ]);
    expect(mode(at('etc/haproxy'))).toBe(umask === '077' ? 0o700 : 0o755);
  });

  it('makes nothing for lineages, logs or locks', async () => {
    const { path, bootstrap } = machine();
    await bootstrap(['--haproxy-crt-list', join(path, 'list')]);
    expect(readdirSync(path).sort()).toEqual(['etc', 'list']);
    expect(readdirSync(join(path, 'etc/haproxy')).sort()).toEqual(['certs', 'default.pem']);
  });

  it('says a line of haproxy.cfg that is right whatever the paths are', async () => {
    for (const name of ['with space', "it's", 'a$HOME', 'num#ber', 'back\\slash', '"quoted" $x', 'ä€']) {
      const { at, json } = machine();
      const args = ['--haproxy-cert-dir', at(`${name}/certs`), '--haproxy-crt-list', at(`${name}/list`)];
      for (const given of [args.slice(0, 2), args]) {
        const { bind, defaultCert } = await json(given);
        expect(await servedBy(bind, ['a.example.com'])).toEqual([defaultCert.fingerprint]);
      }
    }
  });

  it('puts the files where it is told', async () => {
    const { at, json } = machine();
    const file = at('elsewhere/deep/first.pem');
    const { defaultCert } = await json(['--haproxy-default-cert', file]);
    expect(defaultCert).toMatchObject({ path: file, made: true });
    expect(existsSync(at('etc/haproxy/default.pem'))).toBe(false);
  });

  it('takes them from a file of settings too', async () => {
    const { at, bootstrap } = machine();
    writeFileSync(
      at('cli.ini'),
      `haproxy-crt-list = ${at('from/list')}\nhaproxy-default-cert = ${at('from/first.pem')}\n`,
    );
    expect(await bootstrap(['-c', at('cli.ini')])).toMatchObject({ code: 0 });
    expect(readdirSync(at('from')).sort()).toEqual(['first.pem', 'list']);
  });

  it('tells it in a few lines, or not at all', async () => {
    const { at, bootstrap } = machine();
    const { stdout } = await bootstrap();
    for (const path of ['etc/haproxy/certs', 'etc/haproxy/default.pem']) expect(stdout).toContain(at(path));
    expect(stdout).toMatch(/^ {2}bind :443 ssl crt /m);
    expect(await bootstrap(['-q'])).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });
});

describe('what is there', () => {
  it('stays byte for byte, however often it is run', async () => {
    const { path, at, json } = machine();
    const args = ['--haproxy-crt-list', at('etc/haproxy/list')];
    const first = await json(args);
    const before = snapshot(path);
    const { ino, mtimeMs } = statSync(at('etc/haproxy/default.pem'));
    const second = await json(args);
    expect(snapshot(path)).toEqual(before);
    expect(statSync(at('etc/haproxy/default.pem'))).toMatchObject({ ino, mtimeMs });
    expect([second.certDir.made, second.defaultCert.made, second.crtList?.made]).toEqual([false, false, false]);
    expect(second.defaultCert.fingerprint).toBe(first.defaultCert.fingerprint);
    expect(second.bind).toBe(first.bind);
  });

  it("is told, and is the user's", async () => {
    const { path, at, json } = machine();
    mkdirSync(at('etc/haproxy/certs'), { recursive: true });
    chmodSync(at('etc/haproxy/certs'), 0o2750);
    for (const name of ['a.pem', 'b.pem', '.unfinished'])
      copyFileSync(other.bundleFile, at(`etc/haproxy/certs/${name}`));
    copyFileSync(own.bundleFile, at('etc/haproxy/default.pem'));
    chmodSync(at('etc/haproxy/default.pem'), 0o640);
    writeFileSync(at('list'), `# mine\n\n${other.bundleFile} [alpn h2] x.example.com\n  ${own.bundleFile}\n`);
    const before = snapshot(path);
    const report = await json(['--haproxy-crt-list', at('list')]);
    expect(snapshot(path)).toEqual(before);
    expect(report).toMatchObject({
      certDir: { made: false, files: 2 },
      defaultCert: { made: false, subject: 'own', fingerprint: fingerprint(own.certFile) },
      crtList: { made: false, lines: 2 },
    });
  });

  it('is enough where the key lies beside it, as HAProxy reads it', async () => {
    const { at, json } = machine();
    mkdirSync(at('etc/haproxy'), { recursive: true });
    copyFileSync(own.certFile, at('etc/haproxy/default.pem'));
    copyFileSync(own.keyFile, at('etc/haproxy/default.pem.key'));
    const { bind, defaultCert } = await json();
    expect(defaultCert.made).toBe(false);
    expect(await servedBy(bind, ['a.example.com'])).toEqual([fingerprint(own.certFile)]);
  });

  it('may be links', async () => {
    const { at, json } = machine();
    mkdirSync(at('real/certs'), { recursive: true });
    mkdirSync(at('etc/haproxy'), { recursive: true });
    symlinkSync(at('real/certs'), at('etc/haproxy/certs'));
    symlinkSync(own.bundleFile, at('etc/haproxy/default.pem'));
    const { certDir, defaultCert } = await json();
    expect([certDir.made, defaultCert.made]).toEqual([false, false]);
  });
});

describe('several at once', () => {
  it('make each thing once, and all say the same of it', async () => {
    const { at, bootstrap } = machine();
    const results = await Promise.all(
      Array.from({ length: 8 }, async () => await bootstrap(['--haproxy-crt-list', at('etc/haproxy/list'), '--json'])),
    );
    const reports = results.map((result) => {
      expect(result).toMatchObject({ code: 0, stderr: '' });
      return JSON.parse(result.stdout) as BootstrapJson;
    });
    expect(reports.filter(({ defaultCert }) => defaultCert.made)).toHaveLength(1);
    expect(reports.filter(({ crtList }) => crtList?.made === true)).toHaveLength(1);
    const served = fingerprint(at('etc/haproxy/default.pem'));
    for (const { defaultCert } of reports) expect(defaultCert.fingerprint).toBe(served);
    expect(readdirSync(at('etc/haproxy')).sort()).toEqual(['certs', 'default.pem', 'list']);
  });
});
