import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { HaproxySettings } from '../lineage/haproxy-settings.js';
import type { Lineage } from '../lineage/lineage.js';
import { readRenewBefore } from '../lineage/renewal-rules.js';
import type { Dependencies } from './dependencies.js';
import { mergeSettings, settingsForNames } from './merge-settings.js';
import type { Outcome } from './outcome.js';
import { dueAt, planRenewals, type RenewalReason } from './plan-renewals.js';
import type { RenewalRequest } from './renew-lineage.js';
import { changesKeyType, leavesStaging, refuseStaging, reusedKeyFile } from './replacement.js';
import { revokedNames } from './revocation.js';
import type { Wanted } from './wanted-lineages.js';

/** What an order comes to for a lineage. */
export type OrderPlan =
  /** `reason`: why one that exists is renewed. */
  | { readonly kind: 'order'; readonly request: RenewalRequest; readonly reason: RenewalReason | undefined }
  /** Nothing is ordered; HAProxy gets what it lacks, or what it is to have by other settings now. */
  | { readonly kind: 'deploy'; readonly lineage: Lineage; readonly haproxy: HaproxySettings }
  | { readonly kind: 'keep'; readonly outcome: Outcome };

/** @throws RenewalError where a lineage may not be replaced so, and what mergeSettings throws. */
export async function planOrders(
  wanted: readonly Wanted[],
  { clock, checkRevocation: check, install }: Dependencies,
): Promise<readonly OrderPlan[]> {
  const asked = wanted.map((each) => ({ ...each, because: renewedBecause(each) }));
  const kept = asked.flatMap(({ choice, config }) =>
    choice.kind === 'same' && !config.renewal.dryRun ? [choice.candidate] : [],
  );
  const revoked = await revokedNames(kept, { check, clock });
  const now = clock.now();
  return asked.map((each) => planOrder(each, { now, revoked, install }));
}

/** Why a certificate is renewed though it may not be due. */
function renewedBecause({ choice, config }: Wanted): Exclude<RenewalReason, 'lifetime' | 'revoked'> | undefined {
  if (choice.kind === 'new') return undefined;
  const otherKey = changesKeyType(choice.candidate, config);
  if (config.renewal.force || config.renewal.dryRun) return 'forced';
  if (otherKey) return 'key-type';
  const { server } = mergeSettings(choice.candidate.lineage.settings, config);
  if (leavesStaging(choice.candidate, server)) return 'staging';
  return choice.kind === 'changed' ? 'names' : undefined;
}

interface Asked extends Wanted {
  readonly because: ReturnType<typeof renewedBecause>;
}

interface Surroundings {
  readonly now: number;
  /** Names of the lineages whose certificate is revoked. */
  readonly revoked: ReadonlySet<string>;
  readonly install: boolean;
}

function planOrder(asked: Asked, { now, revoked, install }: Surroundings): OrderPlan {
  const { choice, because } = asked;
  if (choice.kind === 'new') return { kind: 'order', request: toRequest(asked, now), reason: undefined };
  const [action] = planRenewals([choice.candidate], { now, because, revoked, automatic: false });
  if (action?.kind === 'renew') return { kind: 'order', request: toRequest(asked, now), reason: action.reason };
  const { lineage, certificate } = choice.candidate;
  const { haproxy } = mergeSettings(lineage.settings, asked.config);
  const changed = !isDeepStrictEqual(haproxy, lineage.settings.haproxy);
  if (install && (changed || action?.kind === 'deploy')) return { kind: 'deploy', lineage, haproxy };
  const due = dueAt(certificate, readRenewBefore(lineage.conf));
  return { kind: 'keep', outcome: { kind: 'not-due', certName: lineage.certName, dueAt: due } };
}

function toRequest({ choice, config, settings: known }: Wanted, now: number): RenewalRequest {
  const { names } = choice;
  const { dryRun } = config.renewal;
  const settings = settingsForNames(mergeSettings(known, config), names);
  const deployHook = known === undefined ? config.hooks.deploy : settings.hooks.deploy;
  if (choice.kind === 'new') return { certName: choice.certName, names, settings, dryRun, deployHook };
  const { lineage } = choice.candidate;
  if (!dryRun) refuseStaging(choice.candidate, settings, config, now);
  const keyFile = reusedKeyFile(choice.candidate, settings, config);
  return {
    ...{ certName: lineage.certName, names, settings, keyFile, dryRun, deployHook },
    lineageDirectory: dirname(lineage.live.cert),
  };
}
