import { dirname } from 'node:path';
import type { Config } from '../../config/config.js';
import { usage } from '../../config/config-error.js';
import type { Lineage } from '../../lineage/lineage.js';
import { requireCandidate } from '../../renewal/candidates.js';
import type { Dependencies } from '../../renewal/dependencies.js';
import { checkDeployment } from '../../renewal/deploy-lineages.js';
import { mergeSettings, settingsForNames } from '../../renewal/merge-settings.js';
import { withoutRenewals, type CommandReport } from '../../renewal/outcome.js';
import { reusedKeyFile } from '../../renewal/replacement.js';
import { renewLineages } from '../../renewal/renew-lineages.js';

/** `reconfigure`: other settings for the renewals of a lineage, kept once a dry run has shown that they work. */
export async function reconfigure(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  const candidate = await requireCandidate(dependencies.store, config.certName ?? '');
  const { lineage, certificate } = candidate;
  checkUnchanged(lineage, config);
  const { names } = certificate;
  const settings = settingsForNames(mergeSettings(lineage.settings, config), names);
  await checkDeployment(lineage.certName, settings.haproxy, dependencies);
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

/** A dry run at another CA would tell nothing of the lineage's own. Scripts give the same flags to every command. */
function checkUnchanged({ certName, settings }: Lineage, { server, account }: Config): void {
  const by = (flag: string): string => `'certonly --cert-name ${certName} ${flag}' does.`;
  if (server !== undefined && server !== settings.server) {
    throw usage(`'reconfigure' does not change the CA of a lineage (${settings.server}); ${by('--server URL')}`);
  }
  if (account.id !== undefined && account.id !== settings.account) {
    throw usage(`'reconfigure' does not change the account of a lineage; ${by('--account ID')}`);
  }
}
