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

/** The kind of a private key; undefined for one of no kind that is made here. */
export function describePrivateKey(pem: string): KeySpecification | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPrivateKey(pem);
  if (type === 'rsa' && details?.modulusLength !== undefined) return { type, size: details.modulusLength };
  // OpenSSL's name of P-256.
  const name = details?.namedCurve === 'prime256v1' ? 'secp256r1' : details?.namedCurve;
  const curve = ellipticCurves.find((known) => known === name);
  return curve === undefined ? undefined : { type: 'ecdsa', curve };
}

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
