import { confList, confValue, haproxySection, setConfValue, type RenewalConf } from './renewal-conf.js';

/** The ways to give HAProxy certificates; `auto` takes the gentlest that is there. */
export const deployModes = ['auto', 'runtime', 'reload', 'none'] as const;
export type DeployMode = (typeof deployModes)[number];

/** How HAProxy is to be given a lineage's certificate; kept in the `[haproxy]` section of its renewal configuration. */
export interface HaproxySettings {
  /** Directory of the bundle: one that a bind's `crt` names, or that of the bundles which a crt-list names. */
  readonly certDir: string | undefined;
  /** File name of the bundle there; undefined: CERTNAME.pem. */
  readonly bundle: string | undefined;
  /** A bind's crt-list, which gets a line for the bundle. */
  readonly crtList: string | undefined;
  /** Configuration files in the order in which HAProxy takes them by -f. */
  readonly cfg: readonly string[];
  readonly pidfile: string | undefined;
  readonly bin: string | undefined;
  /** Undefined: auto. */
  readonly deploy: DeployMode | undefined;
  /** Stats sockets or master sockets: a path, or host:port. */
  readonly sockets: readonly string[];
  /** Shell command that reloads HAProxy, in place of the ways that are had here. */
  readonly reloadCommand: string | undefined;
  /** systemd unit that HAProxy is reloaded by. */
  readonly unit: string | undefined;
  /** Where a handshake looks: host:port; `none` alone: nowhere. Empty: the binds of `cfg`. */
  readonly verify: readonly string[];
}

/** The same as given by flags; what is undefined is as the lineage has it. */
export type GivenHaproxy = { readonly [Key in keyof HaproxySettings]: HaproxySettings[Key] | undefined };

export const noHaproxy: HaproxySettings = {
  certDir: undefined,
  bundle: undefined,
  crtList: undefined,
  cfg: [],
  pidfile: undefined,
  bin: undefined,
  deploy: undefined,
  sockets: [],
  reloadCommand: undefined,
  unit: undefined,
  verify: [],
};

/** An empty text given takes away what there is. */
export function mergeHaproxySettings(existing: HaproxySettings, given: GivenHaproxy): HaproxySettings {
  const text = (key: 'reloadCommand' | 'unit'): string | undefined =>
    given[key] === '' ? undefined : (given[key] ?? existing[key]);
  return {
    certDir: given.certDir ?? existing.certDir,
    bundle: given.bundle ?? existing.bundle,
    crtList: given.crtList ?? existing.crtList,
    cfg: given.cfg ?? existing.cfg,
    pidfile: given.pidfile ?? existing.pidfile,
    bin: given.bin ?? existing.bin,
    deploy: given.deploy ?? existing.deploy,
    sockets: given.sockets ?? existing.sockets,
    reloadCommand: text('reloadCommand'),
    unit: text('unit'),
    verify: given.verify ?? existing.verify,
  };
}

export function readHaproxySettings(conf: RenewalConf): HaproxySettings {
  const value = (key: string): string | undefined => confValue(conf, haproxySection, key);
  const list = (key: string): readonly string[] => confList(conf, haproxySection, key);
  return {
    certDir: value('cert_dir'),
    bundle: value('bundle'),
    crtList: value('crt_list'),
    cfg: list('cfg'),
    pidfile: value('pidfile'),
    bin: value('bin'),
    deploy: deployModes.find((mode) => mode === value('deploy')),
    sockets: list('socket'),
    reloadCommand: value('reload_command'),
    unit: value('systemd_unit'),
    verify: list('verify'),
  };
}

export function writeHaproxySettings(conf: RenewalConf, haproxy: HaproxySettings): RenewalConf {
  const list = (values: readonly string[]): readonly string[] | undefined => (values.length > 0 ? values : undefined);
  const entries: readonly (readonly [key: string, value: string | readonly string[] | undefined])[] = [
    ['cert_dir', haproxy.certDir],
    ['bundle', haproxy.bundle],
    ['crt_list', haproxy.crtList],
    ['cfg', list(haproxy.cfg)],
    ['pidfile', haproxy.pidfile],
    ['bin', haproxy.bin],
    ['deploy', haproxy.deploy],
    ['socket', list(haproxy.sockets)],
    ['reload_command', haproxy.reloadCommand],
    ['systemd_unit', haproxy.unit],
    ['verify', list(haproxy.verify)],
  ];
  let result = conf;
  for (const [key, value] of entries) result = setConfValue(result, haproxySection, key, value);
  return result;
}
