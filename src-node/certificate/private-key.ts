import { createPrivateKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { CertificateError } from './certificate-error.js';

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

/**
 * A private key of PEM in whichever form (PKCS#8, SEC 1, PKCS#1) as PKCS#8 PEM.
 * @param file where it came from, for the error's sentence.
 * @throws CertificateError `key-unreadable`, also for one that a passphrase protects.
 */
export function readPrivateKey(pem: string, file: string): string {
  if (/ENCRYPTED/.test(pem)) {
    throw new CertificateError('key-unreadable', `${file} holds a private key that a passphrase protects.`);
  }
  try {
    return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch (error) {
    throw new CertificateError('key-unreadable', `${file} holds no private key as PEM.`, error);
  }
}
