import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../platform/coded-error.js';
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

/**
 * Makes the directories for a user's hooks, which are there after every command that starts; whoever may not make them
 * has no hooks in them either.
 */
export async function makeHookDirectories(root: string): Promise<void> {
  const { hooks } = letsencryptDirectory(root);
  for (const kind of ['pre', 'deploy', 'post']) await makeDirectory(join(hooks, kind), 0o755).catch(() => undefined);
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
  await writeFile(join(directory.live, 'README'), readme, { flag: 'wx', mode: 0o644 }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
}

const readme = `Each directory here holds a certificate and its private key.

NAME/privkey.pem    the private key
NAME/cert.pem       the certificate alone
NAME/chain.pem      the certificates of the authorities above it
NAME/fullchain.pem  cert.pem and chain.pem in one file

They are links to the newest version in archive/. Do not move them: each renewal puts new links in their place.
`;

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
