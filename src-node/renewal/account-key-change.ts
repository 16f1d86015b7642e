import { generatePrivateKey } from '../certificate/private-key.js';
import { listAccounts, serverDirectory, type StoredAccount } from '../lineage/account-directory.js';
import {
  commitKeyChange,
  committedKeyChanges,
  finishKeyChange,
  prepareKeyChange,
  preparedKeyChanges,
  type KeyChange,
} from '../lineage/account-key.js';
import type { AccountDependencies, AccountRequests } from './account-dependencies.js';

type KeyDependencies = Pick<AccountDependencies, 'server' | 'accounts' | 'store'>;

/**
 * Gives an account a new key (RFC 8555 section 7.3.5): on disk before the CA is told, in force on disk once the CA has
 * it. A key that an earlier run has left is the one that is tried: the CA may have been told of it.
 */
export async function changeAccountKey(
  account: StoredAccount,
  dependencies: AccountDependencies,
): Promise<StoredAccount> {
  const { server, accounts, requests } = dependencies;
  const prepared = await preparedKeyChanges(accounts, server);
  const change =
    prepared.find(({ from }) => from === account.id) ??
    (await prepareKeyChange(accounts, server, account, await generatePrivateKey({ type: 'rsa', size: 2048 })));
  await requests.changeKey(account, change.to.privateKey);
  await commitKeyChange(accounts, server, change);
  await finish(change, dependencies);
  return change.to;
}

/** The accounts at a CA, after the changes of keys that interrupted runs have left are brought to their end. */
export async function settledAccounts(
  dependencies: KeyDependencies,
  find: AccountRequests['find'],
): Promise<readonly StoredAccount[]> {
  const { server, accounts } = dependencies;
  for (const change of await preparedKeyChanges(accounts, server)) {
    // Where the CA does not know the new key, it has not been told of it: the account works as it is.
    if ((await find(change.to.privateKey)) !== undefined) await commitKeyChange(accounts, server, change);
  }
  for (const change of await committedKeyChanges(accounts, server)) await finish(change, dependencies);
  return await listAccounts(accounts, server);
}

/** Lineages that name the old account get the new name, so that certbot finds it too. */
async function finish(change: KeyChange, { server, accounts, store }: KeyDependencies): Promise<void> {
  const { lineages } = await store.list();
  const directory = serverDirectory(accounts, server);
  for (const lineage of lineages) {
    const { settings } = lineage;
    if (settings.account !== change.from || serverDirectory(accounts, settings.server) !== directory) continue;
    await store.update(lineage, { kind: 'account', account: change.to.id });
  }
  await finishKeyChange(accounts, server, change);
}
