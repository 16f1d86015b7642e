import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './coded-error.js';

/**
 * Makes a directory and those above it; one that is there stays as it is. Node's own recursive mkdir tells of a full disk
 * that the directory does not exist.
 * @throws the system's error (`ENOSPC`, `EACCES`, `ENOTDIR`, ...).
 */
export async function makeDirectory(path: string, mode: number): Promise<void> {
  try {
    await makeOne(path, mode);
  } catch (error) {
    const parent = dirname(path);
    if (systemCode(error) !== 'ENOENT' || parent === path) throw error;
    await makeDirectory(parent, mode);
    // Where the parent is a link that leads nowhere, there is still none.
    await makeOne(path, mode);
  }
}

async function makeOne(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
}
