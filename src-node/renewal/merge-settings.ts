import { ChallengeError } from '../challenge/challenge-error.js';
import { ConfigError } from '../config/config-error.js';
import { defaultPidfile, isStaging, letsEncrypt, type Config } from '../config/config.js';
import type { HaproxySettings, RenewalSettings } from '../lineage/lineage.js';
import { defaultCurve, defaultRsaKeySize } from '../lineage/renewal-settings.js';
import { RenewalError } from './renewal-error.js';

type Given = Pick<Config, 'verb' | 'server' | 'account' | 'key' | 'haproxy' | 'names' | 'webrootMap' | 'webroot'>;

/** What a renewal repeats: the lineage's own settings where it has them, and over them what the flags say. */
export function mergeSettings(existing: RenewalSettings | undefined, given: Given): RenewalSettings {
  // Without -d, a -w is for all the names that the lineage has.
  const replaced = given.webroot !== undefined && given.names.length === 0;
  return {
    account: given.account.id ?? existing?.account,
    server: mergeServer(existing?.server, given),
    authenticator: given.webroot !== undefined ? 'webroot' : (existing?.authenticator ?? 'webroot'),
    webrootMap: replaced ? {} : { ...existing?.webrootMap, ...given.webrootMap },
    webrootDefault: given.webroot ?? existing?.webrootDefault,
    keyType: given.key.type ?? existing?.keyType ?? 'ecdsa',
    rsaKeySize: given.key.rsaKeySize ?? existing?.rsaKeySize ?? defaultRsaKeySize,
    ellipticCurve: given.key.ellipticCurve ?? existing?.ellipticCurve ?? defaultCurve,
    haproxy: mergeHaproxy(existing?.haproxy, given.haproxy),
  };
}

/** As certbot: whoever orders by name without telling a CA wants a certificate that is trusted, also after a test. */
function mergeServer(existing: string | undefined, given: Given): string {
  const kept = existing !== undefined && given.verb === 'certonly' && isStaging(existing) ? undefined : existing;
  return given.server ?? kept ?? letsEncrypt;
}

function mergeHaproxy(existing: HaproxySettings | undefined, given: Config['haproxy']): HaproxySettings {
  const certDir = given.certDir ?? existing?.certDir;
  if (certDir === undefined && (given.cfg ?? given.pidfile ?? given.bin ?? given.socket) !== undefined) {
    throw new ConfigError(
      'usage',
      "The --haproxy flags need --haproxy-cert-dir: the directory that a bind's crt names.",
    );
  }
  return {
    certDir,
    cfg: given.cfg ?? existing?.cfg ?? [],
    pidfile: given.pidfile ?? existing?.pidfile,
    bin: given.bin ?? existing?.bin,
    socket: given.socket ?? existing?.socket,
  };
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
  if (settings.authenticator !== 'webroot') {
    const message = `The lineage was made with the authenticator '${settings.authenticator}', which haproxy-acme does not have.`;
    throw new RenewalError('authenticator-unsupported', message);
  }
  const entries = names.map((name): [string, string] => {
    const webroot = settings.webrootMap[name] ?? settings.webrootDefault;
    if (webroot === undefined) throw new ChallengeError('webroot-unset', `No webroot is known for ${name}.`);
    return [name, webroot];
  });
  return { ...settings, webrootMap: Object.fromEntries(entries), webrootDefault: undefined };
}
