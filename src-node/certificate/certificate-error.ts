import { CodedError } from '../platform/coded-error.js';

export type CertificateErrorCode =
  'certificate-unreadable' | 'csr-unreadable' | 'csr-signature' | 'key-unreadable' | 'key-mismatch';

/** What to do about each error; docs/errors.md has an entry for each. */
export const certificateHints: Readonly<Record<CertificateErrorCode, string>> = {
  'certificate-unreadable': 'Give a certificate as PEM or DER, such as cert.pem or fullchain.pem of a lineage.',
  'csr-unreadable': 'Give a certificate signing request as DER or PEM, such as `openssl req -new` writes.',
  'csr-signature': 'Make the request anew with the private key that it is for.',
  'key-unreadable': 'Give the private key as PEM without a passphrase (`openssl pkey` takes one off).',
  'key-mismatch': 'Give the private key that the certificate was issued for.',
};

/** A key, a request or a certificate given by the user is not what it should be. */
export class CertificateError extends CodedError {
  public override readonly name = 'CertificateError';
  public readonly code: CertificateErrorCode;
  public readonly hint: string;

  public constructor(code: CertificateErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = certificateHints[code];
  }
}
