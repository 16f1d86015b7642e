import { open, readFile, readlink, realpath, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.js';
import { systemReason } from '../platform/coded-error.js';
import { makeDirectory } from '../platform/make-directory.js';
import { LineageError } from './lineage-error.js';
import { loadNative, type NativeFileSystem } from './native.js';

/** certbot's own name, so that either program sees the other's lock. */
const lockName = '.certbot.lock';

export interface Lock {
  /** Gives the directories free again. A process that dies gives them free as well. */
  readonly release: () => Promise<void>;
}

/** A directory to lock and the permission bits that it gets when it has to be made. */
export interface LockDirectory {
  readonly path: string;
  readonly mode: number;
}

/** How long to wait for another run to end. */
export interface LockPatience {
  /** Seconds; 0 for not at all. */
  readonly wait: number;
  readonly clock: Clock;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Told once, with who holds the lock, before a wait begins. */
  readonly onWait: (error: LineageError) => void;
}

/** Milliseconds between two looks. certbot's lock gives no notice of its end. */
const lookEvery = 200;

/**
 * Locks directories as certbot does, by POSIX record locks on `.certbot.lock` in each, which die with the process. While
 * it waits it holds none, so that two runs never wait for each other; that a certbot is let in between is no harm.
 * `warn` is told where locks are not to be had (another C library or platform); then none is taken.
 * @throws LineageError `locked`, saying who holds it, or `storage-not-writable`.
 */
export async function lockDirectories(
  directories: readonly LockDirectory[],
  warn: (error: LineageError) => void,
  patience?: LockPatience,
): Promise<Lock> {
  const end = patience === undefined ? 0 : patience.clock.now() + patience.wait * 1_000;
  for (let waited = false; ; waited = true) {
    try {
      return await lockAtOnce(directories, warn);
    } catch (error) {
      const isHeld = error instanceof LineageError && error.code === 'locked';
      if (!isHeld || patience === undefined || patience.clock.now() >= end) throw error;
      if (!waited) patience.onWait(error);
      await patience.clock.sleep(lookEvery, patience.signal).catch(() => {
        throw error;
      });
    }
  }
}

async function lockAtOnce(directories: readonly LockDirectory[], warn: (error: LineageError) => void): Promise<Lock> {
  const native = loadNative();
  if (native === undefined) {
    const message = 'File locks are not available on this system, so that another run is not kept out.';
    warn(new LineageError('lock-unavailable', message));
  }
  const held: HeldLock[] = [];
  const release = async (): Promise<void> => {
    for (const lock of held.splice(0).reverse()) await giveFree(lock);
  };
  try {
    for (const directory of directories) {
      await makeLockDirectory(directory);
      // One directory may be all of them, by whatever path: a lock would be refused to its own holder.
      const path = join(await realpath(directory.path), lockName);
      const isHeld = held.some((lock) => lock.path === path);
      if (native !== undefined && !isHeld) held.push(await takeLock(path, native));
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

interface HeldLock {
  readonly path: string;
  readonly file: FileHandle;
}

async function makeLockDirectory(directory: LockDirectory): Promise<void> {
  try {
    await makeDirectory(directory.path, directory.mode);
  } catch (error) {
    throw new LineageError('storage-not-writable', `Cannot make ${directory.path}: ${systemReason(error)}.`, error);
  }
}

async function takeLock(path: string, native: NativeFileSystem): Promise<HeldLock> {
  for (;;) {
    const file = await openLock(path);
    try {
      if (!native.tryLock(file.fd)) throw await heldError(path);
      if (await isStillNamed(file, path)) {
        await file.truncate(0);
        await file.write(`${await readlink('/proc/self').catch(() => '')}\n`, 0);
        return { path, file };
      }
    } catch (error) {
      await file.close();
      if (error instanceof LineageError) throw error;
      throw new LineageError('storage-not-writable', `Cannot lock ${path}: ${systemReason(error)}.`, error);
    }
    // The holder before us removed the file between our open and our lock: what we locked has no name any more.
    await file.close();
  }
}

async function openLock(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a+', 0o600);
  } catch (error) {
    throw new LineageError('storage-not-writable', `Cannot open the lock ${path}: ${systemReason(error)}.`, error);
  }
}

async function isStillNamed(file: FileHandle, path: string): Promise<boolean> {
  const [opened, named] = [await file.stat(), await stat(path).catch(() => undefined)];
  return named?.ino === opened.ino && named.dev === opened.dev;
}

/** As certbot: the name goes first, while the lock is still held. */
async function giveFree(lock: HeldLock): Promise<void> {
  await rm(lock.path, { force: true }).catch(() => undefined);
  await lock.file.close();
}

async function heldError(path: string): Promise<LineageError> {
  const holder = await lockHolder(path);
  const who = holder === undefined ? 'Another run of haproxy-acme or certbot' : `Process ${holder}`;
  return new LineageError('locked', `${who} holds the lock ${path}.`);
}

/** Who holds a lock: the kernel tells for certbot's, the file's content for ours (/proc/locks shows -1 there). */
async function lockHolder(path: string): Promise<number | undefined> {
  try {
    const { ino } = await stat(path);
    const locks = (await readFile('/proc/locks', 'utf8')).split('\n');
    const fields = locks
      .find((line) => line.includes(`:${ino} `))
      ?.trim()
      .split(/\s+/);
    const pid = Number(fields?.[4] ?? '-1');
    return pid > 0 ? pid : pidIn(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function pidIn(text: string): number | undefined {
  return /^\d+\n?$/.test(text) ? Number(text) : undefined;
}
