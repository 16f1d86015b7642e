import type { AccountDetails } from '../../acme/manage-account.js';
import type { Config } from '../../config/config.js';
import { listAccounts, prepareAccounts, removeAccount, saveAccount } from '../../lineage/account-directory.js';
import type { StoredAccount } from '../../lineage/account-directory.js';
import { CodedError } from '../../platform/coded-error.js';
import type { AccountDependencies } from '../../renewal/account-dependencies.js';
import { changeAccountKey, settledAccounts } from '../../renewal/account-key-change.js';
import type { AccountReport } from '../../renewal/account-report.js';
import { chooseAccount } from '../../renewal/choose-account.js';
import { RenewalError } from '../../renewal/renewal-error.js';

/** `register`: the first account at a CA. */
export async function register(config: Config, dependencies: AccountDependencies): Promise<AccountReport> {
  const { server, accounts, requests, clock } = dependencies;
  const [present] = await listAccounts(accounts, server);
  if (present !== undefined) {
    throw new RenewalError('account-present', `There is an account at ${server} already: ${present.id}.`);
  }
  await prepareAccounts(accounts, server);
  const { emails = [], agreeTos, eab } = config.account;
  const { url, privateKey } = await requests.register({ emails, agreeTos, eab });
  const account = await saveAccount(accounts, server, { url, privateKey, created: clock.now() });
  return report('registered', { account, details: await requests.show(account) }, dependencies);
}

/** `show_account`: an account as the CA has it. */
export async function showAccount(config: Config, dependencies: AccountDependencies): Promise<AccountReport> {
  const account = await meantAccount(config, dependencies);
  return report('shown', { account, details: await dependencies.requests.show(account) }, dependencies);
}

/** `update_account`: other contacts, or none, and a new key. */
export async function updateAccount(config: Config, dependencies: AccountDependencies): Promise<AccountReport> {
  const { requests } = dependencies;
  const { emails, newKey } = config.account;
  const account = await meantAccount(config, dependencies);
  const updated = emails === undefined ? undefined : await requests.updateContacts(account, emails);
  if (!newKey) {
    return report('updated', { account, details: updated ?? (await requests.show(account)) }, dependencies);
  }
  const changed = await changeAccountKey(account, dependencies);
  const details = await requests.show(changed);
  return { ...report('updated', { account: changed, details }, dependencies), replaces: account.id };
}

/** `unregister`: the account is deactivated at the CA, for good, and then removed here. */
export async function unregister(config: Config, dependencies: AccountDependencies): Promise<AccountReport> {
  const { server, accounts, requests, confirm } = dependencies;
  const account = await meantAccount(config, dependencies);
  const question = `Deactivate the account ${account.url}? The CA cannot undo it.`;
  if (!(await confirm(question))) return report('left', { account, details: undefined }, dependencies);
  await requests.deactivate(account).catch((error: unknown) => {
    // It was deactivated before, by a run that was interrupted here or from another machine.
    if (!(error instanceof CodedError) || error.code !== 'acme-account-unknown') throw error;
  });
  await removeAccount(accounts, server, account.id);
  return report('deactivated', { account, details: undefined }, dependencies);
}

async function meantAccount(config: Config, dependencies: AccountDependencies): Promise<StoredAccount> {
  const stored = await settledAccounts(dependencies, dependencies.requests.find);
  return chooseAccount(stored, dependencies.server, config.account.id);
}

interface Subject {
  readonly account: StoredAccount;
  readonly details: AccountDetails | undefined;
}

function report(
  done: AccountReport['done'],
  { account, details }: Subject,
  { server }: AccountDependencies,
): AccountReport {
  const { id, url } = account;
  return { done, server, id, url, details, replaces: undefined };
}
