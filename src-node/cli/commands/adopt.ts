import { AdoptionError } from '../../adoption/adoption-error.js';
import { applyAdoption, type AdoptionRooms } from '../../adoption/apply-adoption.js';
import { planAdoption, type AdoptionPlan } from '../../adoption/plan-adoption.js';
import type { AdoptionWish } from '../../adoption/plan-lineages.js';
import { survey, type Survey } from '../../adoption/survey.js';
import { undoAdoption, type Undone } from '../../adoption/undo-adoption.js';
import type { RecordedChange } from '../../adoption/record.js';

/** What `adopt` is told. */
export interface AdoptRequest {
  readonly wish: AdoptionWish;
  /** --config-dir */
  readonly configDir: string;
  /** Where the system's /etc, /var and /usr are found: `/` but for tests. */
  readonly root: string;
  readonly yes: boolean;
  readonly undo: boolean;
}

export type AdoptReport =
  | { readonly kind: 'planned'; readonly plan: AdoptionPlan }
  | {
      readonly kind: 'adopted';
      readonly plan: AdoptionPlan;
      readonly made: readonly RecordedChange[];
      /** Why it is not the whole of it. */
      readonly error: AdoptionError | undefined;
    }
  | {
      readonly kind: 'undone';
      readonly results: readonly Undone[];
      /** A timer or cron line renews by haproxy-acme, beside what renews by certbot now. */
      readonly renewsByOurs: boolean;
    };

/** `adopt`: what there is of certbot, what would be done with it; with --yes it is done, with --undo taken back. */
export async function adopt(request: AdoptRequest, rooms: AdoptionRooms): Promise<AdoptReport> {
  const { configDir, root, wish } = request;
  const look = async (): Promise<Survey> =>
    await survey({ configDir, root, cfg: wish.haproxy.cfg }, rooms.store, rooms.systemd);
  if (request.undo) {
    const results = await undoAdoption(configDir, rooms);
    return { kind: 'undone', results, renewsByOurs: (await look()).renewsByOurs };
  }
  const found = await look();
  const plan = planAdoption(found, wish);
  if (!request.yes) return { kind: 'planned', plan };
  return { kind: 'adopted', plan, made: await applyAdoption(plan, rooms), error: incompleteness(plan) };
}

function incompleteness({ blocked }: AdoptionPlan): AdoptionError | undefined {
  if (blocked.length === 0) return undefined;
  const names = blocked.join(', ');
  const message = `What renews by certbot stays as it is, because haproxy-acme could not renew ${names}.`;
  return new AdoptionError('adoption-blocked', message);
}

/** False where something is left to be done by a human. */
export function hasSucceeded(report: AdoptReport): boolean {
  if (report.kind === 'undone') return report.results.every(({ kind }) => kind !== 'left');
  return report.kind === 'planned' || report.error === undefined;
}
