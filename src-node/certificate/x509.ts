import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What the project looks at in a certificate. Never its CN: it may be missing. */
export interface CertificateInfo {
  /** DNS names and IP addresses of the subjectAltName extension, in their order. */
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

function alternativeNames(extension: string): readonly string[] {
  return extension
    .split(', ')
    .map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1])
    .filter((name) => name !== undefined);
}
