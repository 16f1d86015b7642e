import { describe, expect, it } from 'vitest';
import { describePrivateKey, generatePrivateKey, readPrivateKey } from '../../../src-node/certificate/private-key.js';
import { runOrThrow } from '../../support/child.js';

const described = async (key: string): Promise<string> =>
  await runOrThrow('openssl', ['pkey', '-noout', '-text', '-check'], { input: key });

it.each([
  ['secp256r1', 'prime256v1'],
  ['secp384r1', 'secp384r1'],
  ['secp521r1', 'secp521r1'],
] as const)('makes an EC key of %s', async (curve, name) => {
  const key = await generatePrivateKey({ type: 'ecdsa', curve });
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(await described(key)).toContain(`ASN1 OID: ${name}`);
  expect(describePrivateKey(key)).toEqual({ type: 'ecdsa', curve });
});

it.each([2048, 3072, 4096])('makes an RSA key of %d bits', async (size) => {
  const key = await generatePrivateKey({ type: 'rsa', size });
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(await described(key)).toContain(`(${size} bit`);
  expect(describePrivateKey(key)).toEqual({ type: 'rsa', size });
});

it('makes another one each time', async () => {
  const make = async (): Promise<string> => await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });
  expect(await make()).not.toBe(await make());
});

it('describes no key of a kind that is not made', async () => {
  expect(describePrivateKey(await runOrThrow('openssl', ['genpkey', '-algorithm', 'ed25519']))).toBeUndefined();
});

describe('readPrivateKey', () => {
  const openssl = async (...args: readonly string[]): Promise<string> => await runOrThrow('openssl', args);

  it('makes PKCS#8 of every form', async () => {
    const old = await openssl('ecparam', '-name', 'secp384r1', '-genkey', '-noout');
    expect(readPrivateKey(old, 'key.pem')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const rsa = await runOrThrow('openssl', ['rsa', '-traditional'], { input: await openssl('genrsa', '2048') });
    expect(rsa).toContain('BEGIN RSA PRIVATE KEY');
    expect(await described(readPrivateKey(rsa, 'key.pem'))).toContain('(2048 bit');
  });

  it('refuses what a passphrase protects, and what is no key', async () => {
    const curve = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const locked = await openssl('genpkey', ...curve, '-aes256', '-pass', 'pass:x');
    for (const pem of [locked, 'garbage', '']) {
      const sentence = expect.stringContaining('/x/key.pem') as string;
      expect(() => readPrivateKey(pem, '/x/key.pem')).toThrow(
        expect.objectContaining({ code: 'key-unreadable', message: sentence }),
      );
    }
  });
});
