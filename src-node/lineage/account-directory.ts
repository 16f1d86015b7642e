import { createHash, createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto';
import { access, constants, lstat, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { syncDirectory, writeFileAtomic } from '../platform/atomic-write.js';
import { makeDirectory } from '../platform/make-directory.js';
import { LineageError } from './lineage-error.js';

/** An ACME account as certbot keeps it in accounts/HOST/PATH/ID. */
export interface StoredAccount {
  /** md5 of the public key's PEM, certbot's name of the directory. */
  readonly id: string;
  /** URL of the account at the CA. */
  readonly url: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
}

/** The accounts at one CA, by the name of their directory. A directory that is not whole is passed over. */
export async function listAccounts(accounts: string, server: string): Promise<readonly StoredAccount[]> {
  const parent = serverDirectory(accounts, server);
  const ids = await readdir(parent).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw new LineageError('storage-not-readable', `Cannot read ${parent}: ${systemReason(error)}.`, error);
  });
  const found = await Promise.all(
    ids.filter((id) => /^[0-9a-f]{32}$/.test(id)).map(async (id) => await readAccount(join(parent, id), id)),
  );
  return found.filter((account) => account !== undefined);
}

/** The account in a directory; undefined where it is not whole. */
export async function readAccount(directory: string, id: string): Promise<StoredAccount | undefined> {
  try {
    const key = JSON.parse(await readFile(join(directory, 'private_key.json'), 'utf8')) as JsonWebKey;
    const registration = JSON.parse(await readFile(join(directory, 'regr.json'), 'utf8')) as { uri?: unknown };
    if (typeof registration.uri !== 'string') return undefined;
    const privateKey = createPrivateKey({ key, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' });
    return { id, url: registration.uri, privateKey: privateKey.toString() };
  } catch {
    return undefined;
  }
}

/** A new account. */
export interface NewAccount {
  readonly url: string;
  /** PEM. */
  readonly privateKey: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** Stores a new account: its directory appears whole or not at all. */
export async function saveAccount(accounts: string, server: string, account: NewAccount): Promise<StoredAccount> {
  const meta = {
    creation_dt: new Date(account.created).toISOString().replace(/\.\d+Z$/, 'Z'),
    creation_host: hostname(),
  };
  return await writable(accounts, async () => await writeAccount(serverDirectory(accounts, server), account, meta));
}

/** Removes an account's directory, as certbot does where it is deactivated; one that is not there is no error. */
export async function removeAccount(accounts: string, server: string, id: string): Promise<void> {
  const parent = serverDirectory(accounts, server);
  await writable(accounts, async () => await removeDirectory(parent, id));
}

/** Makes the directory that the accounts at a CA are kept in, before one is made there that could not be kept. */
export async function prepareAccounts(accounts: string, server: string): Promise<void> {
  const parent = serverDirectory(accounts, server);
  await writable(accounts, async () => {
    await makeDirectory(parent, 0o700);
    await access(parent, constants.W_OK | constants.X_OK);
  });
}

async function writeAccount(
  parent: string,
  { url, privateKey }: Pick<NewAccount, 'url' | 'privateKey'>,
  meta: object,
): Promise<StoredAccount> {
  const id = accountId(privateKey);
  await removeUnfinished(parent);
  const next = join(parent, `.${id}.next`);
  await writeAccountFiles(next, { url, privateKey }, meta);
  // What certbot, killed, left half-written under this key gives way.
  await rm(join(parent, id), { recursive: true, force: true });
  await rename(next, join(parent, id));
  await syncDirectory(parent);
  return { id, url, privateKey };
}

/** Writes certbot's files of an account into a directory of their own. */
export async function writeAccountFiles(
  directory: string,
  { url, privateKey }: Pick<NewAccount, 'url' | 'privateKey'>,
  meta: object,
): Promise<void> {
  const files = {
    'private_key.json': JSON.stringify(createPrivateKey(privateKey).export({ format: 'jwk' })),
    'regr.json': JSON.stringify({ body: {}, uri: url }),
    'meta.json': JSON.stringify(meta),
  };
  await makeDirectory(directory, 0o700);
  for (const [name, text] of Object.entries(files)) {
    await writeFileAtomic(join(directory, name), text, { mode: name === 'private_key.json' ? 0o400 : 0o644 });
  }
}

/** Its name goes in one step; certbot may have a link there to the account of an older URL of the same CA. */
async function removeDirectory(parent: string, id: string): Promise<void> {
  const [path, gone] = [join(parent, id), join(parent, `.${id}.next`)];
  await rm(gone, { recursive: true, force: true });
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (found.isSymbolicLink()) {
    const target = await realpath(path).catch(() => undefined);
    await rm(path);
    if (target !== undefined) await rm(target, { recursive: true, force: true });
    return;
  }
  // certbot takes every directory for an account that has a key, whatever its name.
  await rm(join(path, 'private_key.json'), { force: true });
  // Found by the next removal, or the next run that writes an account, where this one is killed.
  await rename(path, gone);
  await rm(gone, { recursive: true, force: true });
}

/** What runs that were killed left; private keys are in it. */
async function removeUnfinished(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (/^\.[0-9a-f]{32}\.next$/.test(name)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

export async function writable<T>(accounts: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = `Cannot change the accounts in ${accounts}: ${systemReason(error)}.`;
    throw new LineageError('storage-not-writable', message, error);
  }
}

/** accounts/HOST/PATH of a CA. */
export function serverDirectory(accounts: string, server: string): string {
  const url = new URL(server);
  // The URL parser has resolved dots already; what is left of them would climb out.
  const parts = url.pathname.split('/').filter((part) => part !== '' && part !== '..');
  return join(accounts, url.host, ...parts);
}

/** certbot's name of the account with this key. */
export function accountId(privateKey: string): string {
  const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  return createHash('md5').update(pem).digest('hex');
}
