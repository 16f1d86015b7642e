import { posix } from 'node:path';
import { bundlePath } from '../haproxy/bundle-directory.js';
import type { HookClass } from './classify-hook.js';
import type { HaproxyAct } from './command-roles.js';
import type { PlannedLineage } from './plan-lineages.js';
import type { WrittenBundle } from './shell-deeds.js';
import type { FoundHook } from './survey-hooks.js';

/** Why something stays as it is. */
export type LeftBecause =
  /** It does more than giving HAProxy certificates, or is not understood. */
  | 'does-more'
  /** It writes a file that haproxy-acme would not write. */
  | 'other-bundle'
  /** No directory of HAProxy's certificates is known for a lineage. */
  | 'no-directory'
  /** It reloads HAProxy, and haproxy-acme would not, for want of --haproxy-cfg. */
  | 'no-cfg'
  /** certbot goes on renewing, or another hook stops HAProxy for this one to start it. */
  | 'needed';

export interface PlannedHook {
  readonly hook: FoundHook;
  /** Undefined: haproxy-acme does its work from now on, and it is taken away. */
  readonly left: LeftBecause | undefined;
}

/** @param certbotStays a lineage cannot be renewed by haproxy-acme, so that certbot goes on and needs its hooks. */
export function planHooks(
  hooks: readonly FoundHook[],
  lineages: readonly PlannedLineage[],
  certbotStays: boolean,
): readonly PlannedHook[] {
  const othersActOnHaproxy = hooks.some(({ class: found }) => found.kind === 'other' && found.touchesHaproxy);
  return hooks.map((hook): PlannedHook => {
    const { place, class: found } = hook;
    if (found.kind === 'other') return { hook, left: 'does-more' };
    if (certbotStays) return { hook, left: 'needed' };
    const concerned =
      place.kind === 'conf'
        ? lineages.filter(({ found: { lineage } }) => lineage.certName === place.certName)
        : lineages;
    return { hook, left: staysFor(found, concerned, othersActOnHaproxy) };
  });
}

type Work = Pick<Extract<HookClass, { kind: 'bundle-and-reload' }>, 'bundles' | 'acts'>;

/** Why work on HAProxy cannot be left to haproxy-acme; undefined where it can. */
export function staysFor(
  work: Partial<Work>,
  lineages: readonly PlannedLineage[],
  stopsStay: boolean,
): LeftBecause | undefined {
  const acts: ReadonlySet<HaproxyAct> = work.acts ?? new Set();
  if (lineages.length === 0) return 'needed';
  const works = acts.size > 0 || (work.bundles ?? []).length > 0;
  if (works && lineages.some(({ haproxy }) => haproxy.certDir === undefined)) return 'no-directory';
  if ((work.bundles ?? []).some((bundle) => !isCovered(bundle, lineages))) return 'other-bundle';
  if (acts.size > 0 && lineages.some(({ haproxy }) => !isTold(haproxy))) {
    return 'no-cfg';
  }
  return stopsStay && (acts.has('stop') || acts.has('start')) ? 'needed' : undefined;
}

/** Whether HAProxy learns of a bundle, by whichever way. */
function isTold({ cfg, sockets, unit, reloadCommand, deploy }: PlannedLineage['haproxy']): boolean {
  return deploy !== 'none' && (cfg.length + sockets.length > 0 || unit !== undefined || reloadCommand !== undefined);
}

/** True where the lineages' own bundles are the files that it writes: HAProxy would go on with an old one otherwise. */
function isCovered({ path, source }: WrittenBundle, lineages: readonly PlannedLineage[]): boolean {
  const written = posix.normalize(path);
  const from = posix.basename(source);
  const ofAny = from === '.' || from.includes('*');
  const bundleOf = ({ found, haproxy }: PlannedLineage): string | undefined =>
    bundlePath(haproxy, found.lineage.certName);
  if (posix.basename(written) === '*.pem') {
    return lineages.every((lineage) => lineage.haproxy.certDir === posix.dirname(written));
  }
  return lineages.some((lineage) => {
    return bundleOf(lineage) === written && (ofAny || from === lineage.found.lineage.certName);
  });
}
