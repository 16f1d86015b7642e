import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { BasicOCSPResponse, ResponderID } from '@peculiar/asn1-ocsp';
import { id_kp_OCSPSigning } from '@peculiar/asn1-ocsp';
import { AsnConvert } from '@peculiar/asn1-schema';
import type { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509';
import { ExtendedKeyUsage, id_ce_extKeyUsage } from '@peculiar/asn1-x509';

/** How far a clock may be wrong, ours or the responder's. */
export const skew = 300_000;

/**
 * Why the signature of a response does not count, or undefined where it does. It counts when made by the certificate's
 * issuer or by a responder that the issuer has certified for this (RFC 6960 section 4.2.2.2). Whether the responder's own
 * certificate is revoked is not asked: it lives shortly, and asking would need another responder.
 * @param now milliseconds since 1970.
 */
export function signatureFault(response: BasicOCSPResponse, issuer: Certificate, now: number): string | undefined {
  const { responderID } = response.tbsResponseData;
  const signed = {
    content: response.tbsResponseDataRaw,
    algorithm: response.signatureAlgorithm,
    signature: response.signature,
  };
  if (isNamed(responderID, issuer)) {
    return isSignedBy(signed, issuer) ? undefined : "its signature is not by the certificate's issuer";
  }
  const responders = (response.certs ?? []).filter((certificate) => isNamed(responderID, certificate));
  if (responders.length === 0) return 'it lacks the certificate of the responder that signed it';
  const authorized = responders.filter((responder) => isAuthorized(responder, issuer, now));
  if (authorized.length === 0) return "the certificate's issuer has not authorized the responder that signed it";
  return authorized.some((responder) => isSignedBy(signed, responder)) ? undefined : 'its signature is wrong';
}

function isNamed(id: ResponderID, { tbsCertificate }: Certificate): boolean {
  if (id.byName !== undefined) {
    const [wanted, found] = [AsnConvert.serialize(id.byName), AsnConvert.serialize(tbsCertificate.subject)];
    return Buffer.from(wanted).equals(Buffer.from(found));
  }
  return id.byKey !== undefined && keyHash(tbsCertificate).equals(Buffer.from(id.byKey.buffer));
}

/** SHA-1 of the public key without its algorithm, which is what OCSP knows a key by (RFC 6960 section 4.1.1). */
export function keyHash({ subjectPublicKeyInfo }: Certificate['tbsCertificate']): Buffer {
  return createHash('sha1').update(Buffer.from(subjectPublicKeyInfo.subjectPublicKey)).digest();
}

function isAuthorized(responder: Certificate, issuer: Certificate, now: number): boolean {
  const { validity, extensions } = responder.tbsCertificate;
  if (!(validity.notBefore.getTime().getTime() <= now + skew)) return false;
  if (!(validity.notAfter.getTime().getTime() >= now - skew)) return false;
  const usage = extensions?.find(({ extnID }) => extnID === id_ce_extKeyUsage);
  if (usage === undefined) return false;
  if (!AsnConvert.parse(usage.extnValue.buffer, ExtendedKeyUsage).includes(id_kp_OCSPSigning)) return false;
  const { tbsCertificateRaw: content, signatureAlgorithm: algorithm, signatureValue: signature } = responder;
  return isSignedBy({ content, algorithm, signature }, issuer);
}

/** The signatures that CAs make. SHA-1 is not among them: it no longer proves who signed. */
const algorithms: Readonly<Record<string, { readonly key: string; readonly hash: string | null }>> = {
  '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', hash: 'sha512' },
  '1.3.101.112': { key: 'ed25519', hash: null },
};

interface Signed {
  readonly content: ArrayBuffer | undefined;
  readonly algorithm: AlgorithmIdentifier;
  readonly signature: ArrayBuffer;
}

function isSignedBy({ content, algorithm, signature }: Signed, signer: Certificate): boolean {
  const known = algorithms[algorithm.algorithm];
  const key = publicKey(signer);
  if (content === undefined || known === undefined || key.asymmetricKeyType !== known.key) return false;
  return verify(known.hash, Buffer.from(content), key, Buffer.from(signature));
}

function publicKey({ tbsCertificate }: Certificate): KeyObject {
  const spki = Buffer.from(AsnConvert.serialize(tbsCertificate.subjectPublicKeyInfo));
  return createPublicKey({ key: spki, format: 'der', type: 'spki' });
}
