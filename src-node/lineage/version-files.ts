import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, chown, link, mkdir, readdir, rename, rm, stat, statfs, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { removeUnfinished, syncDirectory, writeFileAtomic, type Ownership } from '../platform/atomic-write.js';
import { makeDirectory } from '../platform/make-directory.js';
import { fileKinds, type FileKind, type VersionContent } from './lineage.js';
import { loadNative } from './native.js';

/** Bytes: the four files, the links and the configuration of a version, with something over. */
const roomForVersion = 24 * 1024;

/** Sees that a file can be written and that there is room for a version. @throws the system's error (`ENOSPC`, ...). */
export async function checkRoom(directory: string): Promise<void> {
  const probe = join(directory, `.room.${randomBytes(6).toString('hex')}`);
  try {
    await removeUnfinished(directory);
    await writeFile(probe, Buffer.alloc(32), { mode: 0o600, flush: true });
  } finally {
    await rm(probe, { force: true });
  }
  const { bfree, bsize } = await statfs(directory);
  if (bfree * bsize < roomForVersion) throw Object.assign(new Error('no space is left'), { code: 'ENOSPC' });
}

/** Writes the four files of one version. fullchain is cert and chain, byte for byte. */
export async function saveArchive(archive: string, version: number, content: VersionContent): Promise<void> {
  await makeDirectory(archive, 0o755);
  const data: Readonly<Record<FileKind, string>> = {
    cert: content.leaf,
    privkey: content.privateKey,
    chain: content.intermediates,
    fullchain: content.leaf + content.intermediates,
  };
  const key = await keyAccess(archive, version - 1);
  const paths: string[] = [];
  try {
    await removeUnfinished(archive);
    for (const kind of fileKinds) {
      const path = join(archive, `${kind}${version}.pem`);
      await writeFileAtomic(path, data[kind], kind === 'privkey' ? key : { mode: 0o644 });
      paths.push(path);
    }
  } catch (error) {
    // Half a version would only take room that the next try needs.
    for (const path of paths) await rm(path, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** A new key is 0600; a renewed one takes owner, group, the group's bits and the world's read bit of the one before. */
async function keyAccess(archive: string, previous: number): Promise<{ mode: number; owner?: Ownership }> {
  const old = await stat(join(archive, `privkey${previous}.pem`)).catch(() => undefined);
  if (old === undefined) return { mode: 0o600 };
  return { mode: 0o600 | (old.mode & 0o074), owner: { uid: old.uid, gid: old.gid } };
}

export interface LiveTarget {
  /** live/NAME */
  readonly live: string;
  /** archive/NAME */
  readonly archive: string;
  readonly version: number;
}

/**
 * Points live/NAME at a version. A directory of new links is made beside it and the two change places in one step, so
 * that a reader sees key and chain of one version. Where the system cannot exchange directories, the links are
 * replaced one by one. What else a user keeps there stays, as do the directory's mode and owner.
 */
export async function makeLive(target: LiveTarget): Promise<void> {
  const { live } = target;
  const next = nextLive(live);
  await clearNext(next, live);
  await makeDirectory(dirname(live), 0o700);
  const old = await stat(live).catch(() => undefined);
  try {
    await makeNext(target, next, old);
    if (old === undefined) await rename(next, live);
    else await exchange(next, live);
  } catch (error) {
    await clearNext(next, live).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(live));
}

/** The directory that is made beside live/NAME. */
export function nextLive(live: string): string {
  return join(dirname(live), `.${basename(live)}.next`);
}

async function makeNext({ live, archive, version }: LiveTarget, next: string, old: Stats | undefined): Promise<void> {
  await mkdir(next, { mode: 0o700 });
  for (const kind of fileKinds) {
    // Seen from live/NAME, which is beside the directory that is being made.
    await symlink(relative(live, join(archive, `${kind}${version}.pem`)), join(next, `${kind}.pem`));
  }
  if (old === undefined) {
    await writeFileAtomic(join(next, 'README'), readme, { mode: 0o644 });
    await chmod(next, 0o755);
    return;
  }
  await linkOthers(live, next);
  // Only root can give to another user.
  await chown(next, old.uid, old.gid).catch(() => undefined);
  await chmod(next, old.mode & 0o7777);
}

/** Also certbot's `previous_` links, which are there while it changes the links and block it when they are left. */
const linkNames: ReadonlySet<string> = new Set(fileKinds.flatMap((kind) => [`${kind}.pem`, `previous_${kind}.pem`]));

export function isLinkName(name: string): boolean {
  return linkNames.has(name);
}

async function othersIn(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => !isLinkName(name));
}

/** Directories cannot be linked: they are moved after the exchange. */
async function linkOthers(from: string, to: string): Promise<void> {
  for (const name of await othersIn(from)) await link(join(from, name), join(to, name)).catch(() => undefined);
}

async function exchange(next: string, live: string): Promise<void> {
  if (loadNative()?.swap(next, live) !== true) {
    for (const kind of fileKinds) await rename(join(next, `${kind}.pem`), join(live, `${kind}.pem`));
  }
  await clearNext(next, live);
}

/** Removes the directory that was to be live, or was so; what of a user's is only there goes to live/NAME first. */
async function clearNext(next: string, live: string): Promise<void> {
  const present = await readdir(live).catch(() => undefined);
  if (present !== undefined) {
    for (const name of await othersIn(next).catch(() => [])) {
      if (!present.includes(name)) await rename(join(next, name), join(live, name));
    }
  }
  await rm(next, { recursive: true, force: true });
}

const readme = `This directory holds your certificate and its private key.

privkey.pem    the private key
cert.pem       the certificate alone
chain.pem      the certificates of the authorities above it
fullchain.pem  cert.pem and chain.pem in one file

They are links to the newest version in archive/. Do not move them: each renewal puts new links in their place.
`;
