import { randomBytes } from 'node:crypto';
import { link, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from './coded-error.js';

export interface Ownership {
  readonly uid: number;
  readonly gid: number;
}

export interface AtomicWriteOptions {
  /** Permission bits, whatever the umask. */
  readonly mode: number;
  readonly owner?: Ownership | undefined;
}

/**
 * Writes a file so that a reader sees the old content or the new one, whole, at any moment and after a crash: a
 * dot-file beside it (which HAProxy's certificate directories skip) is written, flushed and renamed over `path`.
 * On an error nothing is left behind.
 * @throws the system's error (`ENOSPC`, `EACCES`, ...).
 */
export async function writeFileAtomic(path: string, data: string | Buffer, options: AtomicWriteOptions): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await write(temporary, data, options);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
}

/**
 * As `writeFileAtomic`, but what has the name already stays as it is. Where the file system has no hard links, what gets
 * the name in this very moment is replaced all the same: look first.
 * @returns false where something has the name.
 * @throws the system's error; ENOENT also where `removeUnfinished` of another run has come between.
 */
export async function createFileAtomic(
  path: string,
  data: string | Buffer,
  options: AtomicWriteOptions,
): Promise<boolean> {
  const temporary = temporaryPath(path);
  try {
    await write(temporary, data, options);
    await link(temporary, path).catch(async (error: unknown) => {
      if (!linkless.has(systemCode(error) ?? '')) throw error;
      await rename(temporary, path);
    });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
  await syncDirectory(dirname(path));
  return true;
}

/** What link(2) says where the file system has no hard links. */
const linkless: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
}

async function write(path: string, data: string | Buffer, options: AtomicWriteOptions): Promise<void> {
  const file = await open(path, 'wx', options.mode);
  await fill(file, data, options).finally(async () => await file.close());
}

async function fill(file: FileHandle, data: string | Buffer, options: AtomicWriteOptions): Promise<void> {
  await file.writeFile(data);
  // chown clears set-id bits and may be refused, so it comes before chmod.
  if (options.owner !== undefined) await file.chown(options.owner.uid, options.owner.gid);
  await file.chmod(options.mode);
  await file.sync();
}

/**
 * Removes the dot-files that runs which were killed left in a directory: a private key may be in one. Only where nobody
 * else is writing, as under a lock.
 * @param file name of the only file whose they are to be; of every file where there is none.
 */
export async function removeUnfinished(directory: string, file?: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const meant = /^\.(.+)\.[0-9a-f]{12}$/.exec(name)?.[1];
    if (meant !== undefined && (file ?? meant) === meant) await rm(join(directory, name), { force: true });
  }
}

/** Flushes a directory, so that a rename in it survives a power cut. Some file systems cannot; that is not an error. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    await directory.sync().finally(async () => await directory.close());
  } catch {
    // The content is on disk already; only the name may be older after a power cut.
  }
}
