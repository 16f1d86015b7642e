import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { pemBlocks } from './chain.js';
import { canonicalIp } from './ip-address.js';
import { ocspUrlOf } from './ocsp-url.js';

/** What the project looks at in a certificate. Never its CN: it may be missing. */
export interface CertificateInfo {
  /** DNS names and IP addresses of the subjectAltName extension, in their order; addresses as `canonicalIp` has them. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** Lower-case hex. */
  readonly serial: string;
  /** The issuer's distinguished name, one `KEY=value` after the other. */
  readonly issuer: string;
  /** SHA-256 of the DER, upper-case hex with colons. */
  readonly fingerprint: string;
  readonly keyType: 'ecdsa' | 'rsa' | 'other';
  /** Where to ask whether it is revoked; many CAs have no such place any more. */
  readonly ocspUrl: string | undefined;
}

/** @throws where `pem` is not a certificate. */
export function readCertificate(pem: string): CertificateInfo {
  const certificate = new X509Certificate(pem);
  const type = certificate.publicKey.asymmetricKeyType;
  return {
    names: alternativeNames(certificate.subjectAltName ?? ''),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    serial: certificate.serialNumber.toLowerCase(),
    issuer: certificate.issuer.split('\n').join(', '),
    fingerprint: certificate.fingerprint256,
    keyType: type === 'ec' ? 'ecdsa' : type === 'rsa' ? 'rsa' : 'other',
    ocspUrl: ocspUrlOf(certificate),
  };
}

/** True when the key is the one that the certificate was issued for; false also for a key that cannot be read. */
export function keyMatches(certificatePem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

/** As `keyMatches`, for the SubjectPublicKeyInfo of a request. */
export function publicKeyMatches(certificatePem: string, publicKeyPem: string): boolean {
  try {
    return new X509Certificate(certificatePem).publicKey.equals(createPublicKey(publicKeyPem));
  } catch {
    return false;
  }
}

/** CN of the issuer of a chain's last certificate, which is what a preferred chain is chosen by. */
export function topmostIssuer(chain: string): string | undefined {
  const last = pemBlocks(chain, 'CERTIFICATE').at(-1);
  if (last === undefined) return undefined;
  try {
    const issuer = new X509Certificate(last).toLegacyObject().issuer as { readonly CN?: string | readonly string[] };
    return typeof issuer.CN === 'string' ? issuer.CN : issuer.CN?.[0];
  } catch {
    return undefined;
  }
}

function alternativeNames(extension: string): readonly string[] {
  return extension
    .split(', ')
    .map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1])
    .filter((name) => name !== undefined)
    .map((name) => canonicalIp(name) ?? name);
}
