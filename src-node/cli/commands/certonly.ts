import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../config/config.js';
import { readRenewBefore } from '../../lineage/renewal-rules.js';
import { mendedCandidates, type Candidates } from '../../renewal/candidates.js';
import { chooseLineage, type Choice } from '../../renewal/choose-lineage.js';
import type { Dependencies } from '../../renewal/dependencies.js';
import { checkDeployment } from '../../renewal/deploy-lineages.js';
import { mergeSettings, settingsForNames } from '../../renewal/merge-settings.js';
import { withoutRenewals, type CommandReport } from '../../renewal/outcome.js';
import {
  dueAt,
  planRenewals,
  type Candidate,
  type PlannedAction,
  type PlanOptions,
  type RenewalReason,
} from '../../renewal/plan-renewals.js';
import { changesKeyType, leavesStaging, refuseStaging, reusedKeyFile } from '../../renewal/replacement.js';
import { revokedNames } from '../../renewal/revocation.js';
import type { RenewalRequest } from '../../renewal/renew-lineage.js';
import { renewLineages } from '../../renewal/renew-lineages.js';

/** `certonly`: one lineage, new or present; what cannot work is found before anything is ordered. */
export async function certonly(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  const { repairs, ...found } = await mendedCandidates(dependencies.store);
  const report = await obtain(config, found, dependencies);
  return { ...report, warnings: [...repairs, ...report.warnings] };
}

async function obtain(
  config: Config,
  { candidates, broken }: Candidates,
  dependencies: Dependencies,
): Promise<CommandReport> {
  const taken = new Set([
    ...candidates.map(({ lineage }) => lineage.certName),
    ...broken.map(({ certName }) => certName),
  ]);
  const { certName, names, renewal } = config;
  const now = dependencies.clock.now();
  const choice = chooseLineage({ certName, names, ...renewal }, candidates, taken);
  const because = choice.kind === 'new' ? undefined : renewedBecause(choice.candidate, config);
  const { dryRun } = config.renewal;
  let reason: RenewalReason = because ?? (choice.kind === 'changed' ? 'names' : 'lifetime');
  if (choice.kind === 'same' && !dryRun) {
    const { clock, checkRevocation: check } = dependencies;
    const revoked = await revokedNames([choice.candidate], { check, clock });
    const [action] = planRenewals([choice.candidate], { now, because, revoked, automatic: false });
    if (action?.kind === 'renew') reason = action.reason;
    if (action?.kind === 'keep' || action?.kind === 'deploy') return await keep(action, config, dependencies);
  }
  const request = toRequest(choice, config, now);
  if (!dryRun) {
    await checkDeployment(request.certName, request.settings.haproxy, dependencies);
    await dependencies.store.check();
  }
  const report = await renewLineages({ renew: [request], deploy: [] }, dependencies);
  if (choice.kind === 'new') return withoutRenewals(report);
  return { ...report, reasons: new Map([[request.certName, reason]]) };
}

/** Why a certificate is renewed though it may not be due. */
function renewedBecause(candidate: Candidate, config: Config): PlanOptions['because'] {
  const otherKey = changesKeyType(candidate, config);
  if (config.renewal.force || config.renewal.dryRun) return 'forced';
  if (otherKey) return 'key-type';
  const { server } = mergeSettings(candidate.lineage.settings, config);
  return leavesStaging(candidate, server) ? 'staging' : undefined;
}

/** Orders nothing; what HAProxy lacks, or is now to get by other settings, it gets. */
async function keep(
  action: Extract<PlannedAction, { kind: 'keep' | 'deploy' }>,
  config: Config,
  dependencies: Dependencies,
): Promise<CommandReport> {
  const { lineage } = action.candidate;
  const { haproxy } = mergeSettings(lineage.settings, config);
  const changed = !isDeepStrictEqual(haproxy, lineage.settings.haproxy);
  if (!dependencies.install || (!changed && action.kind === 'keep')) {
    const due = dueAt(action.candidate.certificate, readRenewBefore(lineage.conf));
    return withoutRenewals({ outcomes: [{ kind: 'not-due', certName: lineage.certName, dueAt: due }] });
  }
  await checkDeployment(lineage.certName, haproxy, dependencies);
  const settled = changed ? await dependencies.store.update(lineage, { kind: 'haproxy', haproxy }) : lineage;
  return withoutRenewals(await renewLineages({ renew: [], deploy: [settled] }, dependencies));
}

function toRequest(choice: Choice, config: Config, now: number): RenewalRequest {
  const { names } = choice;
  const { dryRun } = config.renewal;
  if (choice.kind === 'new') {
    const settings = settingsForNames(mergeSettings(undefined, config), names);
    return { certName: choice.certName, names, settings, dryRun, deployHook: config.hooks.deploy };
  }
  const { lineage } = choice.candidate;
  const settings = settingsForNames(mergeSettings(lineage.settings, config), names);
  if (!dryRun) refuseStaging(choice.candidate, settings, config, now);
  const keyFile = reusedKeyFile(choice.candidate, settings, config);
  return {
    ...{ certName: lineage.certName, names, settings, keyFile, dryRun },
    deployHook: settings.hooks.deploy,
    lineageDirectory: dirname(lineage.live.cert),
  };
}
