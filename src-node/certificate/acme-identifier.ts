import { createHash } from 'node:crypto';
import { canonicalIp } from './ip-address.js';
import { readCertificate } from './x509.js';

/** RFC 8737 section 6.2: the protocol that client and server agree on by ALPN. */
export const acmeTlsProtocol = 'acme-tls/1';

/** RFC 8737 section 6.1: id-pe-acmeIdentifier. */
export const acmeIdentifierOid = '1.3.6.1.5.5.7.1.31';

/** What a certificate shows that answers tls-alpn-01. */
export interface AcmeIdentifier {
  /** Of its subjectAltName; RFC 8737 section 3 wants exactly one. */
  readonly names: readonly string[];
  /** As `acmeIdentifierDigest` has it. */
  readonly digest: string;
}

/** What the certificate has to hold: SHA-256 of the key authorization, in lower-case hex. */
export function acmeIdentifierDigest(keyAuthorization: string): string {
  return createHash('sha256').update(keyAuthorization).digest('hex');
}

/**
 * The SNI by which a CA asks: the DNS name, or for an IP address the name that its reverse lookup has, since SNI takes no
 * addresses (RFC 8738 section 6).
 */
export function acmeServerName(name: string): string {
  const address = canonicalIp(name);
  if (address === undefined) return name.toLowerCase();
  if (!address.includes(':')) return `${address.split('.').toReversed().join('.')}.in-addr.arpa`;
  return `${(nibbles(address).match(/./g) ?? []).toReversed().join('.')}.ip6.arpa`;
}

/** The 32 hexadecimal digits of an IPv6 address as RFC 5952 has it. */
function nibbles(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = (part: string): readonly string[] =>
    part === '' ? [] : part.split(':').map((group) => group.padStart(4, '0'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0000'), ...last].join('');
}

/**
 * id-pe-acmeIdentifier as it stands in a certificate (RFC 8737 section 3): its OID, critical, and in the extension's value
 * an OCTET STRING of the 32 bytes that follow.
 */
const encodedExtension = Buffer.from('06082b0601050507011f0101ff04220420', 'hex');

/** What a certificate shows; undefined where it answers no tls-alpn-01, or is none. */
export function readAcmeIdentifier(der: Buffer): AcmeIdentifier | undefined {
  const at = der.indexOf(encodedExtension);
  const start = at + encodedExtension.length;
  // Twice: one of them is not the extension.
  if (at < 0 || der.includes(encodedExtension, start) || der.length < start + 32) return undefined;
  try {
    return { names: readCertificate(pemOf(der)).names, digest: der.toString('hex', start, start + 32) };
  } catch {
    return undefined;
  }
}

function pemOf(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}
