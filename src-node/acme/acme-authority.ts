import { openAccount, type AccountSource, type OpenAccount } from './account.js';
import type { CertificateAuthority } from './certificate-authority.js';
import { obtainCertificate } from './obtain-certificate.js';
import { createTransport, type TransportSettings } from './transport.js';

/** A CA spoken to by ACME (RFC 8555). The account is opened, or made, at the first certificate. */
export function acmeAuthority(source: AccountSource, settings: TransportSettings): CertificateAuthority {
  const transport = createTransport(settings);
  let open: Promise<OpenAccount> | undefined;
  return {
    issue: async (request) => {
      open ??= openAccount(source, transport);
      const { account, connection, made } = await open.catch((error: unknown) => {
        open = undefined;
        throw error;
      });
      request.onStep({ kind: 'account', made });
      const chain = await obtainCertificate(connection, request, settings);
      return { chain, account: account.id, names: request.names };
    },
    revoke: async () => await Promise.reject(new Error('not there yet')),
    close: transport.close,
  };
}
