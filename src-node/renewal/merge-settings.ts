import { ChallengeError } from '../challenge/challenge-error.js';
import { checkCertDir } from '../config/check-command.js';
import { usage } from '../config/config-error.js';
import {
  authenticators,
  defaultPidfile,
  isStaging,
  letsEncrypt,
  letsEncryptStaging,
  singleKeyType,
  type Config,
} from '../config/config.js';
import { mergeChallengeSettings, noChallengeSettings, type ChallengeSettings } from '../lineage/challenge-settings.js';
import {
  mergeHaproxySettings,
  noHaproxy,
  type GivenHaproxy,
  type HaproxySettings,
} from '../lineage/haproxy-settings.js';
import type { RenewalSettings } from '../lineage/lineage.js';
import { defaultCurve, defaultRsaKeySize } from '../lineage/renewal-settings.js';
import { RenewalError } from './renewal-error.js';

/** What a renewal repeats: the lineage's own settings where it has them, and over them what the flags say. */
export function mergeSettings(existing: RenewalSettings | undefined, given: Config): RenewalSettings {
  const challenge = mergeChallenge(existing, given);
  return {
    account: given.account.id ?? existing?.account,
    server: mergeServer(existing?.server, given),
    ...challenge,
    ...mergeKey(existing, given),
    ...mergeWishes(existing, given),
    hooks: {
      pre: hookOf(given.hooks.pre, existing?.hooks.pre),
      post: hookOf(given.hooks.post, existing?.hooks.post),
      deploy: hookOf(given.hooks.renew, existing?.hooks.deploy),
    },
    autorenew: given.renewal.autorenew ?? existing?.autorenew ?? true,
    haproxy: mergeHaproxy(existing?.haproxy, given.haproxy, challenge),
  };
}

/** An empty command takes the one away that there is. */
function hookOf(given: string | undefined, existing: string | undefined): string | undefined {
  return given?.trim() === '' ? undefined : (given ?? existing);
}

type AnswerSettings = Pick<
  RenewalSettings,
  | 'authenticator'
  | 'webrootMap'
  | 'webrootDefault'
  | 'challenges'
  | 'http01Port'
  | 'http01Address'
  | 'authHook'
  | 'cleanupHook'
> &
  ChallengeSettings;

function mergeChallenge(existing: RenewalSettings | undefined, { challenge, names }: Config): AnswerSettings {
  // Without -d, a -w is for all the names that the lineage has.
  const replaced = challenge.webroot !== undefined && names.length === 0;
  const authenticator = challenge.authenticator ?? existing?.authenticator ?? authenticators[0];
  // Kinds that were wished of another way to answer may not be among those of this one.
  const types = authenticator === existing?.authenticator ? existing.challenges : [];
  return {
    authenticator,
    webrootMap: replaced ? {} : { ...existing?.webrootMap, ...challenge.webrootMap },
    webrootDefault: challenge.webroot ?? existing?.webrootDefault,
    challenges: challenge.types ?? types,
    http01Port: challenge.http01Port ?? existing?.http01Port,
    http01Address: challenge.http01Address ?? existing?.http01Address,
    authHook: challenge.authHook ?? existing?.authHook,
    cleanupHook: challenge.cleanupHook ?? existing?.cleanupHook,
    ...mergeChallengeSettings(existing ?? noChallengeSettings, challenge),
  };
}

type KeySettings = Pick<RenewalSettings, 'keyType' | 'rsaKeySize' | 'ellipticCurve' | 'reuseKey'>;

/** As certbot: who orders again keeps the kind of key, but takes size, curve and reuse from the flags alone. */
function mergeKey(existing: RenewalSettings | undefined, given: Config): KeySettings {
  const { key, verb } = given;
  const kept = verb === 'certonly' || verb === 'run' ? undefined : existing;
  return {
    keyType: singleKeyType(given) ?? existing?.keyType ?? 'ecdsa',
    rsaKeySize: key.rsaKeySize ?? kept?.rsaKeySize ?? defaultRsaKeySize,
    ellipticCurve: key.ellipticCurve ?? kept?.ellipticCurve ?? defaultCurve,
    reuseKey: key.reuse ?? (key.fresh ? existing : kept)?.reuseKey ?? false,
  };
}

type WishSettings = Pick<
  RenewalSettings,
  'mustStaple' | 'preferredChain' | 'preferredProfile' | 'requiredProfile' | 'allowSubset'
>;

function mergeWishes(existing: RenewalSettings | undefined, { wishes }: Config): WishSettings {
  return {
    mustStaple: wishes.mustStaple ?? existing?.mustStaple ?? false,
    preferredChain: wishes.preferredChain ?? existing?.preferredChain,
    preferredProfile: wishes.preferredProfile ?? existing?.preferredProfile,
    requiredProfile: wishes.requiredProfile ?? existing?.requiredProfile,
    allowSubset: wishes.allowSubset ?? existing?.allowSubset ?? false,
  };
}

/** As certbot: whoever orders by name without telling a CA wants a certificate that is trusted, also after a test. */
function mergeServer(existing: string | undefined, { server, verb, renewal }: Config): string {
  if (server !== undefined) return server;
  const orders = verb === 'certonly' || verb === 'run';
  const kept = existing !== undefined && orders && isStaging(existing) ? undefined : existing;
  const chosen = kept ?? letsEncrypt;
  return renewal.dryRun && chosen === letsEncrypt ? letsEncryptStaging : chosen;
}

function mergeHaproxy(
  existing: HaproxySettings = noHaproxy,
  given: GivenHaproxy,
  { authenticator }: AnswerSettings,
): HaproxySettings {
  const merged = mergeHaproxySettings(existing, given);
  checkCertDir(given, merged, authenticator);
  const { deploy, cfg, unit, reloadCommand } = merged;
  if (deploy === 'reload' && cfg.length === 0 && unit === undefined && reloadCommand === undefined) {
    throw usage("'--haproxy-deploy reload' needs --haproxy-cfg, --haproxy-systemd-unit or --haproxy-reload-command.");
  }
  return merged;
}

/** The pidfile that a deployment looks at. */
export function pidfileOf(haproxy: HaproxySettings): string {
  return haproxy.pidfile ?? defaultPidfile;
}

/**
 * Keeps the webroots of exactly these names.
 * @throws RenewalError `authenticator-unsupported`, or ChallengeError `webroot-unset`.
 */
export function settingsForNames(settings: RenewalSettings, names: readonly string[]): RenewalSettings {
  if (!authenticators.some((known) => known === settings.authenticator)) {
    const message = `The lineage was made with the authenticator '${settings.authenticator}', which haproxy-acme does not have.`;
    throw new RenewalError('authenticator-unsupported', message);
  }
  if (settings.authenticator !== 'webroot') return { ...settings, webrootMap: {}, webrootDefault: undefined };
  const entries = names.map((name): [string, string] => {
    const webroot = settings.webrootMap[name] ?? settings.webrootDefault;
    if (webroot === undefined) throw new ChallengeError('webroot-unset', `No webroot is known for ${name}.`);
    return [name, webroot];
  });
  return { ...settings, webrootMap: Object.fromEntries(entries), webrootDefault: undefined };
}
