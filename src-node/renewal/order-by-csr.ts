import { readFile } from 'node:fs/promises';
import { AcmeError } from '../acme/acme-error.js';
import type { Csr } from '../certificate/csr.js';
import { publicKeyMatches, readCertificate } from '../certificate/x509.js';
import type { Config } from '../config/config.js';
import { systemReason } from '../platform/coded-error.js';
import { certificateFiles, checkCertificateFiles, writeCertificateFiles } from './certificate-files.js';
import type { Dependencies } from './dependencies.js';
import { mergeSettings, settingsForNames } from './merge-settings.js';
import { orderCertificate } from './order-certificate.js';
import { toldNothing, type Outcome, type RunReport } from './outcome.js';
import { errorInfo, RenewalError } from './renewal-error.js';

/**
 * A certificate by the user's own signing request: certificate, chain and both together go to files, and no lineage is
 * kept. The private key stays where the user has it.
 */
export async function orderByCsr(config: Config, cwd: string, dependencies: Dependencies): Promise<RunReport> {
  const csr = await readRequest(config.files.csr ?? '');
  const names = namesOf(csr, config);
  const files = await certificateFiles(config.files, cwd);
  const { dryRun } = config.renewal;
  if (!dryRun) await checkCertificateFiles(files);
  const settings = { ...settingsForNames(mergeSettings(undefined, config), names), allowSubset: false };
  const certName = names[0] ?? '';
  dependencies.onProgress({ kind: 'issue', certName, names, step: { kind: 'started' } });
  let outcome: Outcome;
  try {
    const request = { certName, names, settings, dryRun, csr: async () => await Promise.resolve(csr.der) };
    const { chain } = await orderCertificate(request, dependencies);
    if (!publicKeyMatches(chain.leaf, csr.publicKey)) {
      const message = `The CA at ${settings.server} sent a certificate that is not for the key of the signing request.`;
      throw new AcmeError('acme-bad-answer', message);
    }
    if (!dryRun) await writeCertificateFiles(files, chain);
    const { notAfter, fingerprint } = readCertificate(chain.leaf);
    outcome = dryRun
      ? { kind: 'tested', certName, names, server: settings.server }
      : { kind: 'written', certName, issued: { names, notAfter, fingerprint }, files };
  } catch (error) {
    outcome = { kind: 'failed', certName, error: errorInfo(error) };
  }
  return { ...toldNothing, outcomes: [outcome], warnings: unrunHooks(config) };
}

/** As certbot: hooks belong to lineages. */
function unrunHooks({ hooks }: Config): readonly string[] {
  const given = Object.entries({ pre: hooks.pre, post: hooks.post, deploy: hooks.renew });
  const flags = given.filter(([, command]) => (command ?? '') !== '').map(([kind]) => `--${kind}-hook`);
  return flags.length === 0 ? [] : [`No hook is run for a --csr: ${flags.join(', ')} did nothing.`];
}

async function readRequest(file: string): Promise<Csr> {
  const content = await readFile(file).catch((error: unknown) => {
    throw new RenewalError(
      'file-unreadable',
      `Cannot read the signing request ${file}: ${systemReason(error)}.`,
      error,
    );
  });
  // The library behind it is for those who order only.
  return await (await import('../certificate/csr.js')).readCsr(content, file);
}

/** As certbot: the request alone says which names, and those of -d must be among them. */
function namesOf({ names }: Csr, config: Config): readonly string[] {
  const missing = config.names.filter((name) => !names.includes(name));
  if (names.length > 0 && missing.length === 0) return names;
  const file = config.files.csr ?? '';
  const reason = names.length === 0 ? 'holds no name' : `does not hold ${missing.join(', ')}`;
  throw new RenewalError('csr-names', `The signing request ${file} ${reason}.`);
}
