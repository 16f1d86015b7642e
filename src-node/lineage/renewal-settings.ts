import { ellipticCurves, type EllipticCurve } from '../certificate/private-key.js';
import type { ChallengeType } from '../challenge/challenge-publisher.js';
import { readChallengeSettings, writeChallengeSettings } from './challenge-settings.js';
import { readHaproxySettings, writeHaproxySettings } from './haproxy-settings.js';
import type { RenewalSettings } from './lineage.js';
import {
  confList,
  confSection,
  confValue,
  haproxySection,
  renewalParams,
  setConfSection,
  setConfValue,
  webrootMapSection,
  type RenewalConf,
} from './renewal-conf.js';

export const defaultRsaKeySize = 2048;
export const defaultCurve: EllipticCurve = 'secp256r1';

const knownChallenges: Readonly<Record<ChallengeType, true>> = { 'http-01': true, 'dns-01': true, 'tls-alpn-01': true };

function isKnown(type: string): type is ChallengeType {
  return Object.hasOwn(knownChallenges, type);
}

/** Reads what a renewal repeats. Undefined where the configuration names no server. */
export function readSettings(conf: RenewalConf): RenewalSettings | undefined {
  const value = paramReader(conf);
  const server = value('server');
  if (server === undefined) return undefined;
  const webrootMap = Object.fromEntries(confSection(conf, webrootMapSection));
  const curve = ellipticCurves.find((known) => known === value('elliptic_curve'));
  return {
    account: value('account'),
    server,
    authenticator: value('authenticator') ?? 'webroot',
    webrootMap,
    // certbot repeats in webroot_path what its map says, so that it counts where there is no map.
    webrootDefault:
      Object.keys(webrootMap).length > 0 ? undefined : confList(conf, renewalParams, 'webroot_path').at(-1),
    // certbot wrote no key_type while RSA was all there was.
    keyType: value('key_type') === 'ecdsa' ? 'ecdsa' : 'rsa',
    rsaKeySize: readNumber(value('rsa_key_size'), /^\d{4,5}$/) ?? defaultRsaKeySize,
    ellipticCurve: curve ?? defaultCurve,
    reuseKey: isTrue(value('reuse_key')),
    mustStaple: isTrue(value('must_staple')),
    preferredChain: value('preferred_chain'),
    preferredProfile: value('preferred_profile'),
    requiredProfile: value('required_profile'),
    allowSubset: isTrue(value('allow_subset_of_names')),
    challenges: confList(conf, renewalParams, 'pref_challs').filter(isKnown),
    http01Port: readNumber(value('http01_port'), /^\d{1,5}$/),
    http01Address: value('http01_address'),
    authHook: value('manual_auth_hook'),
    cleanupHook: value('manual_cleanup_hook'),
    ...readChallengeSettings(conf),
    hooks: { pre: value('pre_hook'), post: value('post_hook'), deploy: value('renew_hook') },
    autorenew: !isOneOf(value('autorenew'), ['false', 'no', 'off', '0']),
    haproxy: readHaproxySettings(conf),
  };
}

/** certbot writes its None by that word, and '' where a flag had no content. */
function paramReader(conf: RenewalConf): (key: string) => string | undefined {
  return (key) => {
    const text = confValue(conf, renewalParams, key);
    return text === 'None' || text === '' ? undefined : text;
  };
}

function isTrue(text: string | undefined): boolean {
  return isOneOf(text, ['true', 'yes', 'on', '1']);
}

/** The words that certbot's library of configurations takes for a boolean. */
function isOneOf(text: string | undefined, words: readonly string[]): boolean {
  return words.includes((text ?? '').trim().toLowerCase());
}

function readNumber(text: string | undefined, pattern: RegExp): number | undefined {
  return text !== undefined && pattern.test(text) ? Number(text) : undefined;
}

/** The version that was last deployed, if any. */
export function readDeployedVersion(conf: RenewalConf): number | undefined {
  const text = confValue(conf, haproxySection, 'deployed_version');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export function writeDeployedVersion(conf: RenewalConf, version: number | undefined): RenewalConf {
  return setConfValue(conf, haproxySection, 'deployed_version', version === undefined ? undefined : String(version));
}

type Entry = readonly [key: string, value: string | readonly string[] | undefined];

/** Writes what a renewal repeats; keys that are not ours stay as they are. */
export function writeSettings(conf: RenewalConf, settings: RenewalSettings): RenewalConf {
  const isWebroot = settings.authenticator === 'webroot';
  const webrootMap = isWebroot ? settings.webrootMap : {};
  let result = conf;
  for (const [key, value] of [...commonEntries(settings), ...challengeEntries(settings)]) {
    result = setConfValue(result, renewalParams, key, value);
  }
  result = setConfSection(result, webrootMapSection, new Map(Object.entries(webrootMap)));
  return writeChallengeSettings(writeHaproxySettings(result, settings.haproxy), settings);
}

function commonEntries(settings: RenewalSettings): readonly Entry[] {
  const { keyType, rsaKeySize, ellipticCurve, hooks } = settings;
  const otherSize = keyType === 'rsa' && rsaKeySize !== defaultRsaKeySize;
  const otherCurve = keyType === 'ecdsa' && ellipticCurve !== defaultCurve;
  return [
    ['account', settings.account],
    ['authenticator', settings.authenticator],
    ['server', settings.server],
    ['key_type', keyType],
    ['rsa_key_size', otherSize ? String(rsaKeySize) : undefined],
    ['elliptic_curve', otherCurve ? ellipticCurve : undefined],
    ['reuse_key', settings.reuseKey ? 'True' : undefined],
    ['must_staple', settings.mustStaple ? 'True' : undefined],
    ['preferred_chain', settings.preferredChain],
    ['preferred_profile', settings.preferredProfile],
    ['required_profile', settings.requiredProfile],
    ['allow_subset_of_names', settings.allowSubset ? 'True' : undefined],
    ['autorenew', settings.autorenew ? undefined : 'False'],
    ['pre_hook', hooks.pre],
    ['post_hook', hooks.post],
    ['renew_hook', hooks.deploy],
  ];
}

/** Each authenticator keeps its own; what another one had is of no use any more. */
function challengeEntries(settings: RenewalSettings): readonly Entry[] {
  const { authenticator, webrootMap, webrootDefault, challenges } = settings;
  const only = (wanted: string, value: string | undefined): string | undefined =>
    authenticator === wanted ? value : undefined;
  const paths =
    authenticator === 'webroot'
      ? new Set([...Object.values(webrootMap), ...(webrootDefault === undefined ? [] : [webrootDefault])])
      : new Set<string>();
  return [
    ['pref_challs', challenges.length > 0 ? challenges : undefined],
    ['webroot_path', paths.size > 0 ? [...paths] : undefined],
    ['http01_port', only('standalone', settings.http01Port?.toString())],
    ['http01_address', only('standalone', settings.http01Address)],
    ['manual_auth_hook', only('manual', settings.authHook)],
    ['manual_cleanup_hook', only('manual', settings.cleanupHook)],
  ];
}
