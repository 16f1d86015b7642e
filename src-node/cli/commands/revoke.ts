import type { Config } from '../../config/config.js';
import type { Lineage } from '../../lineage/lineage.js';
import { requireCandidate } from '../../renewal/candidates.js';
import type { Dependencies } from '../../renewal/dependencies.js';
import { mergeSettings } from '../../renewal/merge-settings.js';
import type { CommandReport } from '../../renewal/outcome.js';
import { revokeCertificate } from '../../renewal/revoke-certificate.js';
import { lineagesOf, readCertificateFile, type CertificateFile } from '../../renewal/revoked-certificate.js';

/** `revoke`: a lineage's live certificate, or the one in a file, at the CA that issued it. */
export async function revoke(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  const { file, lineages } = await meantCertificate(config, dependencies);
  const { reason, delete: deletes } = config.revocation;
  const settings = mergeSettings(lineages[0]?.settings, config);
  return await revokeCertificate(
    { file, lineages, settings, reason, keyFile: config.files.key, deletes },
    dependencies,
  );
}

interface MeantCertificate {
  readonly file: CertificateFile;
  readonly lineages: readonly Lineage[];
}

async function meantCertificate({ certName, files }: Config, { store }: Dependencies): Promise<MeantCertificate> {
  if (certName !== undefined) {
    const { lineage } = await requireCandidate(store, certName);
    return { file: await readCertificateFile(lineage.live.cert), lineages: [lineage] };
  }
  const file = await readCertificateFile(files.cert ?? '');
  const { lineages } = await store.list();
  return { file, lineages: await lineagesOf(file.pem, lineages) };
}
