import { createPublicKey, webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { generatePrivateKey, type KeySpecification } from '../../src-node/certificate/private-key.js';

export interface TestCertificate {
  /** PEM, leaf first, an intermediate after it. */
  readonly chain: string;
  readonly leaf: string;
  readonly intermediates: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
}

export interface TestCertificateOptions {
  readonly names: readonly string[];
  /** The key that the certificate is for; a new P-256 one unless given. */
  readonly privateKey?: string;
  readonly keySpecification?: KeySpecification;
  /** DER of a request whose key the certificate is for. */
  readonly csr?: Buffer;
  /** Milliseconds since 1970, whole seconds; a lifetime of 90 days that began at 2026-01-01 unless given. */
  readonly notBefore?: number;
  readonly notAfter?: number;
}

export const day = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const issuer = webcrypto.subtle.generateKey(signing, true, ['sign', 'verify']);

async function certify(options: TestCertificateOptions, publicKey: webcrypto.CryptoKey, cn: string): Promise<string> {
  const { notBefore = start, notAfter = start + 90 * day, names } = options;
  const keys = await issuer;
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
        .toString('hex')
        .replace(/^./, '4'),
      subject: cn === '' ? '' : `CN=${cn}`,
      issuer: 'CN=Test Issuer, O=Loopback',
      notBefore: new Date(notBefore),
      notAfter: new Date(notAfter),
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: signing,
      extensions:
        names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** A certificate with a chain, signed by an authority of this process. */
export async function testCertificate(options: TestCertificateOptions): Promise<TestCertificate> {
  const { keySpecification = { type: 'ecdsa', curve: 'secp256r1' } } = options;
  const privateKey = options.privateKey ?? (await generatePrivateKey(keySpecification));
  const key =
    options.csr === undefined
      ? createPublicKey(privateKey)
      : createPublicKey(new Pkcs10CertificateRequest(options.csr).publicKey.toString('pem'));
  const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: curves[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'P-256' };
  const spki = key.export({ type: 'spki', format: 'der' });
  const publicKey = await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']);
  const leaf = await certify(options, publicKey, '');
  const intermediates = await certify({ names: [] }, (await issuer).publicKey, 'Test Issuer');
  return { chain: leaf + intermediates, leaf, intermediates, privateKey };
}
