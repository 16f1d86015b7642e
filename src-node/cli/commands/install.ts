import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Config } from '../../config/config.js';
import { usage } from '../../config/config-error.js';
import { bundlePath } from '../../haproxy/bundle-directory.js';
import type { Lineage } from '../../lineage/lineage.js';
import type { LineageStore } from '../../lineage/lineage-store.js';
import { systemReason } from '../../platform/coded-error.js';
import { requireCandidate } from '../../renewal/candidates.js';
import type { Dependencies } from '../../renewal/dependencies.js';
import { mergeSettings } from '../../renewal/merge-settings.js';
import { withoutRenewals, type CommandReport } from '../../renewal/outcome.js';
import { errorInfo, RenewalError } from '../../renewal/renewal-error.js';
import { renewLineages } from '../../renewal/renew-lineages.js';

/** `install`: gives HAProxy what is stored, or what two files hold, and orders nothing. */
export async function install(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  if (!dependencies.install) return nothingInstalled;
  if (config.certName === undefined) return await installFiles(config, dependencies);
  const { lineage } = await requireCandidate(dependencies.store, config.certName);
  const { haproxy } = mergeSettings(lineage.settings, config);
  const bundle = bundlePath(haproxy, lineage.certName);
  if (bundle === undefined) {
    throw usage(`The lineage '${lineage.certName}' has no HAProxy yet: give --haproxy-cert-dir.`);
  }
  await dependencies.deployer(haproxy).check({ bundle, crtList: haproxy.crtList });
  const settled: Lineage = await dependencies.store.update(lineage, { kind: 'haproxy', haproxy });
  return withoutRenewals(await renewLineages({ renew: [], deploy: [settled] }, dependencies));
}

/** As certbot, whose null installer takes all and does nothing: scripts give it to every command. */
const nothingInstalled: CommandReport = withoutRenewals({
  outcomes: [],
  warnings: ['HAProxy is given nothing: --installer null.'],
});

async function installFiles(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  const { cert, key, chain, fullchain } = config.files;
  const haproxy = mergeSettings(undefined, config).haproxy;
  const certName = basename(cert ?? '').replace(/\.[^.]+$/, '');
  const { crtList } = haproxy;
  const bundle = bundlePath(haproxy, certName);
  if (bundle === undefined) throw usage("'install' needs --haproxy-cert-dir to install files.");
  if (/^(\.|$)/.test(certName)) throw usage(`HAProxy passes over a file of the name of ${cert ?? ''}: rename it.`);
  await refuseBundleOfLineage(dependencies.store, bundle);
  const pem = fullchain === undefined ? [cert, chain] : [fullchain];
  const texts = await Promise.all(pem.filter((file) => file !== undefined).map(readText));
  const deployer = dependencies.deployer(haproxy);
  await deployer.check({ bundle, crtList });
  const { results, reload, ...told } = await deployer.deploy(
    [{ certName, bundle, crtList, fullchain: texts.join('\n'), privateKey: await readText(key ?? '') }],
    (step) => dependencies.onProgress({ kind: 'deploy', certNames: [certName], step }),
  );
  const outcomes = results.map((result) =>
    'error' in result
      ? ({ kind: 'failed', certName, error: errorInfo(result.error) } as const)
      : ({ kind: 'installed', certName, bundle: result.bundle } as const),
  );
  return withoutRenewals({ ...told, outcomes, reloads: reload === undefined ? [] : [reload] });
}

/** The next renewal would take the files' place in HAProxy again. */
async function refuseBundleOfLineage(store: LineageStore, bundle: string): Promise<void> {
  const { lineages } = await store.list();
  const same = lineages.find(({ certName, settings }) => bundlePath(settings.haproxy, certName) === bundle);
  if (same === undefined) return;
  throw usage(`${bundle} belongs to the lineage '${same.certName}': rename the file of --cert-path.`);
}

async function readText(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw new RenewalError('file-unreadable', `Cannot read ${file}: ${systemReason(error)}.`, error);
  });
}
