import { X509Certificate } from 'node:crypto';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/child.js';
import { servedCertificate } from '../support/haproxy.js';
import { challengeDirectory } from '../support/lua-service.js';
import { loopback } from '../support/loopback.js';
import { errorCodes } from '../support/report.js';
import { isRoot, startStage, type Stage } from '../support/stage.js';

let stage: Stage;
// Only root can have HAProxy give up its own rights, as its packages do.
beforeAll(async () => {
  stage = await startStage({ global: isRoot ? ['user haproxy', 'group haproxy'] : [] });
});
afterAll(async () => await stage.stop());

const live = (certName: string, file: string): string => join(stage.configDir, 'live', certName, file);
const stored = (certName: string): X509Certificate => new X509Certificate(readFileSync(live(certName, 'cert.pem')));
const mode = (path: string): number => statSync(path).mode & 0o777;

describe('certonly for several names', () => {
  it('serves the new certificate, without a reload', async () => {
    const before = stage.pid();
    await stage.ordered(['shop.test', 'www.shop.test']);
    const served = await servedCertificate(loopback, stage.httpsPort, 'www.shop.test');
    expect(served.fingerprint).toBe(stage.stored('shop.test'));
    expect(served.subjectAltName).toBe('DNS:shop.test, DNS:www.shop.test');
    expect([stage.pid(), stage.processes()]).toEqual([before, [before]]);
  });

  it('leaves nothing of the challenges in the webroot', () => {
    expect(readdirSync(stage.webroot)).toEqual([]);
  });

  it('gives HAProxy a bundle of certificate, chain and key that nobody else may read', () => {
    const bundle = stage.bundle('shop.test');
    const [fullchain, key] = ['fullchain.pem', 'privkey.pem'].map((file) =>
      readFileSync(live('shop.test', file), 'utf8'),
    );
    expect(readFileSync(bundle, 'utf8')).toBe(`${fullchain ?? ''}${key ?? ''}`);
    expect(mode(bundle)).toBe(0o600);
    expect(readdirSync(stage.certDir)).toEqual(['shop.test.pem']);
  });
});

describe('the configuration directory', () => {
  it("has certbot's layout, links and modes", async () => {
    const { stdout } = await run('find', [
      stage.configDir,
      '-mindepth',
      '1',
      '-not',
      '-path',
      '*/accounts/*',
      '-printf',
      '%P %m %l\n',
    ]);
    expect(stdout.split('\n').slice(0, -1).sort()).toEqual(
      [
        'accounts 700 ',
        'archive 700 ',
        'archive/shop.test 755 ',
        'archive/shop.test/cert1.pem 644 ',
        'archive/shop.test/chain1.pem 644 ',
        'archive/shop.test/fullchain1.pem 644 ',
        'archive/shop.test/privkey1.pem 600 ',
        'live 700 ',
        'live/README 644 ',
        'live/shop.test 755 ',
        'live/shop.test/README 644 ',
        'live/shop.test/cert.pem 777 ../../archive/shop.test/cert1.pem',
        'live/shop.test/chain.pem 777 ../../archive/shop.test/chain1.pem',
        'live/shop.test/fullchain.pem 777 ../../archive/shop.test/fullchain1.pem',
        'live/shop.test/privkey.pem 777 ../../archive/shop.test/privkey1.pem',
        'renewal 755 ',
        'renewal-hooks 755 ',
        'renewal-hooks/deploy 755 ',
        'renewal-hooks/post 755 ',
        'renewal-hooks/pre 755 ',
        'renewal/shop.test.conf 644 ',
      ].sort(),
    );
  });

  it('is read by certbot', async () => {
    const paths = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(kind)]);
    const { stdout } = await run('certbot', ['certificates', ...paths]);
    expect(stdout).toMatch(/Certificate Name: shop\.test[^]*Domains: shop\.test www\.shop\.test[^]*\(VALID: /);
  });

  it('holds a P-256 key that fits the certificate', () => {
    const { publicKey } = stored('shop.test');
    expect(publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
  });
});

describe('the account', () => {
  const accountFiles = (): readonly string[] =>
    readdirSync(join(stage.configDir, 'accounts'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.json'),
    );

  it('is made once and used again for the next certificate', async () => {
    const files = accountFiles();
    expect(files).toHaveLength(3);
    const key = files.find((path) => path.endsWith('private_key.json')) ?? '';
    expect(mode(join(stage.configDir, 'accounts', key))).toBe(0o400);
    await stage.ordered(['second.test']);
    expect(accountFiles()).toEqual(files);
    expect(stage.pebble.output().split('POST /sign-me-up')).toHaveLength(2);
    for (const name of ['shop.test', 'second.test']) {
      expect(readFileSync(stage.renewalConf(name), 'utf8')).toContain(`account = ${key.split('/').at(-2) ?? '?'}`);
    }
  });
});

describe('the key and the names', () => {
  it('makes an RSA key when asked to, of the size asked for', async () => {
    await stage.ordered(['rsa.test'], ['--key-type', 'rsa', '--rsa-key-size', '3072']);
    expect(stored('rsa.test').publicKey).toMatchObject({ asymmetricKeyType: 'rsa' });
    expect(stored('rsa.test').publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 3072 });
    expect(await stage.served('rsa.test')).toBe(stage.stored('rsa.test'));
  });

  it('orders an internationalized name in punycode', async () => {
    await stage.ordered(['Bücher.test']);
    expect(stored('xn--bcher-kva.test').subjectAltName).toBe('DNS:xn--bcher-kva.test');
    expect(await stage.served('xn--bcher-kva.test')).toBe(stage.stored('xn--bcher-kva.test'));
  });
});

describe('certonly again', () => {
  it('keeps a certificate for the same names that is not due, and leaves HAProxy alone', async () => {
    const [orders, pid] = [stage.orders(), stage.pid()];
    const result = await stage.ordered(['www.shop.test', 'shop.test']);
    expect(result.code).toBe(0);
    expect([stage.orders(), stage.pid(), stage.version('shop.test')]).toEqual([orders, pid, 1]);
  });

  it('orders it anew by --force-renewal', async () => {
    const first = stage.stored('shop.test');
    await stage.ordered(['shop.test', 'www.shop.test'], ['--force-renewal']);
    expect(stage.version('shop.test')).toBe(2);
    expect(stage.stored('shop.test')).not.toBe(first);
    expect(await stage.served('shop.test')).toBe(stage.stored('shop.test'));
  });

  it('adds names to a lineage by --expand alone', async () => {
    const names = ['shop.test', 'www.shop.test', 'api.shop.test'];
    const refused = await stage.order(names);
    expect(refused.code).toBe(1);
    expect(errorCodes(refused)).toEqual(['names-differ']);
    expect(stage.version('shop.test')).toBe(2);
    await stage.ordered(names, ['--expand']);
    expect(stage.version('shop.test')).toBe(3);
    const served = await servedCertificate(loopback, stage.httpsPort, 'api.shop.test');
    expect(served.subjectAltName).toBe('DNS:shop.test, DNS:www.shop.test, DNS:api.shop.test');
  });
});

describe('the challenge file', () => {
  it("is readable by HAProxy's user under a umask that would hide it", async () => {
    const by = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
    const result = await stage.order(['umask.test'], [], { by });
    expect(result, result.stderr).toMatchObject({ code: 0 });
  });

  it('appears whole and readable by all, beside the files of others, and is gone afterwards', async () => {
    const directory = challengeDirectory(stage.webroot);
    mkdirSync(directory, { recursive: true });
    const seen = new Map<string, string>();
    let running = true;
    const watch = async (): Promise<void> => {
      while (running) {
        for (const file of readdirSync(directory).filter((entry) => !entry.startsWith('.'))) look(file);
        await new Promise((next) => setImmediate(next));
      }
    };
    const look = (file: string): void => {
      try {
        const fd = openSync(join(directory, file), 'r');
        seen.set(`${file} ${readFileSync(fd, 'utf8')}`, (fstatSync(fd).mode & 0o777).toString(8));
        closeSync(fd);
      } catch (error) {
        // It may be withdrawn between the listing and the opening.
        expect(error).toMatchObject({ code: 'ENOENT' });
      }
    };
    const watching = watch();
    await stage.ordered(['watched.test']).finally(() => (running = false));
    await watching;
    const published = [...seen].filter(([text]) => !text.startsWith('probe-'));
    expect(published).toHaveLength(1);
    const [text = '', bits] = published[0] ?? [];
    expect(text).toMatch(/^([A-Za-z0-9_-]+) \1\.[A-Za-z0-9_-]{43}$/);
    expect(bits).toBe('644');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is gone after a failed validation too, with the directories that were made for it', async () => {
    mkdirSync(stage.at('elsewhere'));
    const result = await stage.order(
      ['lost.test'],
      ['-w', stage.at('elsewhere'), '-d', 'lost2.test', '--haproxy-cert-dir', stage.certDir, '--self-check', 'off'],
    );
    expect(result.code).toBe(1);
    expect(errorCodes(result)).toEqual(['acme-authorization-failed']);
    expect(readdirSync(stage.at('elsewhere'))).toEqual([]);
    expect(readdirSync(challengeDirectory(stage.webroot))).toEqual([]);
    expect(existsSync(stage.renewalConf('lost.test'))).toBe(false);
  });
});
