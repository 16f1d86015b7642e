import { readdir, readFile } from 'node:fs/promises';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { archiveOf, confFileOf, liveFilesOf, type LetsencryptDirectory } from './layout.js';
import type { BrokenLineage, Lineage } from './lineage.js';
import { LineageError } from './lineage-error.js';
import { parseRenewalConf, type RenewalConf } from './renewal-conf.js';
import { readDeployedVersion, readSettings } from './renewal-settings.js';
import { newestWholeVersion, readLinks } from './whole-version.js';

/** What an interrupted run has left of a lineage, and what is to be done about it. */
export type Damage =
  /** A whole version is in archive/ and not live; live/ is torn, or still at an older version. */
  | { readonly kind: 'not-live'; readonly version: number; readonly conf: RenewalConf }
  /** certbot makes an empty configuration first of all and fills it last: there never was a lineage. */
  | { readonly kind: 'unwritten-conf' };

/** A lineage as it is found on the disk. */
export type Finding =
  | { readonly kind: 'usable'; readonly lineage: Lineage; readonly damage: Damage | undefined }
  | { readonly kind: 'broken'; readonly broken: BrokenLineage; readonly damage: Damage | undefined };

/** The names of the lineages, by their configurations. */
export async function lineageNames(directory: LetsencryptDirectory): Promise<readonly string[]> {
  const files = await renewalFiles(directory);
  return files.filter((file) => /^[^.].*\.conf$/.test(file)).map((file) => file.slice(0, -'.conf'.length));
}

/** What renewal/ holds, in order; nothing where there is no such directory. */
export async function renewalFiles({ renewal }: LetsencryptDirectory): Promise<readonly string[]> {
  try {
    return (await readdir(renewal)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new LineageError('storage-not-readable', `Cannot read ${renewal}: ${systemReason(error)}.`, error);
  }
}

/** Looks closer only where names, links and sizes show that something is amiss. */
export async function examineLineage(directory: LetsencryptDirectory, certName: string): Promise<Finding> {
  const confFile = confFileOf(directory, certName);
  const broken = (why: string, damage?: Damage): Finding => {
    const mended = damage === undefined ? '' : '; `haproxy-acme renew` mends it';
    const reason = `The renewal configuration ${confFile} is broken: ${why}${mended}.`;
    return { kind: 'broken', broken: { certName, confFile, reason }, damage };
  };
  try {
    const text = await readFile(confFile, 'utf8');
    const conf = parseRenewalConf(text);
    const settings = readSettings(conf);
    if (settings === undefined) {
      return broken('[renewalparams] names no server', isUnwritten(text) ? { kind: 'unwritten-conf' } : undefined);
    }
    const live = liveFilesOf(directory, certName, conf);
    const links = await readLinks(live);
    if (links.kind === 'foreign') return broken(links.reason);
    const linked = links.kind === 'one-version' ? links.version : 0;
    const newer = await newestWholeVersion(archiveOf(directory, certName, conf), linked);
    const damage: Damage | undefined = newer === undefined ? undefined : { kind: 'not-live', version: newer, conf };
    if (links.kind === 'torn') return broken(links.reason, damage);
    const deployedVersion = readDeployedVersion(conf);
    const lineage = { certName, confFile, conf, settings, version: links.version, deployedVersion, live };
    return { kind: 'usable', lineage, damage };
  } catch (error) {
    return broken(`it, or what it names, cannot be read: ${systemReason(error)}`);
  }
}

/** Empty, or cut off before its end, which has a line break wherever a program wrote it. */
function isUnwritten(text: string): boolean {
  return text.trim() === '' || !text.endsWith('\n');
}
