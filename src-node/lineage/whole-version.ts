import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keyMatches } from '../certificate/x509.js';
import { systemCode } from '../platform/coded-error.js';
import { fileKinds, type FileKind } from './lineage.js';

/** What the four links of live/NAME come to. */
export type Links =
  /** All name files of one version, and none of these is empty. */
  | { readonly kind: 'one-version'; readonly version: number }
  /** They are what an interrupted run leaves: some are missing, lead nowhere, to empty files or to several versions. */
  | { readonly kind: 'torn'; readonly reason: string }
  /** A user keeps something of his own in the place of a link. */
  | { readonly kind: 'foreign'; readonly reason: string };

/** A look at names and sizes alone, since every run takes it of every lineage. */
export async function readLinks(live: Readonly<Record<FileKind, string>>): Promise<Links> {
  const found = await Promise.all(fileKinds.map(async (kind) => await readLink(kind, live[kind])));
  const wrong = found.find((link) => link.kind === 'foreign') ?? found.find((link) => link.kind === 'torn');
  if (wrong !== undefined) return wrong;
  const versions = new Set(found.map((link) => (link.kind === 'one-version' ? link.version : 0)));
  const [version = 0] = versions;
  if (versions.size === 1) return { kind: 'one-version', version };
  return { kind: 'torn', reason: `live/ points to files of several versions (${[...versions].join(', ')})` };
}

async function readLink(kind: FileKind, file: string): Promise<Links> {
  try {
    const [target, { size }] = await Promise.all([readlink(file), stat(file)]);
    const version = new RegExp(`${kind}(\\d+)\\.pem$`).exec(target)?.[1];
    if (version === undefined) return { kind: 'foreign', reason: `${file} is not a link to a version in archive/` };
    return size > 0 ? { kind: 'one-version', version: Number(version) } : { kind: 'torn', reason: `${file} is empty` };
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return { kind: 'torn', reason: `${file} does not exist, or leads nowhere` };
    if (code === 'EINVAL') return { kind: 'foreign', reason: `${file} is not a link to a version in archive/` };
    throw error;
  }
}

/** The version numbers that archive/NAME holds a file of. */
export async function archivedVersions(archive: string): Promise<readonly number[]> {
  return [...(await filesByVersion(archive)).keys()];
}

/** The newest whole version above a number, if any: that an interrupted run stored and did not make live. */
export async function newestWholeVersion(archive: string, above: number): Promise<number | undefined> {
  const complete = [...(await filesByVersion(archive))].filter(
    ([version, kinds]) => version > above && kinds.size === fileKinds.length,
  );
  for (const version of complete.map(([number]) => number).sort((one, other) => other - one)) {
    if (await isWhole(archive, version)) return version;
  }
  return undefined;
}

async function filesByVersion(archive: string): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const files = await readdir(archive).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const found = new Map<number, Set<string>>();
  for (const file of files) {
    const [, kind, digits] = /^(cert|privkey|chain|fullchain)(\d+)\.pem$/.exec(file) ?? [];
    const version = Number(digits ?? 0);
    if (kind !== undefined && version > 0) found.set(version, (found.get(version) ?? new Set()).add(kind));
  }
  return found;
}

/** The key is that of the certificate, and fullchain is certificate and chain: none of the four files is half-written. */
async function isWhole(archive: string, version: number): Promise<boolean> {
  const read = async (kind: FileKind): Promise<string> =>
    await readFile(join(archive, `${kind}${version}.pem`), 'utf8').catch(() => '');
  const [cert, privkey, chain, fullchain] = await Promise.all([
    read('cert'),
    read('privkey'),
    read('chain'),
    read('fullchain'),
  ]);
  return keyMatches(cert, privkey) && fullchain === cert + chain;
}
