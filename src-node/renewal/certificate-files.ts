import { mkdir, readFile } from 'node:fs/promises';
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

/** As the flags say; else in the working directory, under certbot's names. */
export function certificateFiles({ cert, chain, fullchain }: FileOptions, cwd: string): CertificateFiles {
  return {
    cert: cert ?? resolve(cwd, '0000_cert.pem'),
    chain: chain ?? resolve(cwd, '0000_chain.pem'),
    fullchain: fullchain ?? resolve(cwd, '0001_chain.pem'),
  };
}

/**
 * Sees before an order that the files can be written, and that none of them holds a private key, which would be lost.
 * @throws RenewalError `file-unwritable`.
 */
export async function checkCertificateFiles(files: CertificateFiles): Promise<void> {
  for (const file of Object.values<string>({ ...files })) {
    await mkdir(dirname(file), { recursive: true }).catch((error: unknown) => {
      throw unwritable(file, systemReason(error), error);
    });
    const present = await readFile(file, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return '';
      throw unwritable(file, systemReason(error), error);
    });
    if (privateKeyBlock(present) !== undefined) throw unwritable(file, 'it holds a private key, which would be lost');
  }
}

export async function writeCertificateFiles(files: CertificateFiles, chain: Chain): Promise<void> {
  const contents: readonly (readonly [string, string])[] = [
    [files.cert, chain.leaf],
    [files.chain, chain.intermediates],
    [files.fullchain, chain.leaf + chain.intermediates],
  ];
  for (const [file, content] of contents) {
    await writeFileAtomic(file, content, { mode: 0o644 }).catch((error: unknown) => {
      throw unwritable(file, systemReason(error), error);
    });
  }
}

function unwritable(file: string, reason: string, cause?: unknown): RenewalError {
  return new RenewalError('file-unwritable', `Cannot write the certificate to ${file}: ${reason}.`, cause);
}
