import type { Config } from '../../config/config.js';
import type { CertificateInfo } from '../../certificate/x509.js';
import { bundlePath } from '../../haproxy/bundle-directory.js';
import type { Lineage } from '../../lineage/lineage.js';
import type { LineageStore } from '../../lineage/lineage-store.js';
import { readRenewBefore } from '../../lineage/renewal-rules.js';
import { loadCandidates } from '../../renewal/candidates.js';
import type { Outcome } from '../../renewal/outcome.js';
import type { Clock } from '../../platform/clock.js';
import { revokedNames, type RevocationCheck } from '../../renewal/revocation.js';
import { dueAt } from '../../renewal/plan-renewals.js';

/** A lineage as it is listed. */
export interface ListedCertificate {
  readonly lineage: Lineage;
  readonly certificate: CertificateInfo;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /** Path of HAProxy's PEM file, where one is kept. */
  readonly bundle: string | undefined;
  readonly deployed: boolean;
  /** As its CA says, where it can be asked. */
  readonly revoked: boolean;
}

export interface CertificateListing {
  readonly certificates: readonly ListedCertificate[];
  readonly broken: readonly Outcome[];
}

/** `certificates`: all lineages, or that of --cert-name, or those that have every name of -d. */
export async function certificates(
  config: Config,
  { store, ...responders }: { readonly store: LineageStore; readonly check: RevocationCheck; readonly clock: Clock },
): Promise<CertificateListing> {
  const { candidates, broken } = await loadCandidates(store);
  const meant = candidates.filter(({ lineage, certificate }) => {
    if (config.certName !== undefined && lineage.certName !== config.certName) return false;
    return config.names.every((name) => certificate.names.includes(name));
  });
  const revoked = await revokedNames(meant, responders);
  return {
    certificates: meant.map(({ lineage, certificate, bundlePresent }) => {
      const bundle = bundlePath(lineage.settings.haproxy, lineage.certName);
      return {
        lineage,
        certificate,
        dueAt: dueAt(certificate, readRenewBefore(lineage.conf)),
        bundle,
        deployed: bundle !== undefined && bundlePresent && lineage.deployedVersion === lineage.version,
        revoked: revoked.has(lineage.certName),
      };
    }),
    broken: broken.filter(({ certName }) => config.certName === undefined || config.certName === certName),
  };
}
