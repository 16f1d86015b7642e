import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../platform/atomic-write.js';
import { systemReason } from '../platform/coded-error.js';
import { examineLineage, lineageNames, type Finding } from './examine-lineage.js';
import { archiveOf, confFileOf, liveFilesOf, type LetsencryptDirectory } from './layout.js';
import type { Repair } from './lineage-store.js';
import { finishRemoval, removeFiles, sharerOf, unfinishedRemovals } from './removal.js';
import { parseRenewalConf, type RenewalConf } from './renewal-conf.js';
import { makeLive } from './version-files.js';
import { archivedVersions, newestWholeVersion } from './whole-version.js';

/** Mends one lineage after the other; what cannot be mended is said too, and does not hold up the next. */
export async function repairLineages(directory: LetsencryptDirectory): Promise<readonly Repair[]> {
  const repairs: Repair[] = [];
  const mend = async (certName: string, work: () => Promise<string | undefined>): Promise<void> => {
    const text = await work().catch((error: unknown) => `it cannot be mended: ${systemReason(error)}`);
    if (text !== undefined) repairs.push({ certName, text: `${certName}: ${text}.` });
  };
  for (const certName of await unfinishedRemovals(directory)) {
    await mend(certName, async () => {
      await finishRemoval(directory, certName);
      return 'its removal, which was interrupted, is finished';
    });
  }
  for (const certName of await lineageNames(directory)) {
    await mend(certName, async () => await mendLineage(directory, certName));
  }
  return repairs;
}

async function mendLineage(directory: LetsencryptDirectory, certName: string): Promise<string | undefined> {
  const finding = await examineLineage(directory, certName);
  switch (finding.damage?.kind) {
    case undefined:
      return undefined;
    case 'unwritten-conf':
      return await clearUnwritten(directory, certName);
    case 'not-live': {
      const { version, conf } = finding.damage;
      await linkVersion(directory, certName, { version, conf });
      return `${reasonOf(finding)}; live/ now points to version ${version}, the newest whole one`;
    }
  }
}

function reasonOf(finding: Finding): string {
  return finding.kind === 'usable'
    ? `an interrupted run stored a version newer than the live ${finding.lineage.version}`
    : 'an interrupted run left live/ without one whole version';
}

async function linkVersion(
  directory: LetsencryptDirectory,
  certName: string,
  { version, conf }: { version: number; conf: RenewalConf },
): Promise<void> {
  const live = dirname(liveFilesOf(directory, certName, conf).cert);
  await makeLive({ live, archive: archiveOf(directory, certName, conf), version });
}

/** The configuration of a first issuance that never came to its end gives the name free; a whole certificate stays. */
async function clearUnwritten(directory: LetsencryptDirectory, certName: string): Promise<string> {
  const confFile = confFileOf(directory, certName);
  const archive = join(directory.archive, certName);
  const kept = await holdsCertificate(directory, certName, archive);
  if (!kept) await removeFiles(directory, certName, parseRenewalConf(''));
  const { size } = await stat(confFile);
  if (size === 0) await rm(confFile);
  else await rename(confFile, `${confFile}.unfinished`);
  await syncDirectory(directory.renewal);
  const what = size === 0 ? 'is removed' : `is put aside as ${confFile}.unfinished`;
  const rest = kept ? `what ${archive} holds stays, and an order of that name adds to it` : 'the name is free again';
  return `an interrupted first issuance left an unfinished renewal configuration, which ${what}; ${rest}`;
}

/** A first issuance can have left version 1 alone; anything beyond its parts is not to be thrown away. */
async function holdsCertificate(directory: LetsencryptDirectory, certName: string, archive: string): Promise<boolean> {
  const versions = await archivedVersions(archive);
  if (versions.some((version) => version !== 1)) return true;
  if ((await newestWholeVersion(archive, 0)) !== undefined) return true;
  return (await sharerOf(directory, certName, archive)) !== undefined;
}
