import { X509Certificate } from 'node:crypto';
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { privateKeyBlock, splitChain } from '../certificate/chain.js';
import { generatePrivateKey } from '../certificate/private-key.js';
import { keyMatches } from '../certificate/x509.js';
import { createFileAtomic, removeUnfinished } from '../platform/atomic-write.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { makeDirectory } from '../platform/make-directory.js';
import { buildBundle } from './bundle.js';
import { DeployError, type DeployErrorCode } from './deploy-error.js';
import { readLeaf, type ServedLeaf } from './served-leaf.js';

/** What HAProxy wants to find when it starts; absolute paths. */
export interface BootstrapPaths {
  /** Gets the bundles of lineages. */
  readonly certDir: string;
  /** What is served to names that have no certificate of their own. */
  readonly defaultCert: string;
  /** Undefined where a bind names the directory itself. */
  readonly crtList: string | undefined;
}

/** What is at a path. */
export interface Found<T> {
  readonly path: string;
  /** False where it was there before. */
  readonly made: boolean;
  readonly content: T;
}

export interface Bootstrapped {
  /** The number of files that HAProxy takes for certificates. */
  readonly certDir: Found<number>;
  readonly defaultCert: Found<ServedLeaf>;
  /** The number of lines that name certificates. */
  readonly crtList: Found<number> | undefined;
}

/**
 * Makes what is missing of certificate directory, default certificate and crt-list, so that HAProxy starts before there
 * is a certificate. What is there is never changed; all of it is looked at before anything is made.
 * @param now milliseconds since 1970.
 * @throws DeployError `cert-dir-...`, `default-cert-...` or `crt-list-...`.
 */
export async function bootstrap(paths: BootstrapPaths, now: number): Promise<Bootstrapped> {
  const certDir = await lookAt(certDirAt(paths.certDir));
  const defaultCert = await lookAt(defaultCertAt(paths.defaultCert, now));
  const crtList = paths.crtList === undefined ? undefined : await lookAt(crtListAt(paths.crtList));
  await tidy(paths.defaultCert);
  if (paths.crtList !== undefined) await tidy(paths.crtList);
  return { certDir: await certDir(), defaultCert: await defaultCert(), crtList: await crtList?.() };
}

/** One of the three. */
interface Part<T> {
  /** As the subject of a sentence. */
  readonly label: string;
  readonly path: string;
  /** @throws an error whose `systemReason` says why it cannot be used. */
  readonly read: () => Promise<T>;
  /** False where somebody else has just made it. @throws the system's error. */
  readonly make: () => Promise<boolean>;
  /** Another path, or another content, is wanted. */
  readonly wrong: DeployErrorCode;
  /** Another user, or more room, is wanted. */
  readonly denied: DeployErrorCode;
}

/** Returns what makes it where nothing was found, and says what is there then. */
async function lookAt<T>(part: Part<T>): Promise<() => Promise<Found<T>>> {
  const { path } = part;
  const read = async (): Promise<T> => await attempt(part, 'used', part.read);
  if (await exists(part)) {
    const content = await read();
    return async () => await Promise.resolve({ path, made: false, content });
  }
  return async () => {
    const made = await attempt(part, 'made', part.make);
    return { path, made, content: await read() };
  };
}

/** A link that leads nowhere is something too. */
async function exists<T>(part: Part<T>): Promise<boolean> {
  return await attempt(part, 'used', async () => {
    const found = await lstat(part.path).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    return found !== undefined;
  });
}

/** What neither a right nor room would cure. */
const wrongPath: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG']);

async function attempt<T, R>({ label, path, wrong, denied }: Part<T>, done: string, act: () => Promise<R>): Promise<R> {
  try {
    return await act();
  } catch (error) {
    const code = systemCode(error);
    const reason = code === 'ENOENT' ? 'a link in its path leads nowhere (ENOENT)' : systemReason(error);
    const isWrong = code === undefined || wrongPath.has(code);
    const message = `${label} ${path} cannot be ${done}: ${reason}.`;
    throw new DeployError(isWrong ? wrong : denied, message, { cause: error });
  }
}

function certDirAt(path: string): Part<number> {
  return {
    label: 'The certificate directory',
    path,
    read: async () => (await readdir(path)).filter((name) => !name.startsWith('.')).length,
    make: async () => {
      await makeDirectory(dirname(path), 0o755);
      await makeDirectory(path, 0o700);
      return true;
    },
    wrong: 'cert-dir-missing',
    denied: 'cert-dir-not-writable',
  };
}

function defaultCertAt(path: string, now: number): Part<ServedLeaf> {
  return {
    label: 'The default certificate',
    path,
    read: async () => await readDefault(path),
    make: async () => await create(path, await selfSignedBundle(path, now)),
    wrong: 'default-cert-invalid',
    denied: 'default-cert-not-writable',
  };
}

function crtListAt(path: string): Part<number> {
  return {
    label: 'The crt-list',
    path,
    read: async () => {
      const lines = (await readText(path)).split('\n');
      return lines.filter((line) => /^\s*[^#\s]/.test(line)).length;
    },
    make: async () => await create(path, ''),
    wrong: 'crt-list-missing',
    denied: 'crt-list-not-writable',
  };
}

/** What HAProxy would start with. */
async function readDefault(path: string): Promise<ServedLeaf> {
  const pem = await readText(path);
  const chain = splitChain(pem);
  if (chain === undefined) throw new Error('it holds no certificate as PEM');
  // HAProxy looks for a key that is missing in the file beside it (configuration manual, ssl-load-extra-files).
  const key = privateKeyBlock(pem) ?? privateKeyBlock(await readFile(`${path}.key`, 'utf8').catch(() => ''));
  if (/ENCRYPTED/.test(key ?? pem)) throw new Error('a passphrase protects its private key');
  if (key === undefined) throw new Error('it holds no private key as PEM');
  if (!keyMatches(chain.leaf, key)) throw new Error('its private key is not that of its certificate');
  return readLeaf(new X509Certificate(chain.leaf));
}

/** Whoever reads from a pipe may wait for ever. */
async function readText(path: string): Promise<string> {
  const found = await stat(path);
  if (!found.isFile() && !found.isDirectory()) throw new Error('it is not a file');
  return await readFile(path, 'utf8');
}

const defaultName = 'haproxy.selfsigned.invalid';
const tenYears = 3650 * 86_400_000;

async function selfSignedBundle(path: string, now: number): Promise<string> {
  const { createSelfSigned } = await import('../certificate/self-signed.js');
  const privateKey = await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });
  const certificate = await createSelfSigned({
    name: defaultName,
    privateKey,
    notBefore: now,
    notAfter: now + tenYears,
  });
  return buildBundle(certificate, privateKey, path);
}

/** Removes what a run that was killed has left: it may hold a key. */
async function tidy(path: string): Promise<void> {
  await removeUnfinished(dirname(path), basename(path)).catch(() => undefined);
}

/** For the user alone who makes it: a crt-list is of use only to who may read the certificates that it names. */
async function create(path: string, content: string): Promise<boolean> {
  await makeDirectory(dirname(path), 0o755);
  for (let tries = 1; ; tries++) {
    try {
      return await createFileAtomic(path, content, { mode: 0o600 });
    } catch (error) {
      // Another run of this very moment took the unfinished file for one that was left.
      if (systemCode(error) !== 'ENOENT' || tries === 10) throw error;
    }
  }
}
