import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeFileAtomic } from '../platform/atomic-write.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { examineLineage, lineageNames } from './examine-lineage.js';
import {
  archiveOf,
  confFileOf,
  letsencryptDirectory,
  liveFilesOf,
  makeDirectories,
  type LetsencryptDirectory,
} from './layout.js';
import { fileKinds, type BrokenLineage, type Lineage, type RenewalSettings, type VersionContent } from './lineage.js';
import { LineageError } from './lineage-error.js';
import type { LineageChange, LineageListing, LineageStore } from './lineage-store.js';
import { finishRemoval, removeLineage, unfinishedRemovals } from './removal.js';
import {
  confValue,
  parseRenewalConf,
  renewalParams,
  rootSection,
  serializeRenewalConf,
  setConfValue,
  type RenewalConf,
} from './renewal-conf.js';
import { writeHaproxySettings } from './haproxy-settings.js';
import { writeDeployedVersion, writeSettings } from './renewal-settings.js';
import { repairLineages } from './repair.js';
import { checkRoom, makeLive, saveArchive } from './version-files.js';
import { archivedVersions } from './whole-version.js';

export { letsencryptDirectory, makeHookDirectories } from './layout.js';

/** The lineages below `root`; `programVersion` is noted in the renewal configurations that are written. */
export function letsencryptStore(root: string, programVersion: string): LineageStore {
  const directory = letsencryptDirectory(root);
  return {
    list: async () => await listLineages(directory),
    saveVersion: async (certName, content, settings) => {
      try {
        return await saveVersion({ directory, certName, programVersion }, content, settings);
      } catch (error) {
        throw notWritable(root, error);
      }
    },
    update: async (lineage, change) => {
      await changeConf(lineage.confFile, (conf) => applyChange(conf, lineage, change));
      return await readLineage(directory, lineage.certName);
    },
    remove: async (certName) => {
      try {
        await removeLineage(directory, certName);
      } catch (error) {
        throw notWritable(root, error);
      }
    },
    repair: async () => await repairLineages(directory),
    check: async () => {
      try {
        await makeDirectories(directory);
        await checkRoom(directory.archive);
        await checkRoom(directory.renewal);
      } catch (error) {
        throw notWritable(directory.archive, error);
      }
    },
  };
}

interface Target {
  readonly directory: LetsencryptDirectory;
  readonly certName: string;
  readonly programVersion: string;
}

async function saveVersion(target: Target, content: VersionContent, settings: RenewalSettings): Promise<Lineage> {
  const { directory, certName } = target;
  await makeDirectories(directory);
  await finishRemoval(directory, certName);
  const confFile = confFileOf(directory, certName);
  const old = parseRenewalConf(await readFile(confFile, 'utf8').catch(orEmpty));
  const archive = archiveOf(directory, certName, old);
  const version = Math.max(0, ...(await archivedVersions(archive))) + 1;
  await saveArchive(archive, version, content);
  // The configuration comes before live/: killed between the two, a run leaves a whole version that `repair` finds.
  await writeConf(confFile, writeSettings(rootEntries(old, target), settings));
  await makeLive({ live: dirname(liveFilesOf(directory, certName, old).cert), archive, version });
  return await readLineage(directory, certName);
}

function applyChange(conf: RenewalConf, lineage: Lineage, change: LineageChange): RenewalConf {
  switch (change.kind) {
    case 'deployed':
      return writeDeployedVersion(conf, lineage.version);
    case 'deploying':
      return writeDeployedVersion(conf, undefined);
    case 'haproxy':
      return writeDeployedVersion(writeHaproxySettings(conf, change.haproxy), undefined);
    case 'settings': {
      const changed = writeSettings(conf, change.settings);
      const [before, after] = [lineage.settings.haproxy, change.settings.haproxy];
      return isDeepStrictEqual(before, after) ? changed : writeDeployedVersion(changed, undefined);
    }
    case 'account':
      return setConfValue(conf, renewalParams, 'account', change.account);
  }
}

/**
 * A name for a new lineage: `wanted`, or `wanted-0001` and so on while a renewal configuration has it. What an
 * interrupted first issuance left in live/ or archive/ does not count: the next version takes its place.
 */
export function freeCertName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  for (let number = 1; ; number += 1) {
    const candidate = `${wanted}-${String(number).padStart(4, '0')}`;
    if (!taken.has(candidate)) return candidate;
  }
}

async function listLineages(directory: LetsencryptDirectory): Promise<LineageListing> {
  const lineages: Lineage[] = [];
  const broken: BrokenLineage[] = [];
  const repairable = [...(await unfinishedRemovals(directory))];
  for (const certName of await lineageNames(directory)) {
    const finding = await examineLineage(directory, certName);
    if (finding.kind === 'usable') lineages.push(finding.lineage);
    else broken.push(finding.broken);
    if (finding.damage !== undefined) repairable.push(certName);
  }
  return { lineages, broken, repairable };
}

async function readLineage(directory: LetsencryptDirectory, certName: string): Promise<Lineage> {
  const finding = await examineLineage(directory, certName);
  if (finding.kind === 'usable') return finding.lineage;
  throw new LineageError('lineage-broken', finding.broken.reason);
}

function rootEntries(conf: RenewalConf, { directory, certName, programVersion }: Target): RenewalConf {
  const live = liveFilesOf(directory, certName, conf);
  const entries: readonly (readonly [string, string])[] = [
    // certbot reads this version and warns about files of a newer major one than its own, so one that it wrote stays.
    ['version', confValue(conf, rootSection, 'version') ?? programVersion],
    ['archive_dir', archiveOf(directory, certName, conf)],
    ...fileKinds.map((kind) => [kind, live[kind]] as const),
  ];
  let result = conf;
  for (const [key, value] of entries) result = setConfValue(result, rootSection, key, value);
  return result;
}

async function writeConf(file: string, conf: RenewalConf): Promise<void> {
  // A user may have closed the file to others, for the hooks in it.
  const old = await stat(file).catch(() => undefined);
  const access =
    old === undefined ? { mode: 0o644 } : { mode: old.mode & 0o777, owner: { uid: old.uid, gid: old.gid } };
  await writeFileAtomic(file, serializeRenewalConf(conf), access);
}

async function changeConf(file: string, change: (conf: RenewalConf) => RenewalConf): Promise<void> {
  try {
    await writeConf(file, change(parseRenewalConf(await readFile(file, 'utf8'))));
  } catch (error) {
    throw notWritable(file, error);
  }
}

function orEmpty(error: unknown): string {
  if (systemCode(error) === 'ENOENT') return '';
  throw error;
}

function notWritable(path: string, error: unknown): LineageError {
  if (error instanceof LineageError) return error;
  return new LineageError('storage-not-writable', `Cannot write to ${path}: ${systemReason(error)}.`, error);
}
