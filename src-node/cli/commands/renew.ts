import { dirname } from 'node:path';
import type { Config } from '../../config/config.js';
import type { LineageStore } from '../../lineage/lineage-store.js';
import type { Clock } from '../../platform/clock.js';
import { loadCandidates, mendedCandidates, type Candidates } from '../../renewal/candidates.js';
import type { Dependencies } from '../../renewal/dependencies.js';
import { mergeSettings, settingsForNames } from '../../renewal/merge-settings.js';
import { withoutRenewals, type CommandReport, type Outcome } from '../../renewal/outcome.js';
import { planRenewals, type Candidate, type PlannedAction, type RenewalReason } from '../../renewal/plan-renewals.js';
import { errorInfo, RenewalError } from '../../renewal/renewal-error.js';
import { refuseStaging, reusedKeyFile } from '../../renewal/replacement.js';
import { canBeAsked, revokedNames } from '../../renewal/revocation.js';
import type { RenewalRequest } from '../../renewal/renew-lineage.js';
import { renewLineages, type RenewalWork } from '../../renewal/renew-lineages.js';

/** What a run would do, decided without changing anything. */
interface RunPlan extends Pick<CommandReport, 'reasons'> {
  readonly work: RenewalWork;
  /** What is reported of the lineages for which there is nothing to do. */
  readonly others: readonly Outcome[];
}

/** `renew`: plan purely, then apply, one lineage isolated from the next. */
export async function renew(config: Config, dependencies: Dependencies): Promise<CommandReport> {
  const { repairs, ...found } = await mendedCandidates(dependencies.store);
  const { clock, checkRevocation: check } = dependencies;
  const revoked = await revokedNames(config.renewal.dryRun ? [] : meantOf(config, found), { check, clock });
  const { work, others, reasons } = planRun(config, found, { clock, revoked });
  if (isIdle(work)) return { ...withoutRenewals({ outcomes: others }), warnings: repairs };
  if (work.renew.length > 0 && !config.renewal.dryRun) await dependencies.store.check();
  const report = await renewLineages(work, dependencies);
  const warnings = [...repairs, ...report.warnings];
  return { ...report, outcomes: [...report.outcomes, ...others], reasons, warnings };
}

/**
 * The report of a run that has nothing to do, which is most of them, for a look before locks are taken and the rest of
 * the program is loaded. Undefined where there is something to do: then `renew` plans anew, under the lock.
 * @throws RenewalError `no-such-lineage`.
 */
export async function idleReport(
  config: Config,
  store: LineageStore,
  clock: Clock,
): Promise<CommandReport | undefined> {
  const found = await loadCandidates(store);
  if (found.repairable || meantOf(config, found).some((candidate) => canBeAsked(candidate, clock.now())))
    return undefined;
  const { work, others } = planRun(config, found, { clock, revoked: new Set() });
  return isIdle(work) ? withoutRenewals({ outcomes: others }) : undefined;
}

function isIdle(work: RenewalWork): boolean {
  return work.renew.length === 0 && work.deploy.length === 0;
}

interface Known {
  readonly clock: Clock;
  readonly revoked: ReadonlySet<string>;
}

function planRun(config: Config, found: Candidates, { clock, revoked }: Known): RunPlan {
  const meant = meantOf(config, found);
  const brokenMeant = found.broken.filter(({ certName }) => isMeant(config, certName));
  if (config.certName !== undefined && meant.length + brokenMeant.length === 0) {
    throw new RenewalError(
      'no-such-lineage',
      `There is no lineage '${config.certName}' in ${config.directories.config}.`,
    );
  }
  const now = clock.now();
  const plan = planRenewals(meant, {
    now,
    revoked,
    because: config.renewal.force || config.renewal.dryRun ? 'forced' : undefined,
    automatic: true,
  });
  const { requests, refused, reasons } = toRequests(plan, config, now);
  const deploy = plan
    .filter(({ kind }) => config.install && !config.renewal.dryRun && kind === 'deploy')
    .map(({ candidate }) => candidate.lineage);
  const kept = plan.map(keptOutcome).filter((outcome) => outcome !== undefined);
  return { work: { renew: requests, deploy }, others: [...kept, ...refused, ...brokenMeant], reasons };
}

function meantOf(config: Config, { candidates }: Candidates): readonly Candidate[] {
  return candidates.filter(({ lineage }) => isMeant(config, lineage.certName));
}

function isMeant(config: Config, certName: string): boolean {
  return config.certName === undefined || config.certName === certName;
}

function keptOutcome(action: PlannedAction): Outcome | undefined {
  const { certName } = action.candidate.lineage;
  if (action.kind === 'leave') return { kind: 'autorenew-off', certName };
  return action.kind === 'keep' ? { kind: 'not-due', certName, dueAt: action.dueAt } : undefined;
}

interface Requests extends Pick<CommandReport, 'reasons'> {
  readonly requests: readonly RenewalRequest[];
  readonly refused: readonly Outcome[];
}

function toRequests(plan: readonly PlannedAction[], config: Config, now: number): Requests {
  const requests: RenewalRequest[] = [];
  const refused: Outcome[] = [];
  const reasons = new Map<string, RenewalReason>();
  for (const action of plan) {
    if (action.kind !== 'renew') continue;
    const { candidate, reason } = action;
    try {
      requests.push(toRequest(candidate, config, now));
      reasons.set(candidate.lineage.certName, reason);
    } catch (error) {
      refused.push({ kind: 'failed', certName: candidate.lineage.certName, error: errorInfo(error) });
    }
  }
  return { requests, refused, reasons };
}

function toRequest(candidate: Candidate, config: Config, now: number): RenewalRequest {
  const { lineage, certificate } = candidate;
  const settings = settingsForNames(mergeSettings(lineage.settings, config), certificate.names);
  const { dryRun } = config.renewal;
  if (!dryRun) refuseStaging(candidate, settings, config, now);
  const keyFile = reusedKeyFile(candidate, settings, config);
  return {
    ...{ certName: lineage.certName, names: certificate.names, settings, keyFile, dryRun },
    deployHook: settings.hooks.deploy,
    lineageDirectory: dirname(lineage.live.cert),
  };
}
