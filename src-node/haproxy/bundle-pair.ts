import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../platform/atomic-write.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { DeployError } from './deploy-error.js';

/** The file of one of a pair: a bind's `crt FILE` loads FILE.ecdsa and FILE.rsa where there is no FILE itself. */
export function pairedFile(file: string, type: 'ecdsa' | 'rsa'): string {
  return `${withoutType(file)}.${type}`;
}

function withoutType(file: string): string {
  return file.replace(/\.(?:ecdsa|rsa)$/, '');
}

/**
 * Gives a FILE that would hide the pair the name of the member that is to take its place. HAProxy, should it start in
 * between, loads it by that name; one that runs has FILE in its memory until it is reloaded.
 * @returns whether there was such a FILE.
 * @throws DeployError `cert-dir-not-writable`.
 */
export async function uncoverPair(member: string): Promise<boolean> {
  const file = withoutType(member);
  try {
    if (!(await stat(file)).isFile()) return false;
    await rename(file, member);
    await syncDirectory(dirname(file));
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    const message = `Cannot rename ${file}, which would hide the pair of bundles: ${systemReason(error)}.`;
    throw new DeployError('cert-dir-not-writable', message, { cause: error });
  }
}
