import { createPublicKey, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { generatePrivateKey, type KeySpecification } from '../../../src-node/certificate/private-key.js';
import { createSelfSigned } from '../../../src-node/certificate/self-signed.js';
import { runOrThrow } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

const directory = temporaryDirectory();
afterAll(directory.remove);

const name = 'self.signed.invalid';
const [notBefore, notAfter] = [Date.UTC(2026, 4, 1, 12), Date.UTC(2051, 4, 1, 12)];

async function selfSigned(specification: KeySpecification): Promise<readonly [pem: string, privateKey: string]> {
  const privateKey = await generatePrivateKey(specification);
  return [await createSelfSigned({ name, privateKey, notBefore, notAfter }), privateKey];
}

describe('createSelfSigned', () => {
  it.each<KeySpecification>([
    { type: 'ecdsa', curve: 'secp256r1' },
    { type: 'ecdsa', curve: 'secp384r1' },
    { type: 'rsa', size: 2048 },
  ])("makes a server's certificate that openssl takes: %o", async (specification) => {
    const [pem, privateKey] = await selfSigned(specification);
    const file = join(directory.path, 'made.pem');
    writeFileSync(file, pem);
    await runOrThrow('openssl', [
      ...['verify', '-x509_strict', '-partial_chain', '-trusted', file, '-attime', String(notBefore / 1000 + 1)],
      ...['-purpose', 'sslserver', '-verify_hostname', name, file],
    ]);
    const made = new X509Certificate(pem);
    expect(made.publicKey.equals(createPublicKey(privateKey))).toBe(true);
    expect(made.verify(made.publicKey)).toBe(true);
    expect([made.subject, made.issuer, made.subjectAltName]).toEqual([`CN=${name}`, `CN=${name}`, `DNS:${name}`]);
    expect([Date.parse(made.validFrom), Date.parse(made.validTo)]).toEqual([notBefore, notAfter]);
    expect(made.ca).toBe(false);
  });

  it('gives each a number of its own, positive and of at most 20 octets', async () => {
    const numbers = new Set<string>();
    for (let turn = 0; turn < 20; turn++) {
      const [pem] = await selfSigned({ type: 'ecdsa', curve: 'secp256r1' });
      numbers.add(new X509Certificate(pem).serialNumber);
    }
    expect(numbers.size).toBe(20);
    for (const number of numbers) expect(number).toMatch(/^[4-7][0-9A-F]{31}$/);
  });
});
