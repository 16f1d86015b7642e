import type { Config } from '../../config/config.js';
import { usage } from '../../config/config-error.js';
import { mendedCandidates } from '../../renewal/candidates.js';
import type { Dependencies } from '../../renewal/dependencies.js';
import { mergeSettings } from '../../renewal/merge-settings.js';
import { withoutRenewals, type CommandReport } from '../../renewal/outcome.js';
import { RenewalError } from '../../renewal/renewal-error.js';
import { renewLineages } from '../../renewal/renew-lineages.js';

/** `deploy`: gives HAProxy what is stored, of all lineages that it is to have or of one, whatever it has. Flags count this once. */
export async function deploy(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  const { candidates, broken, repairs } = await mendedCandidates(dependencies.store);
  const { certName } = config;
  const isMeant = (entry: { readonly certName: string }): boolean =>
    certName === undefined || entry.certName === certName;
  const lineages = candidates.map(({ lineage }) => lineage).filter(isMeant);
  const unusable = broken.filter(isMeant);
  if (certName !== undefined && lineages.length + unusable.length === 0) {
    throw new RenewalError('no-such-lineage', `There is no lineage '${certName}' in ${config.directories.config}.`);
  }
  const deployable = lineages
    .filter(({ settings }) => certName !== undefined || settings.haproxy.certDir !== undefined)
    .map((lineage) => ({ ...lineage, settings: mergeSettings(lineage.settings, config) }));
  if (deployable.some(({ settings }) => settings.haproxy.certDir === undefined)) {
    throw usage(`The lineage '${String(certName)}' has no HAProxy yet: give --haproxy-cert-dir.`);
  }
  const report = await renewLineages({ renew: [], deploy: deployable }, dependencies);
  const outcomes = [...report.outcomes, ...unusable];
  return withoutRenewals({ ...report, outcomes, warnings: [...repairs, ...report.warnings] });
}
