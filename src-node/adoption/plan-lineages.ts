import { isDeepStrictEqual } from 'node:util';
import { mergeHaproxySettings, type GivenHaproxy, type HaproxySettings } from '../lineage/haproxy-settings.js';
import type { Survey, SurveyedLineage } from './survey.js';

/** A way to answer challenges for the lineages that have none with haproxy-acme. */
export type GivenAuthenticator =
  { readonly kind: 'webroot'; readonly path: string } | { readonly kind: 'standalone'; readonly port: number };

export interface AdoptionWish {
  /** The one lineage that is meant; undefined: all. */
  readonly certName: string | undefined;
  readonly haproxy: GivenHaproxy;
  readonly authenticator: GivenAuthenticator | undefined;
}

/** Why haproxy-acme cannot renew a lineage. */
export type Blocker =
  /** certbot's plugin has no counterpart. */
  | 'authenticator'
  /** HAProxy listens on the port of the standalone server. */
  | 'port'
  /** No webroot is known for a name. */
  | 'webroot'
  /** A manual challenge without a script waits for a human. */
  | 'manual'
  /** http-01 validates no wildcard. */
  | 'wildcard';

export type RenewalPlan =
  | { readonly kind: 'as-is' }
  | { readonly kind: 'changed'; readonly to: GivenAuthenticator }
  | { readonly kind: 'blocked'; readonly by: Blocker };

export interface PlannedLineage {
  readonly found: SurveyedLineage;
  /** The flags are for this lineage. */
  readonly meant: boolean;
  readonly renewal: RenewalPlan;
  /** The settings that it has afterwards. */
  readonly haproxy: HaproxySettings;
  /** They differ from those that it has. */
  readonly changesHaproxy: boolean;
}

export function planLineages(survey: Survey, wish: AdoptionWish): readonly PlannedLineage[] {
  return survey.lineages.map((found) => {
    const { certName, settings } = found.lineage;
    const meant = wish.certName === undefined || wish.certName === certName;
    const haproxy = meant ? mergeHaproxySettings(settings.haproxy, wish.haproxy) : settings.haproxy;
    const changesHaproxy = !isDeepStrictEqual(haproxy, settings.haproxy);
    return {
      found,
      meant,
      renewal: planRenewal(found, survey, meant ? wish.authenticator : undefined),
      haproxy,
      changesHaproxy,
    };
  });
}

/** A lineage that haproxy-acme can renew as it is stays so; the authenticator given is for the others. */
function planRenewal(found: SurveyedLineage, survey: Survey, given: GivenAuthenticator | undefined): RenewalPlan {
  const by = blockerOf(found, survey);
  if (by === undefined) return { kind: 'as-is' };
  if (given === undefined) return { kind: 'blocked', by };
  if (found.names.some((name) => name.startsWith('*.'))) return { kind: 'blocked', by: 'wildcard' };
  if (given.kind === 'standalone' && isTaken(given.port, survey)) return { kind: 'blocked', by: 'port' };
  return { kind: 'changed', to: given };
}

function blockerOf({ lineage, names, http01Port }: SurveyedLineage, survey: Survey): Blocker | undefined {
  const { authenticator, webrootMap, webrootDefault, authHook } = lineage.settings;
  switch (authenticator) {
    case 'webroot':
      return names.every((name) => (webrootMap[name] ?? webrootDefault) !== undefined) ? undefined : 'webroot';
    case 'standalone':
      return isTaken(http01Port, survey) ? 'port' : undefined;
    case 'manual':
      return authHook !== undefined ? undefined : 'manual';
    default:
      return 'authenticator';
  }
}

/** Where HAProxy's configuration is not known, it is taken to answer on port 80. */
function isTaken(port: number, { haproxyPorts }: Survey): boolean {
  return haproxyPorts === undefined ? port === 80 : haproxyPorts.includes(port);
}
