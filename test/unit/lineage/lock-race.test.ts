import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { lockDirectories } from '../../../src-node/lineage/lock.js';
import type { NativeFileSystem } from '../../../src-node/lineage/native.js';
import { temporaryDirectory } from '../../support/temporary.js';

/** What happens between the opening of the file and its lock. */
let beforeLock: (() => void) | undefined;

vi.mock('../../../src-node/lineage/native.js', async (original) => {
  const real = await original<{ loadNative: () => NativeFileSystem | undefined }>();
  return {
    ...real,
    loadNative: (): NativeFileSystem | undefined => {
      const native = real.loadNative();
      if (native === undefined) return undefined;
      const tryLock = (fd: number): boolean => {
        const happen = beforeLock;
        beforeLock = undefined;
        happen?.();
        return native.tryLock(fd);
      };
      return { swap: native.swap, tryLock };
    },
  };
});

const directory = temporaryDirectory();
afterEach(directory.remove);

it('does not take a lock on a file that its holder removed meanwhile: another run would get in beside it', async () => {
  const path = join(directory.path, '.certbot.lock');
  let removed = false;
  beforeLock = () => {
    rmSync(path);
    removed = true;
  };
  const take = async (): Promise<{ release: () => Promise<void> }> =>
    await lockDirectories([{ path: directory.path, mode: 0o700 }], (error) => {
      throw error;
    });
  const lock = await take();
  expect(removed).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
  await expect(take()).rejects.toMatchObject({ code: 'locked' });
  await lock.release();
});
