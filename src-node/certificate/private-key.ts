import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

export const ellipticCurves = ['secp256r1', 'secp384r1', 'secp521r1'] as const;
export type EllipticCurve = (typeof ellipticCurves)[number];

/** The kind of a certificate's private key. */
export type KeySpecification =
  | { readonly type: 'ecdsa'; readonly curve: EllipticCurve }
  | { readonly type: 'rsa'; /** Bits of the modulus. */ readonly size: number };

const opensslCurves: Readonly<Record<EllipticCurve, string>> = {
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

/** A new private key as PKCS#8 PEM. */
export async function generatePrivateKey(specification: KeySpecification): Promise<string> {
  const generate = promisify(generateKeyPair);
  const pair =
    specification.type === 'rsa'
      ? await generate('rsa', { modulusLength: specification.size })
      : await generate('ec', { namedCurve: opensslCurves[specification.curve] });
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
