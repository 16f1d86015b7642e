import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeFileAtomic } from '../platform/atomic-write.js';
import {
  accountId,
  readAccount,
  removeAccount,
  serverDirectory,
  writable,
  writeAccountFiles,
  type StoredAccount,
} from './account-directory.js';

/*
 * A new key gives an account another name on disk. What takes place of ID is made whole in ID/next, where certbot does not
 * see it, before the CA is told. Once the CA has the new key, ID/next becomes NEXT-ID by one rename; its file `replaces`
 * says whose place it takes, until nothing on disk names ID any more.
 */
const next = 'next';
const marker = 'replaces';

/** A change of an account's key that was begun. */
export interface KeyChange {
  /** Name of the account with its old key. */
  readonly from: string;
  /** The same account with its new key. */
  readonly to: StoredAccount;
}

/** Keeps a new key (PEM) for an account beside the old one. @throws LineageError `storage-not-writable`. */
export async function prepareKeyChange(
  accounts: string,
  server: string,
  { id: from, url }: Pick<StoredAccount, 'id' | 'url'>,
  privateKey: string,
): Promise<KeyChange> {
  const account = join(serverDirectory(accounts, server), from);
  const directory = join(account, next);
  await writable(accounts, async () => {
    const meta = JSON.parse(await readFile(join(account, 'meta.json'), 'utf8').catch(() => '{}')) as object;
    await rm(directory, { recursive: true, force: true });
    await writeAccountFiles(directory, { url, privateKey }, meta);
    // It makes the change whole.
    await writeFileAtomic(join(directory, marker), `${from}\n`, { mode: 0o644 });
  });
  return { from, to: { id: accountId(privateKey), url, privateKey } };
}

/** The new keys that the CA may or may not have been told of. */
export async function preparedKeyChanges(accounts: string, server: string): Promise<readonly KeyChange[]> {
  const parent = serverDirectory(accounts, server);
  const found = await Promise.all(
    (await accountNames(parent)).map(async (from) => {
      const directory = join(parent, from, next);
      if ((await replacedName(directory)) !== from) return undefined;
      const account = await readAccount(directory, from);
      return account === undefined ? undefined : { from, to: { ...account, id: accountId(account.privateKey) } };
    }),
  );
  return found.filter((change) => change !== undefined);
}

/** The account is that of its new key from now on. @throws LineageError `storage-not-writable`. */
export async function commitKeyChange(accounts: string, server: string, { from, to }: KeyChange): Promise<void> {
  const parent = serverDirectory(accounts, server);
  await writable(accounts, async () => {
    await rename(join(parent, from, next), join(parent, to.id));
    await syncDirectory(parent);
  });
}

/** The changes that are committed, where something on disk may name the old account still. */
export async function committedKeyChanges(accounts: string, server: string): Promise<readonly KeyChange[]> {
  const parent = serverDirectory(accounts, server);
  const found = await Promise.all(
    (await accountNames(parent)).map(async (id) => {
      const from = await replacedName(join(parent, id));
      const to = from === undefined ? undefined : await readAccount(join(parent, id), id);
      return from === undefined || to === undefined ? undefined : { from, to };
    }),
  );
  return found.filter((change) => change !== undefined);
}

/** Removes what is left of the account's old name, to be called when nothing names it. */
export async function finishKeyChange(accounts: string, server: string, { from, to }: KeyChange): Promise<void> {
  await removeAccount(accounts, server, from);
  const file = join(serverDirectory(accounts, server), to.id, marker);
  await writable(accounts, async () => await rm(file, { force: true }));
}

async function accountNames(parent: string): Promise<readonly string[]> {
  const names = await readdir(parent).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{32}$/.test(name));
}

async function replacedName(directory: string): Promise<string | undefined> {
  const text = await readFile(join(directory, marker), 'utf8').catch(() => '');
  return /^([0-9a-f]{32})\n$/.exec(text)?.[1];
}
