import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createCsr } from '../../../src-node/certificate/csr.js';
import {
  ellipticCurves,
  generatePrivateKey,
  type KeySpecification,
} from '../../../src-node/certificate/private-key.js';
import { run } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

const specifications: readonly (readonly [string, KeySpecification, string])[] = [
  ...ellipticCurves.map((curve) => [curve, { type: 'ecdsa', curve }, 'ecdsa-with-SHA'] as const),
  ['RSA 2048', { type: 'rsa', size: 2048 }, 'sha256WithRSAEncryption'],
  ['RSA 3072', { type: 'rsa', size: 3072 }, 'sha256WithRSAEncryption'],
];

it.each(specifications)('openssl verifies a request of %s', async (_, specification, algorithm) => {
  const directory = temporaryDirectory();
  try {
    const names = ['a.example', '*.b.example', `${'x'.repeat(63)}.${'y'.repeat(63)}.example`, 'xn--bcher-kva.example'];
    const key = await generatePrivateKey(specification);
    const file = join(directory.path, 'csr.der');
    writeFileSync(file, await createCsr(names, key));
    const { code, stdout, stderr } = await run('openssl', [
      ...['req', '-in', file, '-inform', 'DER', '-verify', '-noout', '-text', '-pubkey'],
    ]);
    expect(code, stderr).toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/verify OK/);
    expect(stdout).toMatch(new RegExp(`Signature Algorithm: ${algorithm}`));
    expect(stdout).toMatch(/^ *Subject: *$/m);
    expect(stdout).toContain(names.map((name) => `DNS:${name}`).join(', '));
    expect(stdout).toContain(createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString());
  } finally {
    directory.remove();
  }
});

it('takes a key as openssl writes it of old', async () => {
  const { stdout } = await run('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout']);
  expect(stdout).toContain('BEGIN EC PRIVATE KEY');
  await expect(createCsr(['a.example'], stdout)).resolves.toBeInstanceOf(Buffer);
});

it('refuses what is no key', async () => {
  await expect(createCsr(['a.example'], 'garbage')).rejects.toThrow();
});
