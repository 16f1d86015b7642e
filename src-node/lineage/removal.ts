import { readdir, readFile, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../platform/atomic-write.js';
import { systemCode } from '../platform/coded-error.js';
import { lineageNames, renewalFiles } from './examine-lineage.js';
import { archiveOf, confFileOf, liveFilesOf, type LetsencryptDirectory } from './layout.js';
import { LineageError } from './lineage-error.js';
import { parseRenewalConf, type RenewalConf } from './renewal-conf.js';
import { isLinkName, nextLive } from './version-files.js';

/**
 * The configuration of a lineage that is being removed. To give it this name is the one step by which the lineage ceases
 * to be; what is left of it is found by it, however often the removal is interrupted.
 */
function markerOf({ renewal }: LetsencryptDirectory, certName: string): string {
  return join(renewal, `.${certName}.conf.deleted`);
}

/** The lineages whose removal was begun and not finished. */
export async function unfinishedRemovals(directory: LetsencryptDirectory): Promise<readonly string[]> {
  const files = await renewalFiles(directory);
  return files.map((file) => /^\.(.+)\.conf\.deleted$/.exec(file)?.[1]).filter((name) => name !== undefined);
}

export async function removeLineage(directory: LetsencryptDirectory, certName: string): Promise<void> {
  const confFile = confFileOf(directory, certName);
  const conf = await readConf(confFile);
  if (conf !== undefined) {
    await refuseShared(directory, certName, archiveOf(directory, certName, conf));
    await rename(confFile, markerOf(directory, certName));
    await syncDirectory(directory.renewal);
  }
  await finishRemoval(directory, certName);
}

/** Does what is left of a removal, if there is one. */
export async function finishRemoval(directory: LetsencryptDirectory, certName: string): Promise<void> {
  const marker = markerOf(directory, certName);
  const conf = await readConf(marker);
  if (conf === undefined) return;
  await removeFiles(directory, certName, conf);
  await rm(marker, { force: true });
  await syncDirectory(directory.renewal);
}

/** Removes live/NAME and archive/NAME; what a user keeps beside the links in live/NAME stays, as with certbot. */
export async function removeFiles(directory: LetsencryptDirectory, certName: string, conf: RenewalConf): Promise<void> {
  const files = liveFilesOf(directory, certName, conf);
  const live = dirname(files.cert);
  const gone = nextLive(live);
  await rm(gone, { recursive: true, force: true });
  const present = await readdir(live).catch(() => []);
  if (present.every((name) => name === 'README' || isLinkName(name))) {
    // Whoever reads it finds it whole or not at all.
    await rename(live, gone).catch(ignoreMissing);
    await rm(gone, { recursive: true, force: true });
  }
  const links = present.filter(isLinkName).map((name) => join(live, name));
  for (const file of [...Object.values(files), ...links, join(live, 'README')]) await rm(file, { force: true });
  await removeEmpty(live);
  await removeArchive(directory, archiveOf(directory, certName, conf));
}

async function removeArchive(directory: LetsencryptDirectory, archive: string): Promise<void> {
  if (dirname(archive) === directory.archive) {
    await rm(archive, { recursive: true, force: true });
    return;
  }
  // Another directory may hold anything else beside the versions.
  for (const name of await readdir(archive).catch(() => [])) {
    if (/^(cert|privkey|chain|fullchain)\d+\.pem$/.test(name)) await rm(join(archive, name), { force: true });
  }
  await removeEmpty(archive);
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error;
}

async function removeEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
  });
}

async function refuseShared(directory: LetsencryptDirectory, certName: string, archive: string): Promise<void> {
  const other = await sharerOf(directory, certName, archive);
  if (other === undefined) return;
  const message = `The lineages '${certName}' and '${other}' keep their versions in the same directory, ${archive}.`;
  throw new LineageError('archive-shared', message);
}

/** Another lineage that keeps its versions in the same directory. */
export async function sharerOf(
  directory: LetsencryptDirectory,
  certName: string,
  archive: string,
): Promise<string | undefined> {
  const own = await realPath(archive);
  for (const other of await lineageNames(directory)) {
    const conf = other === certName ? undefined : await readConf(confFileOf(directory, other));
    if (conf !== undefined && (await realPath(archiveOf(directory, other, conf))) === own) return other;
  }
  return undefined;
}

async function realPath(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}

async function readConf(file: string): Promise<RenewalConf | undefined> {
  try {
    return parseRenewalConf(await readFile(file, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
