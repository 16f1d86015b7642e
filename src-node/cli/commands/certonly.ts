import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../config/config.js';
import { bundlePath } from '../../haproxy/bundle-directory.js';
import { uncoverPair } from '../../haproxy/bundle-pair.js';
import type { HaproxySettings } from '../../lineage/haproxy-settings.js';
import type { Lineage } from '../../lineage/lineage.js';
import { mendedCandidates } from '../../renewal/candidates.js';
import type { Dependencies } from '../../renewal/dependencies.js';
import { checkDeployment } from '../../renewal/deploy-lineages.js';
import type { CommandReport } from '../../renewal/outcome.js';
import { planOrders, type OrderPlan } from '../../renewal/plan-orders.js';
import type { RenewalReason } from '../../renewal/plan-renewals.js';
import { renewLineages } from '../../renewal/renew-lineages.js';
import { wantedLineages } from '../../renewal/wanted-lineages.js';

/** `certonly`: one lineage or two, new or present; what cannot work is found before anything is ordered. */
export async function certonly(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  const { repairs, ...found } = await mendedCandidates(dependencies.store);
  const plans = await planOrders(wantedLineages(config, found), dependencies);
  if (!config.renewal.dryRun) await prepare(plans, dependencies);
  const isPair = config.key.type === 'both' && !config.renewal.dryRun;
  const rooms = isPair && (await uncoverPairs(plans, dependencies)) ? byReload(dependencies) : dependencies;
  const renew = plans.flatMap((plan) => (plan.kind === 'order' ? [plan.request] : []));
  const deploy: Lineage[] = [];
  for (const plan of plans) if (plan.kind === 'deploy') deploy.push(await settle(plan, dependencies));
  const report = await renewLineages({ renew, deploy }, rooms);
  const kept = plans.flatMap((plan) => (plan.kind === 'keep' ? [plan.outcome] : []));
  return {
    ...report,
    outcomes: [...kept, ...report.outcomes],
    reasons: new Map(plans.flatMap(reasonOf)),
    warnings: [...repairs, ...report.warnings],
  };
}

/** Looks whether HAProxy and the store take what is to come. */
async function prepare(plans: readonly OrderPlan[], dependencies: Dependencies): Promise<void> {
  for (const { certName, haproxy } of plans.flatMap(placeOf)) await checkDeployment(certName, haproxy, dependencies);
  if (plans.some(({ kind }) => kind === 'order')) await dependencies.store.check();
}

/** Makes way for pairs of bundles; true where something was in the way. */
async function uncoverPairs(plans: readonly OrderPlan[], { install }: Dependencies): Promise<boolean> {
  let found = false;
  for (const { certName, haproxy } of plans.flatMap(placeOf)) {
    const path = haproxy.bundle === undefined ? undefined : bundlePath(haproxy, certName);
    if (install && path !== undefined && (await uncoverPair(path))) found = true;
  }
  return found;
}

/** At runtime HAProxy would go on with what was in the way of a pair, which it forgets by a reload. */
function byReload(dependencies: Dependencies): Dependencies {
  return {
    ...dependencies,
    deployer: (settings) => {
      const { deploy = 'auto', cfg, reloadCommand, unit } = settings;
      const can = deploy === 'auto' && (cfg.length > 0 || reloadCommand !== undefined || unit !== undefined);
      return dependencies.deployer(can ? { ...settings, deploy: 'reload' } : settings);
    },
  };
}

function placeOf(plan: OrderPlan): readonly { readonly certName: string; readonly haproxy: HaproxySettings }[] {
  if (plan.kind === 'keep') return [];
  if (plan.kind === 'deploy') return [{ certName: plan.lineage.certName, haproxy: plan.haproxy }];
  return [{ certName: plan.request.certName, haproxy: plan.request.settings.haproxy }];
}

/** What flags say of HAProxy is kept, as by an order. */
async function settle(
  { lineage, haproxy }: Extract<OrderPlan, { kind: 'deploy' }>,
  { store }: Dependencies,
): Promise<Lineage> {
  if (isDeepStrictEqual(haproxy, lineage.settings.haproxy)) return lineage;
  return await store.update(lineage, { kind: 'haproxy', haproxy });
}

/** A new lineage has none. */
function reasonOf(plan: OrderPlan): readonly (readonly [certName: string, reason: RenewalReason])[] {
  return plan.kind === 'order' && plan.reason !== undefined ? [[plan.request.certName, plan.reason]] : [];
}
