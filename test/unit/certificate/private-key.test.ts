import { expect, it } from 'vitest';
import { generatePrivateKey } from '../../../src-node/certificate/private-key.js';
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
});

it.each([2048, 3072, 4096])('makes an RSA key of %d bits', async (size) => {
  const key = await generatePrivateKey({ type: 'rsa', size });
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(await described(key)).toContain(`(${size} bit`);
});

it('makes another one each time', async () => {
  const make = async (): Promise<string> => await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });
  expect(await make()).not.toBe(await make());
});
