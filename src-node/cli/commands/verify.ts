import type { Config } from '../../config/config.js';
import { usage } from '../../config/config-error.js';
import type { Deployer, Inspection } from '../../haproxy/deployer.js';
import type { HaproxySettings } from '../../lineage/haproxy-settings.js';
import type { LineageStore } from '../../lineage/lineage-store.js';
import { loadCandidates } from '../../renewal/candidates.js';
import { inspectLineages } from '../../renewal/deploy-lineages.js';
import { mergeSettings } from '../../renewal/merge-settings.js';
import type { Outcome } from '../../renewal/outcome.js';
import { RenewalError } from '../../renewal/renewal-error.js';

/** Where the certificates are, as compared. */
export interface Verification {
  readonly inspections: readonly Inspection[];
  /** Lineages of which nothing could be compared, and why. */
  readonly failed: readonly Outcome[];
}

/** `verify`: what is stored, compared with what is on disk, in HAProxy's memory and served; changes nothing. */
export async function verify(
  config: Config,
  { store, deployer }: { readonly store: LineageStore; readonly deployer: (settings: HaproxySettings) => Deployer },
): Promise<Verification> {
  const { candidates, broken } = await loadCandidates(store);
  const { certName } = config;
  const isMeant = (entry: { readonly certName: string }): boolean =>
    certName === undefined || entry.certName === certName;
  const unusable = broken.filter(isMeant);
  const found = candidates.map(({ lineage }) => lineage).filter(isMeant);
  if (certName !== undefined && found.length + unusable.length === 0) {
    throw new RenewalError('no-such-lineage', `There is no lineage '${certName}' in ${config.directories.config}.`);
  }
  const lineages = found
    .filter(({ settings }) => certName !== undefined || settings.haproxy.certDir !== undefined)
    .map((lineage) => ({ ...lineage, settings: mergeSettings(lineage.settings, config) }));
  const without = lineages.find(({ settings }) => settings.haproxy.certDir === undefined);
  if (without !== undefined) {
    throw usage(`The lineage '${without.certName}' has no HAProxy yet: give --haproxy-cert-dir.`);
  }
  const { inspections, failed } = await inspectLineages(lineages, deployer);
  return { inspections, failed: [...failed, ...unusable] };
}

/** True where everything that could be looked at is the certificate that is stored. */
export function isVerified({ inspections, failed }: Verification): boolean {
  return (
    failed.length === 0 &&
    inspections.every(({ disk, memory, served }) => [...disk, ...memory, ...served].every(({ same }) => same))
  );
}
