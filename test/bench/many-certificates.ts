import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

export interface BenchCertificate {
  readonly leaf: string;
  readonly intermediates: string;
  readonly privateKey: string;
  /** All three in one, as HAProxy loads it. */
  readonly bundle: string;
  /** SHA-256 of the leaf, upper-case hex with colons. */
  readonly fingerprint: string;
}

export type CertificateMaker = (name: string) => Promise<BenchCertificate>;

const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const lifetime = 90 * 86_400_000;

/**
 * Certificates that begin today, each with a name and a serial number of its own. They share one key, because to make one
 * takes longer than to sign; HAProxy reads it for each anew.
 */
export async function certificateMaker(): Promise<CertificateMaker> {
  const [own, authority] = [await keyPair(), await keyPair()];
  const privateKey = KeyObject.from(own.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  const notBefore = new Date();
  const notAfter = new Date(notBefore.getTime() + lifetime);
  let serial = 0x40000000;
  const certify = async (name: string, publicKey: webcrypto.CryptoKey, isAuthority: boolean): Promise<string> => {
    serial += 1;
    const certificate = await X509CertificateGenerator.create(
      {
        ...{ serialNumber: serial.toString(16), subject: `CN=${name}`, issuer: 'CN=Bench Issuer', notBefore, notAfter },
        ...{ publicKey, signingKey: authority.privateKey, signingAlgorithm: signing },
        extensions: isAuthority
          ? [new BasicConstraintsExtension(true)]
          : [new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
      },
      webcrypto,
    );
    return `${certificate.toString('pem')}\n`;
  };
  const intermediates = await certify('Bench Issuer', authority.publicKey, true);
  return async (name) => {
    const leaf = await certify(name, own.publicKey, false);
    const bundle = leaf + intermediates + privateKey;
    return { leaf, intermediates, privateKey, bundle, fingerprint: new X509Certificate(leaf).fingerprint256 };
  };
}

async function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(signing, true, ['sign', 'verify']);
}
