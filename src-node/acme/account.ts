import { generatePrivateKey } from '../certificate/private-key.js';
import { AcmeError } from './acme-error.js';
import { connectAcme, type AcmeConnection } from './acme-client-adapter.js';
import type { Transport } from './transport.js';

export interface Account {
  /** Name of its directory on disk. */
  readonly id: string;
  readonly url: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
}

/** What is needed to use an account, or to make one. */
export interface AccountSource {
  readonly server: string;
  /** The account to use, if one is stored. */
  readonly stored: Account | undefined;
  /** Contacts of an account that is made; may be none. */
  readonly emails: readonly string[];
  readonly agreeTos: boolean;
  /** Keeps a new account on disk. */
  readonly save: (account: Omit<Account, 'id'>) => Promise<Account>;
}

export interface OpenAccount {
  readonly account: Account;
  readonly connection: AcmeConnection;
  /** True when it was registered just now. */
  readonly made: boolean;
}

/** The stored account, or a new one: an RSA key as certbot's, registered and then stored. */
export async function openAccount(source: AccountSource, transport: Transport): Promise<OpenAccount> {
  const { server, stored } = source;
  if (stored !== undefined) {
    const connection = await connectAcme({ server, accountKey: stored.privateKey, accountUrl: stored.url, transport });
    return { account: stored, connection, made: false };
  }
  const privateKey = await generatePrivateKey({ type: 'rsa', size: 2048 });
  const connection = await connectAcme({ server, accountKey: privateKey, accountUrl: undefined, transport });
  const terms = await connection.termsOfService();
  if (terms !== undefined && !source.agreeTos) {
    throw new AcmeError('acme-terms', `The CA at ${server} wants its terms of service agreed to: ${terms}`);
  }
  const url = await connection.register(source.emails);
  return { account: await source.save({ url, privateKey }), connection, made: true };
}
