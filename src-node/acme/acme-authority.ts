import { X509Certificate } from 'node:crypto';
import { CertificateError } from '../certificate/certificate-error.js';
import { readPrivateKey } from '../certificate/private-key.js';
import { keyMatches } from '../certificate/x509.js';
import { openAccount, type AccountSource, type OpenAccount } from './account.js';
import { connectAcme } from './acme-client-adapter.js';
import type { AcmeConnection } from './acme-connection.js';
import { AcmeError } from './acme-error.js';
import { revocationReasons, type CertificateAuthority, type RevokeRequest } from './certificate-authority.js';
import { obtainCertificate } from './obtain-certificate.js';
import { createTransport, type Transport, type TransportSettings } from './transport.js';

export interface AuthoritySettings extends TransportSettings {
  /** Milliseconds that the CA may take for an authorization, and for an order. */
  readonly issuanceTimeout: number;
}

/** A CA spoken to by ACME (RFC 8555). The account is opened, or made, at the first certificate. */
export function acmeAuthority(source: AccountSource, settings: AuthoritySettings): CertificateAuthority {
  const transport = createTransport(settings);
  let opening: Promise<OpenAccount> | undefined;
  const open = async (): Promise<OpenAccount> => {
    opening ??= openAccount(source, transport);
    return await opening.catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
  };
  return {
    issue: async (request) => {
      const { account, connection, made } = await open();
      request.onStep({ kind: 'account', made });
      const { privateKey: key, id } = account;
      const { log } = settings;
      const { chain, names } = await obtainCertificate({ connection, key, request, waiting: settings, log });
      return { chain, account: id, names };
    },
    revoke: async (request) => {
      if (request.privateKey === undefined && source.stored === undefined && opening === undefined) {
        const message = `No account at ${source.server} is stored here, by which the certificate could be revoked.`;
        throw new AcmeError('acme-account-unknown', message);
      }
      const connection =
        request.privateKey === undefined
          ? (await open()).connection
          : await connectByOwnKey(request.certificate, request.privateKey, { server: source.server, transport });
      await revoke(connection, request);
    },
    close: transport.close,
  };
}

/** A certificate's own key revokes it without an account (RFC 8555 section 7.6). */
async function connectByOwnKey(
  certificate: string,
  privateKey: string,
  ca: { readonly server: string; readonly transport: Transport },
): Promise<AcmeConnection> {
  const key = readPrivateKey(privateKey, 'What is given as the private key');
  if (!keyMatches(certificate, key)) {
    throw new CertificateError('key-mismatch', 'The private key is not the one that the certificate was issued for.');
  }
  return await connectAcme({ ...ca, key, accountUrl: undefined });
}

async function revoke(connection: AcmeConnection, { certificate, reason }: RevokeRequest): Promise<void> {
  try {
    await connection.revoke(new X509Certificate(certificate).raw, revocationReasons[reason]);
  } catch (error) {
    const revokedBefore = 'urn:ietf:params:acme:error:alreadyRevoked';
    if (!(error instanceof AcmeError) || error.problem?.type !== revokedBefore) throw error;
  }
}
