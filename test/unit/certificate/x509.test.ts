import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyMatches, publicKeyMatches, readCertificate, topmostIssuer } from '../../../src-node/certificate/x509.js';
import { runOrThrow } from '../../support/child.js';
import { selfSigned } from '../../support/self-signed.js';
import { testCertificate } from '../../support/test-certificate.js';
import { temporaryDirectory } from '../../support/temporary.js';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

describe('readCertificate', () => {
  it('reads what openssl says of the same certificate', async () => {
    const names = ['DNS:a.example', 'DNS:*.b.example', 'IP:192.0.2.1', 'IP:2001:db8::1', 'email:a@b.example'];
    const { certFile } = await selfSigned(directory.path, 'a', names);
    const info = readCertificate(readFileSync(certFile, 'utf8'));
    const openssl = async (...args: string[]): Promise<string> =>
      (await runOrThrow('openssl', ['x509', '-in', certFile, '-noout', ...args])).trim().replace(/^.*?=/, '');
    expect(info.names).toEqual(['a.example', '*.b.example', '192.0.2.1', '2001:db8::1']);
    expect(info.serial).toBe((await openssl('-serial')).toLowerCase());
    expect(info.fingerprint).toBe(await openssl('-fingerprint', '-sha256'));
    expect(info.notBefore).toBe(Date.parse(await openssl('-startdate')));
    expect(info.notAfter).toBe(Date.parse(await openssl('-enddate')));
    expect(info.keyType).toBe('ecdsa');
    expect(info.issuer).toBe('CN=a');
  });

  it('reads dates to the second, of a far year too', async () => {
    const [notBefore, notAfter] = [Date.UTC(2026, 1, 3, 4, 5, 6), Date.UTC(2056, 11, 31, 23, 59, 59)];
    const { leaf } = await testCertificate({ names: ['a.example'], notBefore, notAfter });
    expect(readCertificate(leaf)).toMatchObject({ notBefore, notAfter });
  });

  it('reads a certificate without names, and one for an RSA key', async () => {
    const { leaf } = await testCertificate({ names: [], keySpecification: { type: 'rsa', size: 2048 } });
    expect(readCertificate(leaf)).toMatchObject({ names: [], keyType: 'rsa', issuer: 'CN=Test Issuer, O=Loopback' });
  });

  it('reads the first of a chain', async () => {
    const { chain } = await testCertificate({ names: ['a.example'] });
    expect(readCertificate(chain).names).toEqual(['a.example']);
  });

  it.each(['', 'garbage', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'throws for %j',
    (text) => {
      expect(() => readCertificate(text)).toThrow();
    },
  );
});

describe('keyMatches', () => {
  it('is true for its own key alone, and false for what is none', async () => {
    const [one, other] = [await testCertificate({ names: ['a.example'] }), await testCertificate({ names: [] })];
    expect(keyMatches(one.leaf, one.privateKey)).toBe(true);
    expect(keyMatches(one.leaf, other.privateKey)).toBe(false);
    expect(keyMatches(one.leaf, 'garbage')).toBe(false);
    expect(keyMatches('garbage', one.privateKey)).toBe(false);
  });
});

describe('publicKeyMatches', () => {
  it('is true for the key of the certificate alone', async () => {
    const [one, other] = [await testCertificate({ names: ['a.example'] }), await testCertificate({ names: [] })];
    const publicKey = (privateKey: string): string =>
      createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
    expect(publicKeyMatches(one.leaf, publicKey(one.privateKey))).toBe(true);
    expect(publicKeyMatches(one.leaf, publicKey(other.privateKey))).toBe(false);
    expect(publicKeyMatches(one.leaf, 'garbage')).toBe(false);
  });
});

describe('topmostIssuer', () => {
  it("is the CN of the last certificate's issuer", async () => {
    const { leaf, chain } = await testCertificate({ names: ['a.example'] });
    const { certFile } = await selfSigned(directory.path, 'Root, "X" = 1', ['DNS:root.example']);
    expect(topmostIssuer(chain)).toBe('Test Issuer');
    expect(topmostIssuer(leaf + readFileSync(certFile, 'utf8'))).toBe('Root, "X" = 1');
  });

  it('is undefined where there is none', async () => {
    await runOrThrow('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/O=Org'],
      ...['-keyout', '/dev/null', '-out', `${directory.path}/unnamed.crt`],
    ]);
    expect(topmostIssuer(readFileSync(`${directory.path}/unnamed.crt`, 'utf8'))).toBeUndefined();
    expect(topmostIssuer('garbage')).toBeUndefined();
  });
});
