import { createHash, X509Certificate } from 'node:crypto';
import {
  BasicOCSPResponse,
  CertID,
  id_pkix_ocsp_basic,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  Request,
  TBSRequest,
  type SingleResponse,
} from '@peculiar/asn1-ocsp';
import { AsnArray, AsnConvert, AsnPropTypes, AsnType, AsnTypeTypes, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier, Certificate, CRLReasons } from '@peculiar/asn1-x509';
import { keyHash, signatureFault, skew } from './ocsp-signer.js';

/** A certificate whose state is asked for, both as PEM. */
export interface OcspSubject {
  readonly certificate: string;
  /** The certificate that signed it. */
  readonly issuer: string;
}

/** What a responder says of a certificate (RFC 6960 section 2.2). */
export type CertificateStatus =
  | { readonly kind: 'good' }
  | {
      readonly kind: 'revoked';
      /** Milliseconds since 1970. */
      readonly revokedAt: number;
      /** RFC 5280 section 5.3.1, such as `keyCompromise`; the responder need not say. */
      readonly reason: string | undefined;
    }
  /** The responder does not know the certificate. */
  | { readonly kind: 'unknown' };

/**
 * Why a response says nothing: `refused` by the responder's own word, `untrusted` for its signature, `stale` for its
 * dates, `bad-answer` for all else.
 */
export type ResponseFault = 'refused' | 'untrusted' | 'stale' | 'bad-answer';

export type OcspReading =
  | CertificateStatus
  | { readonly kind: 'rejected'; readonly fault: ResponseFault; /** The end of a sentence. */ readonly why: string };

/** RFC 3279: NULL is the parameter of a hash. */
const sha1 = new AlgorithmIdentifier({ algorithm: '1.3.14.3.2.26', parameters: null });

/**
 * The question for one certificate as DER, without a nonce, as responders sign their answers ahead.
 * @throws where a PEM is not a certificate.
 */
export function ocspRequest(subject: OcspSubject): Buffer {
  const { name, key, serial } = identify(subject);
  const reqCert = new CertID({
    hashAlgorithm: sha1,
    issuerNameHash: new OctetString(name),
    issuerKeyHash: new OctetString(key),
    serialNumber: toArrayBuffer(serial),
  });
  const request = new OCSPRequest({ tbsRequest: new TBSRequest({ requestList: [new Request({ reqCert })] }) });
  return Buffer.from(AsnConvert.serialize(request));
}

/**
 * What a response says of the certificate that was asked for, once its signature, its subject and its dates are found good.
 * @param now milliseconds since 1970.
 * @throws where a PEM of `subject` is not a certificate; never for what the response is.
 */
export function readOcspResponse(response: Uint8Array, subject: OcspSubject, now: number): OcspReading {
  const id = identify(subject);
  try {
    return judge(AsnConvert.parse(response, OCSPResponse), id, now);
  } catch (error) {
    return rejected('bad-answer', `it cannot be read as an OCSP response: ${describe(error)}`);
  }
}

function judge(outer: OCSPResponse, id: Identity, now: number): OcspReading {
  const status: number = outer.responseStatus;
  if (status !== OCSPResponseStatus.successful.valueOf()) {
    return rejected('refused', `it says '${OCSPResponseStatus[status] ?? String(status)}'`);
  }
  if (outer.responseBytes?.responseType !== id_pkix_ocsp_basic) {
    return rejected('bad-answer', 'it is not a basic OCSP response');
  }
  const response = AsnConvert.parse(outer.responseBytes.response.buffer, BasicOCSPResponse);
  const untrusted = signatureFault(response, id.issuer, now);
  if (untrusted !== undefined) return rejected('untrusted', untrusted);
  const answers = response.tbsResponseData.responses.filter(({ certID }) => isAbout(certID, id));
  const [answer] = answers;
  if (answer === undefined) return rejected('bad-answer', 'it is about another certificate');
  const current = answers.find((one) => dateFault(one, now) === undefined);
  if (current === undefined) return rejected('stale', dateFault(answer, now) ?? '');
  return readStatus(current);
}

/** Another algorithm than the one that was asked with gives other hashes. */
function isAbout({ issuerNameHash, issuerKeyHash, serialNumber }: CertID, id: Identity): boolean {
  return (
    id.name.equals(Buffer.from(issuerNameHash.buffer)) &&
    id.key.equals(Buffer.from(issuerKeyHash.buffer)) &&
    id.serial.equals(Buffer.from(serialNumber))
  );
}

/** RFC 6960 section 4.2.2.1; without nextUpdate newer information is always to be had, and this one may be old. */
function dateFault({ thisUpdate, nextUpdate }: SingleResponse, now: number): string | undefined {
  if (!(thisUpdate.getTime() <= now + skew)) return `it is of the future (${date(thisUpdate)})`;
  if (nextUpdate !== undefined && !(nextUpdate.getTime() >= now - skew)) {
    return `it was good until ${date(nextUpdate)} only`;
  }
  return undefined;
}

function readStatus({ certStatus }: SingleResponse): OcspReading {
  const { good, revoked, unknown } = certStatus;
  if (revoked !== undefined) {
    const { revocationTime, revocationReason } = revoked;
    const reason = revocationReason === undefined ? undefined : CRLReasons[revocationReason.reason];
    return { kind: 'revoked', revokedAt: revocationTime.getTime(), reason };
  }
  if (good === null) return { kind: 'good' };
  if (unknown === null) return { kind: 'unknown' };
  return rejected('bad-answer', 'it gives no state');
}

/** What a responder knows a certificate by. */
interface Identity {
  readonly issuer: Certificate;
  /** SHA-1 of the issuer's name. */
  readonly name: Buffer;
  /** SHA-1 of the issuer's public key. */
  readonly key: Buffer;
  readonly serial: Buffer;
}

function identify(subject: OcspSubject): Identity {
  const certificate = parsePem(subject.certificate);
  const issuer = parsePem(subject.issuer);
  return {
    issuer,
    name: createHash('sha1').update(issuerName(certificate)).digest(),
    key: keyHash(issuer.tbsCertificate),
    serial: Buffer.from(certificate.tbsCertificate.serialNumber),
  };
}

function parsePem(pem: string): Certificate {
  return AsnConvert.parse(new X509Certificate(pem).raw, Certificate);
}

/** The fields of a SEQUENCE, each as its own DER. */
class Fields extends AsnArray<ArrayBuffer> {}
AsnType({ type: AsnTypeTypes.Sequence, itemType: AsnPropTypes.Any })(Fields);

const explicitVersion = 0xa0;

/** The issuer's name byte for byte as the certificate has it: a name written anew may hash to something else. */
function issuerName({ tbsCertificateRaw }: Certificate): Buffer {
  const fields = AsnConvert.parse(tbsCertificateRaw ?? new ArrayBuffer(0), Fields).map((field) => Buffer.from(field));
  const [, , name = Buffer.alloc(0)] = fields[0]?.[0] === explicitVersion ? fields.slice(1) : fields;
  return name;
}

function rejected(fault: ResponseFault, why: string): OcspReading {
  return { kind: 'rejected', fault, why };
}

function date(value: Date): string {
  return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
