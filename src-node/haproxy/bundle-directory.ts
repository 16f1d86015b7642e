import { access, constants, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeUnfinished, writeFileAtomic, type Ownership } from '../platform/atomic-write.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { DeployError } from './deploy-error.js';

/** A bundle that was put in place, and the way back. */
export interface PlacedBundle {
  readonly path: string;
  /** Puts the file back that was there, or removes the new one. */
  readonly restore: () => Promise<void>;
}

/** Where the bundles of a HAProxy are kept. */
export interface BundlePlace {
  readonly certDir: string | undefined;
  /** File name of the bundle; undefined: CERTNAME.pem. */
  readonly bundle: string | undefined;
}

/** The path of a lineage's bundle; undefined where none is kept. HAProxy takes `*` in a file name, but a shell does not. */
export function bundlePath({ certDir, bundle }: BundlePlace, certName: string): string | undefined {
  return certDir === undefined ? undefined : join(certDir, bundle ?? `${certName.replaceAll('*', '_')}.pem`);
}

/**
 * Writes a bundle into the directory that a bind's `crt` names: 0600, with the owner of the file that it replaces.
 * @throws DeployError `cert-dir-missing` or `cert-dir-not-writable`; then the file is as it was.
 */
export async function placeBundle(path: string, bundle: string): Promise<PlacedBundle> {
  const certDir = dirname(path);
  await checkBundleDirectory(certDir);
  try {
    const previous = await readPrevious(path);
    await removeUnfinished(certDir, basename(path));
    await writeFileAtomic(path, bundle, { mode: 0o600, owner: previous?.owner });
    return { path, restore: async () => await restore(path, previous) };
  } catch (error) {
    throw notWritable(path, error);
  }
}

/** @throws DeployError `cert-dir-missing` or `cert-dir-not-writable`. */
export async function checkBundleDirectory(certDir: string): Promise<void> {
  const found = await stat(certDir).catch((error: unknown) => {
    const reason = systemReason(error);
    throw new DeployError('cert-dir-missing', `The certificate directory ${certDir} cannot be used: ${reason}.`, {
      cause: error,
    });
  });
  if (!found.isDirectory()) {
    throw new DeployError('cert-dir-missing', `The certificate directory ${certDir} is not a directory.`);
  }
  await access(certDir, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    const reason = systemReason(error);
    throw new DeployError('cert-dir-not-writable', `Cannot write to the certificate directory ${certDir}: ${reason}.`, {
      cause: error,
    });
  });
}

interface Previous {
  readonly data: Buffer;
  readonly mode: number;
  readonly owner: Ownership;
}

async function readPrevious(path: string): Promise<Previous | undefined> {
  try {
    const [data, found] = [await readFile(path), await stat(path)];
    return { data, mode: found.mode & 0o777, owner: { uid: found.uid, gid: found.gid } };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function restore(path: string, previous: Previous | undefined): Promise<void> {
  try {
    if (previous === undefined) await rm(path, { force: true });
    else await writeFileAtomic(path, previous.data, { mode: previous.mode, owner: previous.owner });
  } catch (error) {
    throw notWritable(path, error);
  }
}

function notWritable(path: string, error: unknown): DeployError {
  return new DeployError('cert-dir-not-writable', `Cannot write the bundle ${path}: ${systemReason(error)}.`, {
    cause: error,
  });
}
