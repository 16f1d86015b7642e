import { X509Certificate } from 'node:crypto';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CertificateError } from '../certificate/certificate-error.js';
import type { Lineage } from '../lineage/lineage.js';
import { systemReason } from '../platform/coded-error.js';
import { RenewalError } from './renewal-error.js';

/** A certificate that a file holds: the first one of it, whether PEM or DER. */
export interface CertificateFile {
  readonly path: string;
  /** PEM. */
  readonly pem: string;
}

/** @throws RenewalError `file-unreadable` or CertificateError `certificate-unreadable`. */
export async function readCertificateFile(path: string): Promise<CertificateFile> {
  const data = await readGivenFile(path);
  try {
    return { path, pem: new X509Certificate(data).toString() };
  } catch (error) {
    throw new CertificateError('certificate-unreadable', `${path} holds no certificate.`, error);
  }
}

/** @throws RenewalError `file-unreadable`. */
export async function readGivenFile(path: string): Promise<Buffer> {
  return await readFile(path).catch((error: unknown) => {
    throw new RenewalError('file-unreadable', `Cannot read ${path}: ${systemReason(error)}.`, error);
  });
}

/** The lineages of which one version or another is this certificate, wherever the file lies that it was read from. */
export async function lineagesOf(pem: string, lineages: readonly Lineage[]): Promise<readonly Lineage[]> {
  const { fingerprint256 } = new X509Certificate(pem);
  const holds = await Promise.all(
    lineages.map(async ({ live }) => (await archivedFingerprints(live.cert)).includes(fingerprint256)),
  );
  return lineages.filter((_, index) => holds[index] === true);
}

async function archivedFingerprints(liveCert: string): Promise<readonly string[]> {
  const archive = dirname(await realpath(liveCert));
  const names = (await readdir(archive)).filter((name) => /^cert\d+\.pem$/.test(name));
  return await Promise.all(
    names.map(async (name) => {
      try {
        return new X509Certificate(await readFile(join(archive, name))).fingerprint256;
      } catch {
        return '';
      }
    }),
  );
}
