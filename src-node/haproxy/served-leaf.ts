import type { X509Certificate } from 'node:crypto';
import { readCertificate } from '../certificate/x509.js';

/** A certificate that is served, in words fit for a message. */
export interface ServedLeaf {
  /** SHA-256 of the DER, upper-case hex with colons. */
  readonly fingerprint: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** Its CN, or its first alternative name. */
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** @throws where it cannot be read. */
export function readLeaf(certificate: X509Certificate): ServedLeaf {
  const { fingerprint, serial, names, notAfter } = readCertificate(certificate.toString());
  const subject = commonName(certificate.subject) ?? names[0] ?? 'a certificate without a name';
  const issuer = commonName(certificate.issuer) ?? certificate.issuer.split('\n').join(', ');
  return { fingerprint, serial, subject: clean(subject), issuer: clean(issuer), notAfter };
}

/** From a distinguished name as node has it, one `KEY=value` a line. */
function commonName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : /^CN=(.+)$/m.exec(name)?.[1];
}

/** What others have written may hold line ends and orders to the terminal. */
export function clean(text: string): string {
  const shown = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return shown.length > 120 ? `${shown.slice(0, 119)}…` : shown;
}
