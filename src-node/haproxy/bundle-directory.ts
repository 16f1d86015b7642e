import { access, constants, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeUnfinished, syncDirectory, writeFileAtomic, type Ownership } from '../platform/atomic-write.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { DeployError } from './deploy-error.js';

/** A bundle that was put in place, and the way back. */
export interface PlacedBundle {
  readonly path: string;
  /** PEM of what was there before; undefined for nothing. */
  readonly previous: string | undefined;
  /** Puts the file back that was there, or removes the new one. */
  readonly restore: () => Promise<void>;
  /** Gives up the way back. */
  readonly keep: () => Promise<void>;
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
 * Writes a bundle: 0600, with the owner of the file that it replaces. What was there lies beside it, in a dot-file that
 * HAProxy passes over, until `restore` or `keep`: a run that is killed leaves it to the next one, whose way back it is.
 * @throws DeployError `cert-dir-missing` or `cert-dir-not-writable`; then the file is as it was.
 */
export async function placeBundle(path: string, bundle: string): Promise<PlacedBundle> {
  const directory = dirname(path);
  await checkBundleDirectory(directory);
  const backup = backupOf(path);
  try {
    const [current, left] = [await readFormer(path), await readFormer(backup)];
    await removeUnfinished(directory, basename(path));
    await removeUnfinished(directory, basename(backup));
    const former = left ?? current;
    let changed = left !== undefined || current?.data.toString() !== bundle;
    if (changed) {
      if (left === undefined) await writeBackup(backup, current);
      await write(path, bundle, current ?? former).catch(async (error: unknown) => {
        if (left === undefined) await rm(backup, { force: true });
        throw error;
      });
    }
    const previous = former === undefined || former.data.length === 0 ? undefined : former.data.toString();
    return {
      path,
      previous,
      restore: async () => {
        if (changed) await restore(path, backup);
        changed = false;
      },
      keep: async () => await rm(backup, { force: true }).catch(() => undefined),
    };
  } catch (error) {
    throw notWritable(path, error);
  }
}

/** Where what was there before is kept meanwhile; empty where nothing was. */
function backupOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.previous`);
}

async function writeBackup(backup: string, former: Former | undefined): Promise<void> {
  await writeFileAtomic(backup, former?.data ?? '', { mode: former?.mode ?? 0o600, owner: former?.owner });
}

async function write(path: string, bundle: string, former: Former | undefined): Promise<void> {
  await writeFileAtomic(path, bundle, { mode: 0o600, owner: former?.owner });
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

interface Former {
  readonly data: Buffer;
  readonly mode: number;
  readonly owner: Ownership;
}

async function readFormer(path: string): Promise<Former | undefined> {
  try {
    const [data, found] = [await readFile(path), await stat(path)];
    return { data, mode: found.mode & 0o777, owner: { uid: found.uid, gid: found.gid } };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function restore(path: string, backup: string): Promise<void> {
  try {
    if ((await stat(backup)).size > 0) {
      await rename(backup, path);
    } else {
      await rm(path, { force: true });
      await rm(backup, { force: true });
    }
    await syncDirectory(dirname(path));
  } catch (error) {
    throw notWritable(path, error);
  }
}

function notWritable(path: string, error: unknown): DeployError {
  return new DeployError('cert-dir-not-writable', `Cannot write the bundle ${path}: ${systemReason(error)}.`, {
    cause: error,
  });
}
