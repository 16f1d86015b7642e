import { mkdir, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { prepareFile, type PreparedFile } from '../platform/atomic-write.js';
import { fileKinds, type BrokenLineage, type FileKind, type Lineage } from './lineage.js';
import { LineageError } from './lineage-error.js';
import type { LineageListing, LineageStore } from './lineage-store.js';
import {
  readDeployedVersion,
  readSettings,
  writeDeployedVersion,
  writeHaproxy,
  writeSettings,
} from './renewal-settings.js';
import {
  confValue,
  parseRenewalConf,
  rootSection,
  serializeRenewalConf,
  setConfValue,
  type RenewalConf,
} from './renewal-conf.js';
import { archivedVersions, checkRoom, makeLive, saveArchive } from './version-files.js';

/** The layout that certbot keeps under its configuration directory (usually /etc/letsencrypt). */
export interface LetsencryptDirectory {
  readonly root: string;
  readonly renewal: string;
  readonly live: string;
  readonly archive: string;
  readonly accounts: string;
}

export function letsencryptDirectory(root: string): LetsencryptDirectory {
  const at = (name: string): string => join(root, name);
  return { root, renewal: at('renewal'), live: at('live'), archive: at('archive'), accounts: at('accounts') };
}

/** The lineages below `root`; `programVersion` is noted in the renewal configurations that are written. */
export function letsencryptStore(root: string, programVersion: string): LineageStore {
  const directory = letsencryptDirectory(root);
  return {
    list: async () => await listLineages(directory),
    saveVersion: async (certName, content, settings) => {
      try {
        const confFile = join(directory.renewal, `${certName}.conf`);
        await makeDirectories(directory);
        const old = parseRenewalConf(await readFile(confFile, 'utf8').catch(orEmpty));
        const archive = confValue(old, rootSection, 'archive_dir') ?? join(directory.archive, certName);
        const version = Math.max(0, ...(await archivedVersions(archive))) + 1;
        await saveArchive(archive, version, content);
        const conf = writeSettings(rootEntries(old, { directory, certName, programVersion }), settings);
        const prepared = await prepareConf(confFile, conf);
        try {
          await makeLive({ live: dirname(liveFiles(directory, certName, old).cert), archive, version });
        } catch (error) {
          await prepared.discard();
          throw error;
        }
        // The configuration comes last: certbot and we look at nothing that has none.
        await prepared.commit();
        return await readLineage(directory, certName);
      } catch (error) {
        throw notWritable(root, error);
      }
    },
    update: async (lineage, change) => {
      await changeConf(lineage.confFile, (conf) =>
        change.kind === 'deployed'
          ? writeDeployedVersion(conf, lineage.version)
          : writeDeployedVersion(writeHaproxy(conf, change.haproxy), undefined),
      );
      return await readLineage(directory, lineage.certName);
    },
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
  for (const file of await confFiles(directory)) {
    const certName = file.slice(0, -'.conf'.length);
    try {
      lineages.push(await readLineage(directory, certName));
    } catch (error) {
      if (!(error instanceof LineageError) || error.code === 'storage-not-readable') throw error;
      broken.push({ certName, confFile: join(directory.renewal, file), reason: error.message });
    }
  }
  return { lineages, broken };
}

async function confFiles(directory: LetsencryptDirectory): Promise<readonly string[]> {
  try {
    const files = await readdir(directory.renewal);
    return files.filter((file) => file.endsWith('.conf') && !file.startsWith('.')).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new LineageError('storage-not-readable', `Cannot read ${directory.renewal}: ${systemReason(error)}.`, error);
  }
}

async function readLineage(directory: LetsencryptDirectory, certName: string): Promise<Lineage> {
  const confFile = join(directory.renewal, `${certName}.conf`);
  const broken = (reason: string, error?: unknown): LineageError =>
    new LineageError('lineage-broken', `The renewal configuration ${confFile} is broken: ${reason}.`, error);
  let conf: RenewalConf;
  try {
    conf = parseRenewalConf(await readFile(confFile, 'utf8'));
  } catch (error) {
    throw broken(`it cannot be read: ${systemReason(error)}`, error);
  }
  const settings = readSettings(conf);
  if (settings === undefined) throw broken('[renewalparams] names no server');
  const live = liveFiles(directory, certName, conf);
  const version = await liveVersion(live.cert).catch((error: unknown) => {
    throw broken(`${live.cert} is not a link to a version in archive/`, error);
  });
  return { certName, confFile, conf, settings, version, deployedVersion: readDeployedVersion(conf), live };
}

function liveFiles(directory: LetsencryptDirectory, certName: string, conf: RenewalConf): Record<FileKind, string> {
  const file = (kind: FileKind): string =>
    confValue(conf, rootSection, kind) ?? join(directory.live, certName, `${kind}.pem`);
  return { cert: file('cert'), privkey: file('privkey'), chain: file('chain'), fullchain: file('fullchain') };
}

async function liveVersion(certFile: string): Promise<number> {
  const match = /cert(\d+)\.pem$/.exec(await readlink(certFile));
  if (match === null) throw new Error('not a version');
  return Number(match[1]);
}

interface RootEntries {
  readonly directory: LetsencryptDirectory;
  readonly certName: string;
  readonly programVersion: string;
}

function rootEntries(conf: RenewalConf, { directory, certName, programVersion }: RootEntries): RenewalConf {
  // certbot reads this version and warns about files of a newer major one than its own, so one that it wrote stays.
  const entries: [string, string][] = [
    ['version', confValue(conf, rootSection, 'version') ?? programVersion],
    ['archive_dir', confValue(conf, rootSection, 'archive_dir') ?? join(directory.archive, certName)],
  ];
  for (const kind of fileKinds) {
    entries.push([kind, confValue(conf, rootSection, kind) ?? join(directory.live, certName, `${kind}.pem`)]);
  }
  let result = conf;
  for (const [key, value] of entries) result = setConfValue(result, rootSection, key, value);
  return result;
}

async function writeConf(file: string, conf: RenewalConf): Promise<void> {
  await (await prepareConf(file, conf)).commit();
}

async function prepareConf(file: string, conf: RenewalConf): Promise<PreparedFile> {
  // A user may have closed the file to others, for the hooks in it.
  const old = await stat(file).catch(() => undefined);
  const access =
    old === undefined ? { mode: 0o644 } : { mode: old.mode & 0o777, owner: { uid: old.uid, gid: old.gid } };
  return await prepareFile(file, serializeRenewalConf(conf), access);
}

async function changeConf(file: string, change: (conf: RenewalConf) => RenewalConf): Promise<void> {
  try {
    await writeConf(file, change(parseRenewalConf(await readFile(file, 'utf8'))));
  } catch (error) {
    throw notWritable(file, error);
  }
}

async function makeDirectories(directory: LetsencryptDirectory): Promise<void> {
  for (const [path, mode] of [
    [directory.renewal, 0o755],
    [directory.live, 0o700],
    [directory.archive, 0o700],
  ] as const) {
    await mkdir(path, { recursive: true, mode });
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
