import type { StoredAccount } from '../lineage/account-directory.js';
import { RenewalError } from './renewal-error.js';

/**
 * The account that is meant at a CA: the one named, else the only one.
 * @throws RenewalError `no-account` or `account-ambiguous`.
 */
export function chooseAccount(
  stored: readonly StoredAccount[],
  server: string,
  wanted: string | undefined,
): StoredAccount {
  const [first, ...others] = stored;
  if (first === undefined) {
    throw new RenewalError('no-account', `Could not find an existing account for server ${server}.`);
  }
  const names = stored.map(({ id }) => id).join(', ');
  if (wanted !== undefined) {
    const found = stored.find(({ id }) => id === wanted);
    if (found !== undefined) return found;
    throw new RenewalError('no-account', `There is no account ${wanted} at ${server}; there is: ${names}.`);
  }
  if (others.length === 0) return first;
  throw new RenewalError('account-ambiguous', `There are ${stored.length} accounts at ${server}: ${names}.`);
}
