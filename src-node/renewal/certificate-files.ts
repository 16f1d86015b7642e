import { access, constants, lstat, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { privateKeyBlock, type Chain } from '../certificate/chain.js';
import type { FileOptions } from '../config/config.js';
import { writeFileAtomic } from '../platform/atomic-write.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { RenewalError } from './renewal-error.js';

/** Where a certificate goes that is kept in no lineage; absolute. */
export interface CertificateFiles {
  readonly cert: string;
  readonly chain: string;
  readonly fullchain: string;
}

/** As the flags say; else in the working directory under certbot's names, with the first numbers that are free. */
export async function certificateFiles(
  { cert, chain, fullchain }: FileOptions,
  cwd: string,
): Promise<CertificateFiles> {
  const ownChain = chain ?? (await freeFile(cwd, 'chain.pem'));
  return {
    cert: cert ?? (await freeFile(cwd, 'cert.pem')),
    chain: ownChain,
    fullchain: fullchain ?? (await freeFile(cwd, 'chain.pem', ownChain)),
  };
}

async function freeFile(directory: string, name: string, taken?: string): Promise<string> {
  for (let number = 0; ; number += 1) {
    const file = resolve(directory, `${String(number).padStart(4, '0')}_${name}`);
    if (file !== taken && (await isFree(file))) return file;
  }
}

async function isFree(file: string): Promise<boolean> {
  return await lstat(file).then(
    () => false,
    (error: unknown) => systemCode(error) === 'ENOENT',
  );
}

/**
 * Sees before an order, without changing anything, that the files can be written, and that none of them holds a private
 * key, which would be lost.
 * @throws RenewalError `file-unwritable`.
 */
export async function checkCertificateFiles(files: CertificateFiles): Promise<void> {
  const all = Object.values<string>({ ...files });
  for (const [index, file] of all.entries()) {
    if (all.indexOf(file) !== index) throw unwritable(file, 'another part of it goes there too');
    await checkDirectory(dirname(file)).catch((error: unknown) => {
      throw unwritable(file, systemReason(error), error);
    });
    const present = await readFile(file, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return '';
      throw unwritable(file, systemReason(error), error);
    });
    if (privateKeyBlock(present) !== undefined) throw unwritable(file, 'it holds a private key, which would be lost');
  }
}

/** Of a directory that has to be made, the nearest one above it that is there. */
async function checkDirectory(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isDirectory()) throw new Error(`${path} is not a directory`);
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await checkDirectory(dirname(path));
  }
}

export async function writeCertificateFiles(files: CertificateFiles, chain: Chain): Promise<void> {
  const contents: readonly (readonly [string, string])[] = [
    [files.cert, chain.leaf],
    [files.chain, chain.intermediates],
    [files.fullchain, chain.leaf + chain.intermediates],
  ];
  for (const [file, content] of contents) {
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFileAtomic(file, content, { mode: 0o644 });
    } catch (error) {
      throw unwritable(file, systemReason(error), error);
    }
  }
}

function unwritable(file: string, reason: string, cause?: unknown): RenewalError {
  return new RenewalError('file-unwritable', `Cannot write the certificate to ${file}: ${reason}.`, cause);
}
