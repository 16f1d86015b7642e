import { dirname } from 'node:path';
import type { Config } from '../../config/config.js';
import { requireCandidate } from '../../renewal/candidates.js';
import type { Dependencies } from '../../renewal/dependencies.js';
import { mergeSettings, settingsForNames } from '../../renewal/merge-settings.js';
import { withoutRenewals, type CommandReport } from '../../renewal/outcome.js';
import { reusedKeyFile } from '../../renewal/replacement.js';
import { renewLineages } from '../../renewal/renew-lineages.js';

/** `reconfigure`: other settings for the renewals of a lineage, kept once a dry run has shown that they work. */
export async function reconfigure(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  const candidate = await requireCandidate(dependencies.store, config.certName ?? '');
  const { lineage, certificate } = candidate;
  const { names } = certificate;
  const settings = settingsForNames(mergeSettings(lineage.settings, config), names);
  if (settings.haproxy.certDir !== undefined && dependencies.install) {
    await dependencies.deployer(settings.haproxy).check(settings.haproxy.certDir);
  }
  const { server } = mergeSettings(lineage.settings, { ...config, renewal: { ...config.renewal, dryRun: true } });
  const request = {
    ...{ certName: lineage.certName, names, settings: { ...settings, server }, dryRun: true },
    keyFile: reusedKeyFile(candidate, settings, config),
    deployHook: settings.hooks.deploy,
    lineageDirectory: dirname(lineage.live.cert),
  };
  const report = await renewLineages({ renew: [request], deploy: [] }, dependencies);
  if (config.renewal.dryRun || report.outcomes.some(({ kind }) => kind !== 'tested')) return withoutRenewals(report);
  await dependencies.store.update(lineage, { kind: 'settings', settings });
  return withoutRenewals({ ...report, outcomes: [{ kind: 'reconfigured', certName: lineage.certName }] });
}
