import { createHash, createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { writeFileAtomic } from '../platform/atomic-write.js';
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

/** Stores a new account: its directory appears whole or not at all. */
export async function saveAccount(
  accounts: string,
  server: string,
  account: {
    readonly url: string;
    readonly privateKey: string;
    /** Milliseconds since 1970. */ readonly created: number;
  },
): Promise<StoredAccount> {
  const id = accountId(account.privateKey);
  const parent = serverDirectory(accounts, server);
  const next = join(parent, `.${id}.next`);
  const files = {
    'private_key.json': JSON.stringify(createPrivateKey(account.privateKey).export({ format: 'jwk' })),
    'regr.json': JSON.stringify({ body: {}, uri: account.url }),
    'meta.json': JSON.stringify({
      creation_dt: new Date(account.created).toISOString().replace(/\.\d+Z$/, 'Z'),
      creation_host: hostname(),
    }),
  };
  try {
    await rm(next, { recursive: true, force: true });
    await makeDirectory(next, 0o700);
    for (const [name, text] of Object.entries(files)) {
      await writeFileAtomic(join(next, name), text, { mode: name === 'private_key.json' ? 0o400 : 0o644 });
    }
    await rename(next, join(parent, id));
  } catch (error) {
    throw new LineageError(
      'storage-not-writable',
      `Cannot store the account in ${parent}: ${systemReason(error)}.`,
      error,
    );
  }
  return { id, url: account.url, privateKey: account.privateKey };
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
