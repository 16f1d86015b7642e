import { dirname, join } from 'node:path';
import { deployModes, type DeployMode, type GivenHaproxy } from '../lineage/haproxy-settings.js';
import { defaultCertDir, type Config } from './config.js';
import { usage } from './config-error.js';
import type { Given } from './resolve-values.js';

/** The --haproxy flags. @throws ConfigError */
export function resolveHaproxy(given: Given, path: (value: string | undefined) => string | undefined): GivenHaproxy {
  const { haproxyCfg, haproxyBin } = given;
  const absolute = (file: string): string => path(file) ?? file;
  return {
    certDir: path(given.haproxyCertDir),
    bundle: resolveBundle(given.haproxyBundle),
    crtList: path(given.haproxyCrtList),
    cfg: haproxyCfg?.map(absolute),
    pidfile: path(given.haproxyPidfile),
    // A bare name is looked up in PATH.
    bin: haproxyBin?.includes('/') === true ? path(haproxyBin) : haproxyBin,
    deploy: resolveMode(given.haproxyDeploy),
    sockets: given.haproxySocket?.map((address) => resolveSocket(address, absolute)),
    reloadCommand: resolveCommand(given.haproxyReloadCommand),
    unit: resolveUnit(given.haproxySystemdUnit),
    verify: resolveVerify(given.haproxyVerify),
  };
}

/** HAProxy serves its first certificate by default: the one that is not in the directory, where lineages have their names. */
export function resolveBootstrap(givenDir: string | undefined, givenCert: string | undefined): Config['bootstrap'] {
  const certDir = givenDir ?? defaultCertDir;
  return { certDir, defaultCert: givenCert ?? join(dirname(certDir), 'default.pem') };
}

function resolveMode(given: string | undefined): DeployMode | undefined {
  const mode = deployModes.find((known) => known === given);
  if (given === undefined || mode !== undefined) return mode;
  throw usage(`--haproxy-deploy takes ${deployModes.join(', ')}, not '${given.slice(0, 80)}'.`);
}

/** HAProxy passes over dotfiles. */
function resolveBundle(given: string | undefined): string | undefined {
  if (given === undefined || (/^[^./\s\\][^/\s\\]*$/.test(given) && given.length <= 200)) return given;
  throw usage(
    `--haproxy-bundle is the name of a file in --haproxy-cert-dir, not '${given.slice(0, 80)}': no slash, no white space, no dot in front.`,
  );
}

const hostAndPort = /^(?:\[[\da-f:.]+\]|[^\s/:@[\]]+):(\d{1,5})$/i;

function hasPort(text: string): boolean {
  const port = Number(hostAndPort.exec(text)?.[1]);
  return port > 0 && port < 65_536;
}

function resolveSocket(given: string, absolute: (file: string) => string): string {
  const address = given.replace(/^(?:ipv4|ipv6|unix)@/, '');
  if (!given.startsWith('unix@') && !address.includes('/') && address.includes(':')) {
    if (hasPort(address)) return address;
  } else if (!/^(?:abns|abnsz|fd|sockpair)@/.test(address)) {
    return absolute(address);
  }
  throw usage(`--haproxy-socket is a path or HOST:PORT, not '${given.slice(0, 200)}'.`);
}

function resolveCommand(given: string | undefined): string | undefined {
  if (given?.includes('\n') !== true) return given;
  throw usage('The command of --haproxy-reload-command has to be a single line.');
}

/** A unit's name (systemd.unit(5)); `.service` may be left out. */
function resolveUnit(given: string | undefined): string | undefined {
  if (given === undefined || /^(?:[\w:.@\\][\w:.@\\-]{0,254})?$/.test(given)) return given;
  throw usage(`--haproxy-systemd-unit '${given.slice(0, 80)}' is no name of a unit.`);
}

function resolveVerify(given: readonly string[] | undefined): readonly string[] | undefined {
  if (given === undefined || (given.length === 1 && given[0] === 'none')) return given;
  const wrong = given.find((entry) => !hasPort(entry));
  if (wrong === undefined) return given;
  throw usage(`--haproxy-verify is HOST:PORT, or 'none' alone, not '${wrong.slice(0, 200)}'.`);
}
