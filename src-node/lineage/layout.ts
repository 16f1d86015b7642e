import { join } from 'node:path';
import { makeDirectory } from '../platform/make-directory.js';
import type { FileKind } from './lineage.js';
import { confValue, rootSection, type RenewalConf } from './renewal-conf.js';

/** The layout that certbot keeps under its configuration directory (usually /etc/letsencrypt). */
export interface LetsencryptDirectory {
  readonly root: string;
  readonly renewal: string;
  readonly live: string;
  readonly archive: string;
  readonly accounts: string;
  readonly hooks: string;
}

export function letsencryptDirectory(root: string): LetsencryptDirectory {
  const at = (name: string): string => join(root, name);
  return {
    root,
    renewal: at('renewal'),
    live: at('live'),
    archive: at('archive'),
    accounts: at('accounts'),
    hooks: at('renewal-hooks'),
  };
}

/** Makes what a lineage is stored in. */
export async function makeDirectories(directory: LetsencryptDirectory): Promise<void> {
  for (const [path, mode] of [
    [directory.renewal, 0o755],
    [directory.live, 0o700],
    [directory.archive, 0o700],
  ] as const) {
    await makeDirectory(path, mode);
  }
}

export function confFileOf(directory: LetsencryptDirectory, certName: string): string {
  return join(directory.renewal, `${certName}.conf`);
}

/** archive/NAME, unless the configuration names another directory. */
export function archiveOf(directory: LetsencryptDirectory, certName: string, conf: RenewalConf): string {
  return confValue(conf, rootSection, 'archive_dir') ?? join(directory.archive, certName);
}

/** The paths of the live files, as the configuration names them. */
export function liveFilesOf(
  directory: LetsencryptDirectory,
  certName: string,
  conf: RenewalConf,
): Readonly<Record<FileKind, string>> {
  const file = (kind: FileKind): string =>
    confValue(conf, rootSection, kind) ?? join(directory.live, certName, `${kind}.pem`);
  return { cert: file('cert'), privkey: file('privkey'), chain: file('chain'), fullchain: file('fullchain') };
}
