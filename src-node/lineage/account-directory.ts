import { createHash, createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto';
import { lstat, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
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

async function readAccount(directory: string, id: string): Promise<StoredAccount | undefined> {
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

/** A new account, or one with a new key. */
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

/** The new key of an account, and what makes the CA take it in place of the old one. */
export interface KeyReplacement {
  /** PEM. */
  readonly privateKey: string;
  readonly change: () => Promise<void>;
}

/**
 * Gives an account a new key, whose digest names its directory. The new key is stored before the CA is told, since a key
 * that is lost is an account lost: killed in between, a run leaves both directories, and the CA knows one of them.
 * @throws what `change` throws; then the account is as it was.
 */
export async function replaceAccountKey(
  accounts: string,
  server: string,
  { id, url }: Pick<StoredAccount, 'id' | 'url'>,
  { privateKey, change }: KeyReplacement,
): Promise<StoredAccount> {
  const parent = serverDirectory(accounts, server);
  const stored = await writable(accounts, async () => {
    const meta = JSON.parse(await readFile(join(parent, id, 'meta.json'), 'utf8').catch(() => '{}')) as object;
    return await writeAccount(parent, { url, privateKey }, meta);
  });
  try {
    await change();
  } catch (error) {
    await removeDirectory(parent, stored.id).catch(() => undefined);
    throw error;
  }
  await writable(accounts, async () => await removeDirectory(parent, id));
  return stored;
}

async function writeAccount(
  parent: string,
  { url, privateKey }: Pick<NewAccount, 'url' | 'privateKey'>,
  meta: object,
): Promise<StoredAccount> {
  const id = accountId(privateKey);
  await removeUnfinished(parent);
  const next = join(parent, `.${id}.next`);
  const files = {
    'private_key.json': JSON.stringify(createPrivateKey(privateKey).export({ format: 'jwk' })),
    'regr.json': JSON.stringify({ body: {}, uri: url }),
    'meta.json': JSON.stringify(meta),
  };
  await makeDirectory(next, 0o700);
  for (const [name, text] of Object.entries(files)) {
    await writeFileAtomic(join(next, name), text, { mode: name === 'private_key.json' ? 0o400 : 0o644 });
  }
  // What certbot, killed, left half-written under this key gives way.
  await rm(join(parent, id), { recursive: true, force: true });
  await rename(next, join(parent, id));
  await syncDirectory(parent);
  return { id, url, privateKey };
}

/** Its name goes in one step; certbot may have a link there to the account of an older URL of the same CA. */
async function removeDirectory(parent: string, id: string): Promise<void> {
  const path = join(parent, id);
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (found.isSymbolicLink()) {
    const target = await realpath(path).catch(() => undefined);
    await rm(path);
    if (target !== undefined) await rm(target, { recursive: true, force: true });
    return;
  }
  // Found by the next run that writes an account, where this one is killed.
  const gone = join(parent, `.${id}.next`);
  await rm(gone, { recursive: true, force: true });
  await rename(path, gone);
  await rm(gone, { recursive: true, force: true });
}

/** What runs that were killed left; private keys are in it. */
async function removeUnfinished(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (/^\.[0-9a-f]{32}\.next$/.test(name)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function writable<T>(accounts: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = `Cannot change the accounts in ${accounts}: ${systemReason(error)}.`;
    throw new LineageError('storage-not-writable', message, error);
  }
}

function serverDirectory(accounts: string, server: string): string {
  const url = new URL(server);
  // The URL parser has resolved dots already; what is left of them would climb out.
  const parts = url.pathname.split('/').filter((part) => part !== '' && part !== '..');
  return join(accounts, url.host, ...parts);
}

function accountId(privateKey: string): string {
  const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  return createHash('md5').update(pem).digest('hex');
}
