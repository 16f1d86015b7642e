import { generatePrivateKey } from '../certificate/private-key.js';
import { connectAcme } from './acme-client-adapter.js';
import type { AcmeConnection } from './acme-connection.js';
import { AcmeError } from './acme-error.js';
import { registerKey, type Registration } from './register-key.js';
import type { AccountState } from './resources.js';
import { accountThumbprint } from './thumbprint.js';
import { createTransport, type TransportSettings } from './transport.js';

/** An account that is stored here. */
export interface AccountAccess {
  /** URL of the CA's directory. */
  readonly server: string;
  readonly url: string;
  /** PEM. */
  readonly privateKey: string;
}

/** An account as the CA has it. */
export interface AccountDetails extends AccountState {
  readonly url: string;
  /** RFC 7638, of its key: what the Lua service answers challenges by where it has no webroot. */
  readonly thumbprint: string;
}

export interface RegisteredAccount {
  readonly url: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  /** False where the CA had an account for the key. */
  readonly made: boolean;
}

/**
 * Makes an account, or finds the one that the CA has for the key that is given (RFC 8555 sections 7.3 and 7.3.1).
 * @throws AcmeError, such as `acme-terms` and `acme-eab-required`.
 */
export async function registerAccount(
  registration: Registration & { /** PEM; an RSA key is made where there is none. */ readonly privateKey?: string },
  settings: TransportSettings,
): Promise<RegisteredAccount> {
  const { server, privateKey: given } = registration;
  const privateKey = given ?? (await generatePrivateKey({ type: 'rsa', size: 2048 }));
  return await connected({ server, url: undefined, privateKey }, settings, async (connection) => {
    const found = given === undefined ? undefined : await connection.findAccount();
    const url = found ?? (await registerKey(connection, registration));
    return { url, privateKey, made: found === undefined };
  });
}

/** URL of the account that the CA has for a key (RFC 8555 section 7.3.1), if it has one. */
export async function findAccount(
  access: Omit<AccountAccess, 'url'>,
  settings: TransportSettings,
): Promise<string | undefined> {
  const find = async (connection: AcmeConnection): Promise<string | undefined> => await connection.findAccount();
  return await connected({ ...access, url: undefined }, settings, find);
}

/** @throws AcmeError `acme-account-unknown` where the CA has no such account, or has it no more. */
export async function showAccount(access: AccountAccess, settings: TransportSettings): Promise<AccountDetails> {
  return await connected(access, settings, async (connection) => details(access, await connection.account()));
}

/** Replaces the contacts; no e-mail address clears them. @throws AcmeError as `showAccount`. */
export async function updateContacts(
  access: AccountAccess,
  emails: readonly string[],
  settings: TransportSettings,
): Promise<AccountDetails> {
  const contact = emails.map((email) => `mailto:${email}`);
  return await connected(access, settings, async (connection) =>
    details(access, await connection.updateAccount({ contact })),
  );
}

/** For good: the CA takes the key no more (RFC 8555 section 7.3.6). @throws AcmeError as `showAccount`. */
export async function deactivateAccount(access: AccountAccess, settings: TransportSettings): Promise<void> {
  await connected(access, settings, async (connection) => await connection.updateAccount({ status: 'deactivated' }));
}

/**
 * Gives the account another key (RFC 8555 section 7.3.5). The new key should be on disk before: where the answer is lost,
 * the CA is asked which key it has.
 * @param newKey PEM.
 * @throws AcmeError as `showAccount`; the old key is then still the account's, unless the CA could not be asked.
 */
export async function changeAccountKey(
  access: AccountAccess,
  newKey: string,
  settings: TransportSettings,
): Promise<void> {
  try {
    await connected(access, settings, async (connection) => await connection.changeKey(newKey));
  } catch (error) {
    if (settings.signal.aborted || !(error instanceof AcmeError)) throw error;
    const owner = await findAccount({ server: access.server, privateKey: newKey }, settings).catch(() => undefined);
    if (owner !== access.url) throw error;
  }
}

async function connected<T>(
  { server, url: accountUrl, privateKey: key }: Omit<AccountAccess, 'url'> & { readonly url: string | undefined },
  settings: TransportSettings,
  use: (connection: AcmeConnection) => Promise<T>,
): Promise<T> {
  const transport = createTransport(settings);
  try {
    return await use(await connectAcme({ server, key, accountUrl, transport }));
  } finally {
    transport.close();
  }
}

function details({ url, privateKey }: AccountAccess, state: AccountState): AccountDetails {
  if (state.status !== 'valid') {
    throw new AcmeError('acme-account-unknown', `The account ${url} is ${state.status} at the CA.`);
  }
  return { ...state, url, thumbprint: accountThumbprint(privateKey) };
}
