import type { Config } from '../../config/config.js';
import type { Dependencies } from '../../renewal/dependencies.js';
import { withoutRenewals, type CommandReport } from '../../renewal/outcome.js';
import { removeLineage } from '../../renewal/remove-lineage.js';
import { RenewalError } from '../../renewal/renewal-error.js';

/** `delete`: a lineage with all its versions, be it whole, broken, or deleted by half. */
export async function deleteLineage(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  const { certName = '', directories } = config;
  const { lineages, broken, repairable } = await dependencies.store.list();
  const names = [...lineages, ...broken].map((entry) => entry.certName);
  if (![...names, ...repairable].includes(certName)) {
    throw new RenewalError('no-such-lineage', `There is no lineage '${certName}' in ${directories.config}.`);
  }
  const question = `Delete the lineage '${certName}' with all its versions and keys? What still uses it will fail.`;
  if (!(await dependencies.confirm(question))) {
    return withoutRenewals({ outcomes: [{ kind: 'left', certName }] });
  }
  const warnings = await removeLineage(certName, dependencies);
  return { ...withoutRenewals({ outcomes: [{ kind: 'deleted', certName }] }), warnings };
}
