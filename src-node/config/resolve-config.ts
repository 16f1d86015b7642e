import { resolve } from 'node:path';
import { ellipticCurves, type EllipticCurve } from '../certificate/private-key.js';
import { ConfigError } from './config-error.js';
import {
  defaultDirectories,
  letsEncryptStaging,
  verbs,
  type Config,
  type HaproxyOptions,
  type Verb,
} from './config.js';
import { domainName } from './domain-name.js';
import type { Occurrence, ParsedCommand, RawOptions } from './raw-options.js';

/** What the process is told beside its arguments. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

type Given = Partial<RawOptions>;

/**
 * Flags and environment as a complete configuration; relative paths are those of the working directory.
 * @throws ConfigError before anything is read or written.
 */
export function resolveConfig(command: ParsedCommand, surroundings: Surroundings): Config {
  const given = command.options;
  const path = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : resolvePath(value, surroundings.cwd);
  const verb = resolveVerb(command.verb);
  const { names, webrootMap, webroot } = resolveNames(command.order, (value) => resolvePath(value, surroundings.cwd));
  checkAuthenticator(given);
  checkCertonly({ verb, names, given });
  return {
    verb,
    directories: {
      config: path(given.configDir) ?? defaultDirectories.config,
      work: path(given.workDir) ?? defaultDirectories.work,
      logs: path(given.logsDir) ?? defaultDirectories.logs,
    },
    certName: resolveCertName(given.certName),
    names,
    webrootMap,
    webroot,
    server: resolveServer(given),
    account: { id: given.account, emails: resolveEmails(given.email), agreeTos: given.agreeTos === true },
    key: resolveKey(given),
    renewal: {
      force: given.forceRenewal === true,
      expand: given.expand === true,
      newNames: given.renewWithNewDomains === true,
      breakMyCerts: given.breakMyCerts === true,
    },
    haproxy: resolveHaproxy(given, path),
    network: {
      verify: given.noVerifySsl !== true,
      caFiles: resolveCaFiles(surroundings),
    },
    output: { quiet: given.quiet === true, json: given.json === true },
  };
}

/** Paths are kept in renewal configurations, whose lists hold no line breaks and not both kinds of quotes. */
function resolvePath(value: string, cwd: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (value === '' || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value) || /".*'|'.*"/.test(value)) {
    const shown = JSON.stringify(value.slice(0, 200));
    throw new ConfigError(
      'usage',
      `${shown} cannot be a path: it is empty, or has control characters or both quotes in it.`,
    );
  }
  return resolve(cwd, value);
}

/** certbot's variable. Certificates given to Node's TLS replace those of NODE_EXTRA_CA_CERTS, so that both are read. */
function resolveCaFiles({ env, cwd }: Surroundings): readonly string[] {
  const bundle = nonEmpty(env['REQUESTS_CA_BUNDLE']);
  if (bundle === undefined) return [];
  const extra = nonEmpty(env['NODE_EXTRA_CA_CERTS']);
  return [bundle, ...(extra === undefined ? [] : [extra])].map((file) => resolve(cwd, file));
}

function resolveVerb(given: string | undefined): Verb {
  const known = verbs.find((verb) => verb === given);
  if (known !== undefined) return known;
  const list = verbs.join(', ');
  throw new ConfigError(
    'usage',
    given === undefined
      ? `No command is given; there are: ${list}.`
      : `'${given}' is not a command; there are: ${list}.`,
  );
}

function resolveNames(
  order: readonly Occurrence[],
  path: (value: string) => string,
): Pick<Config, 'names' | 'webrootMap' | 'webroot'> {
  const webrootMap: Record<string, string> = {};
  const names = new Set<string>();
  // As certbot: names before the first -w have that one.
  let current = order.find((entry) => entry.key === 'webrootPath')?.value;
  for (const { key, value } of order) {
    if (key === 'webrootPath') {
      current = value;
      continue;
    }
    for (const name of value.split(',').map(domainName)) {
      names.add(name);
      if (current !== undefined) webrootMap[name] = path(current);
    }
  }
  return { names: [...names], webrootMap, webroot: current === undefined ? undefined : path(current) };
}

function checkAuthenticator(given: Given): void {
  const { authenticator } = given;
  if (authenticator === undefined || authenticator === 'webroot') return;
  throw new ConfigError(
    'usage',
    `The authenticator '${authenticator}' is not one of haproxy-acme's; there is: webroot.`,
  );
}

function checkCertonly(command: {
  readonly verb: Verb;
  readonly names: readonly string[];
  readonly given: Given;
}): void {
  const { verb, names, given } = command;
  if (verb !== 'certonly') {
    if (names.length > 0 && verb === 'renew') {
      throw new ConfigError('usage', "'renew' takes no -d; name a lineage by --cert-name, or order by 'certonly'.");
    }
    return;
  }
  if (names.length === 0 && given.certName === undefined) {
    throw new ConfigError('usage', "'certonly' needs the names of the certificate by -d.");
  }
  const { haproxyCfg, haproxyPidfile, haproxyBin, haproxySocket } = given;
  const others = [haproxyCfg, haproxyPidfile, haproxyBin, haproxySocket];
  if (
    given.haproxyCertDir === undefined &&
    given.certName === undefined &&
    others.some((other) => other !== undefined)
  ) {
    throw new ConfigError(
      'usage',
      "The --haproxy flags need --haproxy-cert-dir: the directory that a bind's crt names.",
    );
  }
  const wildcard = names.find((name) => name.startsWith('*.'));
  if (wildcard !== undefined) {
    throw new ConfigError(
      'name-invalid',
      `The name '${wildcard}' has a wildcard, which needs a DNS challenge; the webroot answers http-01 only.`,
    );
  }
}

/** A lineage's name becomes file names: nothing that climbs out of its directory, hides or breaks a line. */
function resolveCertName(given: string | undefined): string | undefined {
  if (given === undefined || (/^[^./\s\\][^/\s\\]*$/.test(given) && given.length <= 200)) return given;
  throw new ConfigError(
    'usage',
    `'${given.slice(0, 80)}' cannot be the name of a lineage: no slash, no white space, no dot in front.`,
  );
}

function resolveServer(given: Given): string | undefined {
  const staging = given.staging === true ? letsEncryptStaging : undefined;
  if (staging !== undefined && given.server !== undefined && given.server !== staging) {
    throw new ConfigError('usage', `--staging stands for --server ${staging}, so that no other --server goes with it.`);
  }
  const server = given.server ?? staging;
  if (server === undefined) return undefined;
  const protocol = URL.canParse(server) ? new URL(server).protocol : '';
  if (protocol === 'https:' || protocol === 'http:') return server;
  throw new ConfigError('server-invalid', `'${server}' is not the URL of an ACME directory.`);
}

/** As certbot takes them: one address, or several with commas. */
function resolveEmails(given: string | undefined): readonly string[] {
  const list = nonEmpty(given);
  if (list === undefined) return [];
  const emails = list.split(',').map((email) => email.trim());
  const wrong = emails.find((email) => !/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(email));
  if (wrong === undefined) return [...new Set(emails)];
  throw new ConfigError('email-invalid', `'${wrong}' is not an e-mail address.`);
}

const rsaKeySizes = [2048, 3072, 4096];

function resolveKey(given: Given): Config['key'] {
  const type = given.keyType;
  if (type !== undefined && type !== 'ecdsa' && type !== 'rsa') {
    throw new ConfigError('usage', `--key-type is 'ecdsa' or 'rsa', not '${type}'.`);
  }
  const { rsaKeySize } = given;
  if (rsaKeySize !== undefined && !rsaKeySizes.includes(rsaKeySize)) {
    throw new ConfigError('usage', `--rsa-key-size is one of ${rsaKeySizes.join(', ')}, not ${rsaKeySize}.`);
  }
  return { type, rsaKeySize, ellipticCurve: resolveCurve(given.ellipticCurve) };
}

function resolveCurve(given: string | undefined): EllipticCurve | undefined {
  if (given === undefined) return undefined;
  const curve = ellipticCurves.find((known) => known === given.toLowerCase());
  if (curve !== undefined) return curve;
  throw new ConfigError('usage', `--elliptic-curve is one of ${ellipticCurves.join(', ')}, not '${given}'.`);
}

function resolveHaproxy(given: Given, path: (value: string | undefined) => string | undefined): HaproxyOptions {
  const { haproxyCfg, haproxyBin } = given;
  return {
    certDir: path(given.haproxyCertDir),
    cfg: haproxyCfg?.map((file) => path(file) ?? file),
    pidfile: path(given.haproxyPidfile),
    // A bare name is looked up in PATH.
    bin: haproxyBin?.includes('/') === true ? path(haproxyBin) : haproxyBin,
    socket: path(given.haproxySocket),
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
