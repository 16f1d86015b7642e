import { readFile, stat } from 'node:fs/promises';
import { writeFileAtomic } from '../platform/atomic-write.js';
import { systemReason } from '../platform/coded-error.js';
import { readCrtList, withCertificate, withoutCertificate } from './crt-list.js';
import { DeployError } from './deploy-error.js';

/** The line of a bundle in a crt-list. */
export interface PlacedLine {
  readonly list: string;
  /** The bundle as the line names it. */
  readonly certificate: string;
  /** Options and filters as the user wrote them; empty for a line of ours. */
  readonly rest: string;
  /** Takes a line of ours out again. */
  readonly remove: () => Promise<void>;
}

/**
 * Sees to it that a crt-list has a line for a bundle; one that is there stays as it is.
 * @param fileOf the file that a name in the list means.
 * @throws DeployError `crt-list-missing`, `crt-list-invalid` or `crt-list-not-writable`; then the file is as it was.
 */
export async function placeLine(
  list: string,
  bundle: string,
  fileOf: (certificate: string) => string,
): Promise<PlacedLine> {
  const same = (certificate: string): boolean => fileOf(certificate) === bundle;
  const text = await readList(list);
  const entry = readCrtList(text, list).find(({ certificate }) => same(certificate));
  if (entry === undefined) await rewrite(list, withCertificate(text, { certificate: bundle, rest: '' }, same));
  const { certificate, rest } = entry ?? { certificate: bundle, rest: '' };
  return {
    list,
    certificate,
    rest,
    remove: async () => {
      // A line without options may be of a run that was killed; one with options is the user's.
      if (rest.trim() === '') await rewrite(list, withoutCertificate(await readList(list), same));
    },
  };
}

/** @throws DeployError `crt-list-missing`. */
export async function readList(list: string): Promise<string> {
  return await readFile(list, 'utf8').catch((error: unknown) => {
    throw new DeployError('crt-list-missing', `Cannot read the crt-list ${list}: ${systemReason(error)}.`, {
      cause: error,
    });
  });
}

async function rewrite(list: string, text: string): Promise<void> {
  try {
    const { mode, uid, gid } = await stat(list);
    await writeFileAtomic(list, text, { mode: mode & 0o777, owner: { uid, gid } });
  } catch (error) {
    throw new DeployError('crt-list-not-writable', `Cannot write the crt-list ${list}: ${systemReason(error)}.`, {
      cause: error,
    });
  }
}
