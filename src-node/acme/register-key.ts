import type { AcmeConnection, ExternalAccountBinding } from './acme-connection.js';
import { AcmeError } from './acme-error.js';

export interface Registration {
  readonly server: string;
  /** May be none. */
  readonly emails: readonly string[];
  readonly agreeTos: boolean;
  readonly eab: ExternalAccountBinding | undefined;
}

/**
 * Makes an account for the connection's key (RFC 8555 section 7.3).
 * @returns its URL.
 * @throws AcmeError `acme-terms`, `acme-eab-required` or `acme-eab-invalid` before anything is sent.
 */
export async function registerKey(connection: AcmeConnection, registration: Registration): Promise<string> {
  const { server, emails, agreeTos, eab } = registration;
  const { termsOfService, externalAccountRequired } = connection.meta;
  if (termsOfService !== undefined && !agreeTos) {
    throw new AcmeError('acme-terms', `The CA at ${server} wants its terms of service agreed to: ${termsOfService}`);
  }
  if (externalAccountRequired && eab === undefined) {
    const needed = 'an external account binding (--eab-kid and --eab-hmac-key)';
    throw new AcmeError('acme-eab-required', `The CA at ${server} makes accounts only with ${needed}.`);
  }
  if (eab !== undefined && !/^[A-Za-z0-9_-]+=*$/.test(eab.hmacKey)) {
    throw new AcmeError('acme-eab-invalid', 'The HMAC key of the external account binding is not base64url.');
  }
  return await connection.register(emails, eab);
}
