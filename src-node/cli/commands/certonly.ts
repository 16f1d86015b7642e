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
  if (!config.renewal.dryRun) await prepare(plans, config, dependencies);
  const renew = plans.flatMap((plan) => (plan.kind === 'order' ? [plan.request] : []));
  const deploy: Lineage[] = [];
  for (const plan of plans) if (plan.kind === 'deploy') deploy.push(await settle(plan, dependencies));
  const report = await renewLineages({ renew, deploy }, dependencies);
  const kept = plans.flatMap((plan) => (plan.kind === 'keep' ? [plan.outcome] : []));
  return {
    ...report,
    outcomes: [...kept, ...report.outcomes],
    reasons: new Map(plans.flatMap(reasonOf)),
    warnings: [...repairs, ...report.warnings],
  };
}

/** Looks whether HAProxy and the store take what is to come, and makes way for it. */
async function prepare(plans: readonly OrderPlan[], config: Config, dependencies: Dependencies): Promise<void> {
  const places = plans.flatMap(placeOf);
  for (const { certName, haproxy } of places) await checkDeployment(certName, haproxy, dependencies);
  if (plans.some(({ kind }) => kind === 'order')) await dependencies.store.check();
  if (config.key.type !== 'both' || !dependencies.install) return;
  for (const { certName, haproxy } of places) {
    const path = haproxy.bundle === undefined ? undefined : bundlePath(haproxy, certName);
    if (path !== undefined) await uncoverPair(path);
  }
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
