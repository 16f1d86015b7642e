import { posix } from 'node:path';
import { planHooks, staysFor, type LeftBecause, type PlannedHook } from './plan-hooks.js';
import { planLineages, type AdoptionWish, type PlannedLineage } from './plan-lineages.js';
import type { FoundSchedule } from './schedule.js';
import type { Survey } from './survey.js';

/** Why a timer or a cron line stays. */
export type ScheduleLeft =
  | LeftBecause
  /** A lineage would expire without it. */
  | 'blocked'
  /** It is of another configuration directory. */
  | 'elsewhere'
  /** It ends at once where systemd runs. */
  | 'idle'
  /** What enables it is not an administrator's to remove. */
  | 'vendor'
  /** There is no lineage. */
  | 'no-lineage';

export interface PlannedSchedule {
  readonly schedule: FoundSchedule;
  /** Undefined: it is disabled. */
  readonly left: ScheduleLeft | undefined;
}

/** What an adoption does, decided without changing anything. */
export interface AdoptionPlan {
  readonly survey: Survey;
  readonly lineages: readonly PlannedLineage[];
  readonly hooks: readonly PlannedHook[];
  readonly schedules: readonly PlannedSchedule[];
  /** Lineages that haproxy-acme could not renew: whatever renews them by certbot stays. */
  readonly blocked: readonly string[];
  /** Lineages that HAProxy is to have and for which no directory is known. */
  readonly withoutCertDir: readonly string[];
  /** The directory that the hooks write to, where it is one and the same. */
  readonly suggestedCertDir: string | undefined;
}

export function planAdoption(survey: Survey, wish: AdoptionWish): AdoptionPlan {
  const lineages = planLineages(survey, wish);
  const blocked = [
    ...lineages.filter(({ renewal }) => renewal.kind === 'blocked').map(({ found }) => found.lineage.certName),
    ...survey.broken.map(({ certName }) => certName),
  ];
  return {
    survey,
    lineages,
    hooks: planHooks(survey.hooks, lineages, blocked.length > 0),
    schedules: survey.schedules.map((schedule) => ({
      schedule,
      left: leftBecause(schedule, { survey, lineages, blocked: blocked.length > 0 }),
    })),
    blocked,
    withoutCertDir: lineages
      .filter(({ meant, haproxy }) => meant && haproxy.certDir === undefined)
      .map(({ found }) => found.lineage.certName),
    suggestedCertDir: suggestedCertDir(survey),
  };
}

/** True where `--yes` would change nothing. */
export function isAdopted({ lineages, hooks, schedules }: AdoptionPlan): boolean {
  const changed = lineages.some(({ changesHaproxy, renewal }) => changesHaproxy || renewal.kind === 'changed');
  return !changed && [...hooks, ...schedules].every(({ left }) => left !== undefined);
}

interface Grounds {
  readonly survey: Survey;
  readonly lineages: readonly PlannedLineage[];
  readonly blocked: boolean;
}

function leftBecause(
  { place, class: found, elsewhere }: FoundSchedule,
  { survey, lineages, blocked }: Grounds,
): ScheduleLeft | undefined {
  if (elsewhere) return 'elsewhere';
  if (lineages.length === 0) return 'no-lineage';
  if (found.kind !== 'renewal' && found.kind !== 'haproxy') return 'does-more';
  if (found.kind === 'renewal' && found.idleUnderSystemd && survey.systemdRuns) return 'idle';
  if (found.kind === 'renewal' && blocked) return 'blocked';
  if (place.kind === 'timer' && place.enabled && place.links.length === 0) return 'vendor';
  return staysFor(found, lineages, false);
}

function suggestedCertDir({ hooks, schedules }: Survey): string | undefined {
  const bundles = [...hooks, ...schedules].flatMap(({ class: found }) => ('bundles' in found ? found.bundles : []));
  const directories = new Set(bundles.map(({ path }) => posix.dirname(path)));
  const [only] = directories;
  return directories.size === 1 && only?.startsWith('/') === true && !only.includes('*') ? only : undefined;
}
