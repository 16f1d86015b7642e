import { confList, confValue, haproxySection, setConfValue, type RenewalConf } from './renewal-conf.js';

/** What is done where our own look at a challenge finds another answer than the CA is to find. */
export const selfCheckModes = ['require', 'warn', 'off'] as const;
export type SelfCheckMode = (typeof selfCheckModes)[number];

/** Ways to answer challenges that certbot does not have, and the look at the answer; kept in the `[haproxy]` section. */
export interface ChallengeSettings {
  /** Of the authenticator `runtime-map`: the map, as HAProxy's configuration names it. */
  readonly runtimeMap: string | undefined;
  /** Of the authenticator `spoe`: control sockets of agents, absolute paths. */
  readonly spoeControl: readonly string[];
  /** Port and address of the authenticator `tls-alpn-01`. */
  readonly tlsAlpn01Port: number | undefined;
  readonly tlsAlpn01Address: string | undefined;
  /** Undefined: require. */
  readonly selfCheck: SelfCheckMode | undefined;
  /** In place of 80 and 443, where this machine reaches them by other ports. */
  readonly selfCheckPort: number | undefined;
  readonly selfCheckHttpsPort: number | undefined;
  /** In place of the addresses that the DNS has. */
  readonly selfCheckAddress: string | undefined;
  /** DNS server that is asked: an address, with or without a port. */
  readonly selfCheckResolver: string | undefined;
}

/** The same as given by flags; what is undefined is as the lineage has it. */
export type GivenChallenge = { readonly [Key in keyof ChallengeSettings]: ChallengeSettings[Key] | undefined };

export const noChallengeSettings: ChallengeSettings = {
  runtimeMap: undefined,
  spoeControl: [],
  tlsAlpn01Port: undefined,
  tlsAlpn01Address: undefined,
  selfCheck: undefined,
  selfCheckPort: undefined,
  selfCheckHttpsPort: undefined,
  selfCheckAddress: undefined,
  selfCheckResolver: undefined,
};

export function mergeChallengeSettings(existing: ChallengeSettings, given: GivenChallenge): ChallengeSettings {
  return {
    runtimeMap: given.runtimeMap ?? existing.runtimeMap,
    spoeControl: given.spoeControl ?? existing.spoeControl,
    tlsAlpn01Port: given.tlsAlpn01Port ?? existing.tlsAlpn01Port,
    tlsAlpn01Address: given.tlsAlpn01Address ?? existing.tlsAlpn01Address,
    selfCheck: given.selfCheck ?? existing.selfCheck,
    selfCheckPort: given.selfCheckPort ?? existing.selfCheckPort,
    selfCheckHttpsPort: given.selfCheckHttpsPort ?? existing.selfCheckHttpsPort,
    selfCheckAddress: given.selfCheckAddress ?? existing.selfCheckAddress,
    selfCheckResolver: given.selfCheckResolver ?? existing.selfCheckResolver,
  };
}

export function readChallengeSettings(conf: RenewalConf): ChallengeSettings {
  const value = (key: string): string | undefined => confValue(conf, haproxySection, key);
  const port = (key: string): number | undefined => {
    const number = Number(/^\d{1,5}$/.exec(value(key) ?? '')?.[0]);
    return number >= 1 && number <= 65_535 ? number : undefined;
  };
  return {
    runtimeMap: value('runtime_map'),
    spoeControl: confList(conf, haproxySection, 'spoe_control'),
    tlsAlpn01Port: port('tls_alpn_01_port'),
    tlsAlpn01Address: value('tls_alpn_01_address'),
    selfCheck: selfCheckModes.find((mode) => mode === value('self_check')),
    selfCheckPort: port('self_check_port'),
    selfCheckHttpsPort: port('self_check_https_port'),
    selfCheckAddress: value('self_check_address'),
    selfCheckResolver: value('self_check_resolver'),
  };
}

/** Each authenticator keeps its own; what another one had is of no use any more. */
export function writeChallengeSettings(
  conf: RenewalConf,
  settings: ChallengeSettings & { readonly authenticator: string },
): RenewalConf {
  const only = <T>(wanted: string, value: T): T | undefined => (settings.authenticator === wanted ? value : undefined);
  const control = only('spoe', settings.spoeControl);
  const entries: readonly (readonly [key: string, value: string | readonly string[] | undefined])[] = [
    ['runtime_map', only('runtime-map', settings.runtimeMap)],
    ['spoe_control', control?.length === 0 ? undefined : control],
    ['tls_alpn_01_port', only('tls-alpn-01', settings.tlsAlpn01Port?.toString())],
    ['tls_alpn_01_address', only('tls-alpn-01', settings.tlsAlpn01Address)],
    ['self_check', settings.selfCheck],
    ['self_check_port', settings.selfCheckPort?.toString()],
    ['self_check_https_port', settings.selfCheckHttpsPort?.toString()],
    ['self_check_address', settings.selfCheckAddress],
    ['self_check_resolver', settings.selfCheckResolver],
  ];
  let result = conf;
  for (const [key, value] of entries) result = setConfValue(result, haproxySection, key, value);
  return result;
}
