import type { AccountAccess, AccountDetails, RegisteredAccount } from '../acme/manage-account.js';
import type { Registration } from '../acme/register-key.js';
import type { LineageStore } from '../lineage/lineage-store.js';
import type { Clock } from '../platform/clock.js';

/** What is asked of a CA about accounts; acme/manage-account does it. */
export interface AccountRequests {
  readonly register: (registration: Omit<Registration, 'server'>) => Promise<RegisteredAccount>;
  /** URL of the account that the CA has for a key, if any. */
  readonly find: (privateKey: string) => Promise<string | undefined>;
  readonly show: (account: AccountKey) => Promise<AccountDetails>;
  readonly updateContacts: (account: AccountKey, emails: readonly string[]) => Promise<AccountDetails>;
  readonly deactivate: (account: AccountKey) => Promise<void>;
  readonly changeKey: (account: AccountKey, newKey: string) => Promise<void>;
}

export type AccountKey = Omit<AccountAccess, 'server'>;

/** What the stories of accounts work with, at one CA. */
export interface AccountDependencies {
  /** URL of the CA's directory. */
  readonly server: string;
  /** The directory accounts/. */
  readonly accounts: string;
  readonly requests: AccountRequests;
  readonly store: LineageStore;
  readonly clock: Clock;
  /** A yes or no of the user; yes where nobody is to be asked. */
  readonly confirm: (question: string) => Promise<boolean>;
}
