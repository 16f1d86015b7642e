import type { TransportSettings } from '../acme/transport.js';
import type { Config } from '../config/config.js';
import type { StoredAccount } from '../lineage/account-directory.js';
import { letsencryptDirectory } from '../lineage/letsencrypt-directory.js';
import type { AccountDependencies, AccountRequests } from '../renewal/account-dependencies.js';
import { settledAccounts } from '../renewal/account-key-change.js';
import { chooseAccount } from '../renewal/choose-account.js';
import type { Dependencies } from '../renewal/dependencies.js';
import { transportSettings, type NetworkSurroundings } from './compose-network.js';
import { confirm } from './confirm.js';
import type { CliContext } from './context.js';

/** What stories of accounts work with, at one CA. */
export function composeAccounts(
  server: string,
  config: Config,
  dependencies: Pick<Dependencies, 'store' | 'clock' | 'confirm'>,
  network: NetworkSurroundings,
): AccountDependencies {
  const transport = async (): Promise<TransportSettings> => await transportSettings(config, network);
  const { accounts } = letsencryptDirectory(config.directories.config);
  return { server, accounts, requests: accountRequests(server, transport), ...dependencies };
}

/** The requests about accounts to one CA; the ACME half is loaded with the first. */
function accountRequests(server: string, transport: () => Promise<TransportSettings>): AccountRequests {
  return {
    register: async (registration) => {
      const { registerAccount } = await import('../acme/manage-account.js');
      return await registerAccount({ server, ...registration }, await transport());
    },
    find: async (privateKey) => {
      const { findAccount } = await import('../acme/manage-account.js');
      return await findAccount({ server, privateKey }, await transport());
    },
    show: async (account) => {
      const { showAccount } = await import('../acme/manage-account.js');
      return await showAccount({ server, ...account }, await transport());
    },
    updateContacts: async (account, emails) => {
      const { updateContacts } = await import('../acme/manage-account.js');
      return await updateContacts({ server, ...account }, emails, await transport());
    },
    deactivate: async (account) => {
      const { deactivateAccount } = await import('../acme/manage-account.js');
      await deactivateAccount({ server, ...account }, await transport());
    },
    changeKey: async (account, newKey) => {
      const { changeAccountKey } = await import('../acme/manage-account.js');
      await changeAccountKey({ server, ...account }, newKey, await transport());
    },
  };
}

/**
 * The stored account that a lineage is ordered or revoked by: its own, else the one that is meant.
 * @returns undefined where none is stored.
 * @throws RenewalError `no-account` or `account-ambiguous`.
 */
export async function storedAccount(
  own: string | undefined,
  given: string | undefined,
  dependencies: AccountDependencies,
): Promise<StoredAccount | undefined> {
  const stored = await settledAccounts(dependencies, dependencies.requests.find);
  const found = stored.find(({ id }) => id === own);
  if (found !== undefined || (stored.length === 0 && given === undefined)) return found;
  return chooseAccount(stored, dependencies.server, given);
}

/** Asks at the terminal; where there is none, or the user wants no words, the answer is yes. */
export function composeConfirm(
  { output }: Config,
  { dialog }: CliContext,
  { signal, beforeQuestion }: { readonly signal: AbortSignal; readonly beforeQuestion: () => void },
): Dependencies['confirm'] {
  const { interactive, quiet, json } = output;
  if (!interactive || quiet || json || dialog === undefined) return async () => await Promise.resolve(true);
  return async (question) => {
    beforeQuestion();
    return await confirm(question, dialog, signal);
  };
}
