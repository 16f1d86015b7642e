import { createPublicKey, webcrypto, type KeyObject } from 'node:crypto';
import {
  Extension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';
import { CertificateError } from './certificate-error.js';
import { canonicalIp } from './ip-address.js';
import { webKeys } from './web-keys.js';

export interface CsrContent {
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  /** PEM. */
  readonly privateKey: string;
  /** Asks for a certificate that counts only with an OCSP response beside it (RFC 7633). */
  readonly mustStaple: boolean;
}

/** RFC 7633 section 6: a SEQUENCE of the one TLS extension status_request (5). */
const mustStapleExtension = { oid: '1.3.6.1.5.5.7.1.24', value: Buffer.from('3003020105', 'hex') };

/**
 * A certificate signing request (RFC 2986) as DER. Its subject is empty: CAs take the names from the subjectAltName
 * extension alone, and a CN is limited to 64 characters.
 */
export async function createCsr({ names, privateKey, mustStaple }: CsrContent): Promise<Buffer> {
  const keys = await webKeys(privateKey);
  const { oid, value } = mustStapleExtension;
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      keys: keys.pair,
      signingAlgorithm: keys.signing,
      extensions: [
        new SubjectAlternativeNameExtension(names.map(alternativeName)),
        ...(mustStaple ? [new Extension(oid, false, value)] : []),
      ],
    },
    webcrypto,
  );
  return Buffer.from(request.rawData);
}

function alternativeName(name: string): { readonly type: 'dns' | 'ip'; readonly value: string } {
  const address = canonicalIp(name);
  return address === undefined ? { type: 'dns', value: name } : { type: 'ip', value: address };
}

/** A request that the user has made. */
export interface Csr {
  readonly der: Buffer;
  /** The subject's CN where there is one, then DNS names and IP addresses of the subjectAltName extension. */
  readonly names: readonly string[];
  /** SubjectPublicKeyInfo as PEM. */
  readonly publicKey: string;
}

/**
 * Reads a certificate signing request of DER or PEM.
 * @param file where it came from, for the error's sentence.
 * @throws CertificateError `csr-unreadable`, or `csr-signature` where it is not signed by the key that it holds.
 */
export async function readCsr(content: Buffer, file: string): Promise<Csr> {
  const unreadable = (reason: string, cause?: unknown): CertificateError =>
    new CertificateError('csr-unreadable', `${file} is not a certificate signing request: ${reason}.`, cause);
  const der = requestDer(content, unreadable);
  let request: Pkcs10CertificateRequest;
  let publicKey: KeyObject;
  let names: readonly string[];
  try {
    request = new Pkcs10CertificateRequest(der);
    publicKey = createPublicKey(request.publicKey.toString('pem'));
    names = requestedNames(request);
  } catch (error) {
    throw unreadable('it cannot be decoded', error);
  }
  const signed = await request.verify(webcrypto).catch(() => false);
  if (!signed) throw new CertificateError('csr-signature', `${file} is not signed by the key that it is for.`);
  return { der, names, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

const requestBlock = /-----BEGIN (NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END \1CERTIFICATE REQUEST-----/;

function requestDer(content: Buffer, unreadable: (reason: string) => CertificateError): Buffer {
  const text = content.toString('latin1');
  const block = requestBlock.exec(text)?.[2];
  if (block !== undefined) return Buffer.from(block, 'base64');
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  if (label === undefined) return content;
  throw unreadable(text.includes('ENCRYPTED') ? 'it is encrypted' : `it holds a ${label}`);
}

function requestedNames(request: Pkcs10CertificateRequest): readonly string[] {
  const extensions = request.extensions.filter((extension) => extension instanceof SubjectAlternativeNameExtension);
  const alternative = extensions.flatMap(({ names }) => names.items);
  const all = [
    ...request.subjectName.getField('CN'),
    ...alternative.filter(({ type }) => type === 'dns').map(({ value }) => value),
    ...alternative.filter(({ type }) => type === 'ip').map(({ value }) => value),
  ];
  return [...new Set(all.map((name) => canonicalIp(name) ?? name.toLowerCase()))];
}
