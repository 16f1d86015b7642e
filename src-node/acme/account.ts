import { generatePrivateKey } from '../certificate/private-key.js';
import { connectAcme } from './acme-client-adapter.js';
import type { AcmeConnection, ExternalAccountBinding } from './acme-connection.js';
import { registerKey } from './register-key.js';
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
  /** Where the CA has issued one, for an account that is made. */
  readonly eab: ExternalAccountBinding | undefined;
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
    const connection = await connectAcme({ server, key: stored.privateKey, accountUrl: stored.url, transport });
    return { account: stored, connection, made: false };
  }
  const privateKey = await generatePrivateKey({ type: 'rsa', size: 2048 });
  const connection = await connectAcme({ server, key: privateKey, accountUrl: undefined, transport });
  const url = await registerKey(connection, source);
  return { account: await source.save({ url, privateKey }), connection, made: true };
}
