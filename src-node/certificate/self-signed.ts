import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509';
import { webKeys } from './web-keys.js';

export interface SelfSignedDates {
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

export interface SelfSignedContent extends SelfSignedDates {
  /** Its CN and only alternative name: a DNS name. */
  readonly name: string;
  /** PEM. */
  readonly privateKey: string;
}

/** A server's certificate that is signed by its own key, as PEM. */
export async function createSelfSigned(content: SelfSignedContent): Promise<string> {
  return await signBySelf(content, {
    subject: `CN=${content.name}`,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: content.name }]),
    ],
  });
}

/** What is certified, signed by the very key of `content`, as PEM. */
export async function signBySelf(
  { privateKey, notBefore, notAfter }: SelfSignedDates & { readonly privateKey: string },
  { subject, extensions }: { readonly subject: string; readonly extensions: Extension[] },
): Promise<string> {
  const { pair, signing } = await webKeys(privateKey);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: subject,
      notBefore: new Date(notBefore),
      notAfter: new Date(notAfter),
      keys: pair,
      signingAlgorithm: signing,
      extensions,
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** RFC 5280 section 4.1.2.2: positive, at most 20 octets. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
