import { ellipticCurves, type EllipticCurve } from '../certificate/private-key.js';
import type { HaproxySettings, RenewalSettings } from './lineage.js';
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

/** Reads what a renewal repeats. Undefined where the configuration names no server. */
export function readSettings(conf: RenewalConf): RenewalSettings | undefined {
  // certbot writes its None by that word.
  const value = (key: string): string | undefined => {
    const text = confValue(conf, renewalParams, key);
    return text === 'None' ? undefined : text;
  };
  const server = value('server');
  if (server === undefined) return undefined;
  const webrootMap = readWebroots(conf);
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
    rsaKeySize: readKeySize(value('rsa_key_size')),
    ellipticCurve: curve ?? defaultCurve,
    haproxy: readHaproxy(conf),
  };
}

function readKeySize(text: string | undefined): number {
  return text !== undefined && /^\d{4,5}$/.test(text) ? Number(text) : defaultRsaKeySize;
}

function readWebroots(conf: RenewalConf): Readonly<Record<string, string>> {
  return Object.fromEntries(confSection(conf, webrootMapSection));
}

function readHaproxy(conf: RenewalConf): HaproxySettings {
  const value = (key: string): string | undefined => confValue(conf, haproxySection, key);
  return {
    certDir: value('cert_dir'),
    cfg: confList(conf, haproxySection, 'cfg'),
    pidfile: value('pidfile'),
    bin: value('bin'),
    socket: value('socket'),
  };
}

/** The version that was last deployed, if any. */
export function readDeployedVersion(conf: RenewalConf): number | undefined {
  const text = confValue(conf, haproxySection, 'deployed_version');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export function writeDeployedVersion(conf: RenewalConf, version: number | undefined): RenewalConf {
  return setConfValue(conf, haproxySection, 'deployed_version', version === undefined ? undefined : String(version));
}

/** Writes what a renewal repeats; keys that are not ours stay as they are. */
export function writeSettings(conf: RenewalConf, settings: RenewalSettings): RenewalConf {
  const { webrootMap, webrootDefault } = settings;
  const paths = new Set([...Object.values(webrootMap), ...(webrootDefault === undefined ? [] : [webrootDefault])]);
  const params: readonly (readonly [string, string | readonly string[] | undefined])[] = [
    ['account', settings.account],
    ['authenticator', settings.authenticator],
    ['server', settings.server],
    ['key_type', settings.keyType],
    [
      'rsa_key_size',
      settings.keyType === 'rsa' && settings.rsaKeySize !== defaultRsaKeySize ? String(settings.rsaKeySize) : undefined,
    ],
    [
      'elliptic_curve',
      settings.keyType === 'ecdsa' && settings.ellipticCurve !== defaultCurve ? settings.ellipticCurve : undefined,
    ],
    ['webroot_path', paths.size > 0 ? [...paths] : undefined],
  ];
  let result = conf;
  for (const [key, value] of params) result = setConfValue(result, renewalParams, key, value);
  result = setConfSection(result, webrootMapSection, new Map(Object.entries(webrootMap)));
  return writeHaproxy(result, settings.haproxy);
}

export function writeHaproxy(conf: RenewalConf, haproxy: HaproxySettings): RenewalConf {
  const entries: readonly (readonly [string, string | readonly string[] | undefined])[] = [
    ['cert_dir', haproxy.certDir],
    ['cfg', haproxy.cfg.length > 0 ? haproxy.cfg : undefined],
    ['pidfile', haproxy.pidfile],
    ['bin', haproxy.bin],
    ['socket', haproxy.socket],
  ];
  let result = conf;
  for (const [key, value] of entries) result = setConfValue(result, haproxySection, key, value);
  return result;
}
