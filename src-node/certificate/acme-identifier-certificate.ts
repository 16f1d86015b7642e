import { Extension, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { acmeIdentifierOid } from './acme-identifier.js';
import { canonicalIp } from './ip-address.js';
import { signBySelf, type SelfSignedDates } from './self-signed.js';

export interface AcmeIdentifierContent extends SelfSignedDates {
  /** The DNS name, or the IP address, whose control is shown. */
  readonly name: string;
  /** As `acmeIdentifierDigest` has it. */
  readonly digest: string;
  /** PEM. */
  readonly privateKey: string;
}

/** The certificate that answers a tls-alpn-01 challenge (RFC 8737 section 3, RFC 8738 section 6), as PEM. */
export async function createAcmeIdentifierCertificate(content: AcmeIdentifierContent): Promise<string> {
  const address = canonicalIp(content.name);
  const octets = Buffer.from(content.digest, 'hex');
  return await signBySelf(content, {
    // A CN has 64 characters at most, a name may have more.
    subject: 'CN=tls-alpn-01',
    extensions: [
      new SubjectAlternativeNameExtension([
        address === undefined ? { type: 'dns', value: content.name } : { type: 'ip', value: address },
      ]),
      // Its value is an OCTET STRING: tag 4, length 32.
      new Extension(acmeIdentifierOid, true, Buffer.concat([Buffer.from([0x04, octets.length]), octets])),
    ],
  });
}
