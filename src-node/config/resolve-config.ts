import { resolve } from 'node:path';
import { checkCommand } from './check-command.js';
import { usage } from './config-error.js';
import { defaultDirectories, verbs, type Config, type Verb } from './config.js';
import { readProxySettings } from './proxy-settings.js';
import type { ParsedCommand, RawOptions } from './raw-options.js';
import { resolveAccount, resolveServer } from './resolve-account.js';
import { resolveChallenge } from './resolve-challenge.js';
import { resolveBootstrap, resolveHaproxy } from './resolve-haproxy.js';
import { resolveSpoa } from './resolve-spoa.js';
import { nonEmpty, resolveKey, resolveReason, type Given } from './resolve-values.js';

/** What the process is told beside its arguments. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

type PathOf = (value: string | undefined) => string | undefined;

/**
 * Flags and environment as a complete configuration; relative paths are those of the working directory.
 * @throws ConfigError before anything is read or written.
 */
export function resolveConfig(command: ParsedCommand, surroundings: Surroundings): Config {
  const given = command.options;
  const absolute = (value: string): string => resolvePath(value, surroundings.cwd);
  const path: PathOf = (value) => (value === undefined ? undefined : absolute(value));
  const { names, challenge } = resolveChallenge(command, absolute);
  const config: Config = {
    verb: resolveVerb(command.verb),
    directories: {
      config: path(given.configDir) ?? defaultDirectories.config,
      work: path(given.workDir) ?? defaultDirectories.work,
      logs: path(given.logsDir) ?? defaultDirectories.logs,
    },
    certName: resolveCertName(given.certName),
    names,
    server: resolveServer(given),
    account: resolveAccount(given),
    challenge,
    key: resolveKey(given),
    wishes: resolveWishes(given),
    renewal: resolveRenewal(given),
    hooks: resolveHooks(given),
    revocation: { reason: resolveReason(given.reason), delete: given.deleteAfterRevoke },
    haproxy: resolveHaproxy(given, path),
    install: resolveInstaller(given.installer),
    adoption: { yes: given.yes === true, undo: given.undo === true },
    bootstrap: resolveBootstrap(path(given.haproxyCertDir), path(given.haproxyDefaultCert)),
    spoa: resolveSpoa(given, absolute),
    plugins: { authenticators: given.authenticators === true, installers: given.installers === true },
    files: {
      csr: path(given.csr),
      cert: path(given.certPath),
      key: path(given.keyPath),
      chain: path(given.chainPath),
      fullchain: path(given.fullchainPath),
    },
    network: resolveNetwork(given, surroundings),
    output: resolveOutput(command),
    notes: command.notes,
    logBackups: given.maxLogBackups ?? 1000,
    lockWait: given.lockWait ?? 60,
  };
  checkCommand(config);
  return config;
}

/** Paths are kept in renewal configurations, whose lists hold no line breaks and not both kinds of quotes. */
function resolvePath(value: string, cwd: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (value === '' || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value) || /".*'|'.*"/.test(value)) {
    const shown = JSON.stringify(value.slice(0, 200));
    throw usage(`${shown} cannot be a path: it is empty, or has control characters or both quotes in it.`);
  }
  return resolve(cwd, value);
}

/** certbot's other names. */
const verbAliases: ReadonlyMap<string, Verb> = new Map([
  ['auth', 'certonly'],
  ['everything', 'run'],
]);

/** No verb is `run`. */
function resolveVerb(given: string | undefined): Verb {
  const meant = given === undefined ? 'run' : (verbAliases.get(given) ?? given);
  const known = verbs.find((verb) => verb === meant);
  if (known !== undefined) return known;
  throw usage(`'${meant.slice(0, 80)}' is not a command; there are: ${verbs.join(', ')}.`);
}

/** A lineage's name becomes file names: nothing that climbs out of its directory, hides or breaks a line. */
function resolveCertName(given: string | undefined): string | undefined {
  if (given === undefined || (/^[^./\s\\][^/\s\\]*$/.test(given) && given.length <= 200)) return given;
  throw usage(`'${given.slice(0, 80)}' cannot be the name of a lineage: no slash, no white space, no dot in front.`);
}

/** As certbot: nobody is asked in a renewal, or where nothing is to be said. */
function resolveOutput({ options: given, verb }: ParsedCommand): Config['output'] {
  const silent = given.quiet === true || given.json === true || verb === 'renew';
  return {
    quiet: given.quiet === true,
    json: given.json === true,
    verbosity: given.verbose ?? 0,
    interactive: given.nonInteractive !== true && !silent,
  };
}

function resolveRenewal(given: Given): Config['renewal'] {
  return {
    force: given.forceRenewal === true,
    // As certbot: who renews by force has names added too.
    expand: given.expand === true || given.forceRenewal === true,
    newNames: given.renewWithNewDomains === true,
    duplicate: given.duplicate === true,
    autorenew: given.autorenew,
    dryRun: given.dryRun === true,
    breakMyCerts: given.breakMyCerts === true,
  };
}

function resolveWishes(given: Given): Config['wishes'] {
  return {
    mustStaple: given.mustStaple,
    preferredChain: nonEmpty(given.preferredChain),
    preferredProfile: nonEmpty(given.preferredProfile),
    requiredProfile: nonEmpty(given.requiredProfile),
    allowSubset: given.allowSubsetOfNames,
  };
}

function resolveHooks(given: Given): Config['hooks'] {
  const { deployHook, renewHook } = given;
  if (deployHook !== undefined && renewHook !== undefined && deployHook !== renewHook) {
    throw usage('--deploy-hook conflicts with --renew-hook: a deploy hook is run at renewals too.');
  }
  for (const [flag, command] of Object.entries({
    pre: given.preHook,
    post: given.postHook,
    deploy: deployHook,
    renew: renewHook,
  })) {
    if (command?.includes('\n') === true) throw usage(`The command of --${flag}-hook has to be a single line.`);
  }
  return {
    pre: given.preHook,
    post: given.postHook,
    deploy: deployHook,
    renew: deployHook ?? renewHook,
    directory: given.directoryHooks !== false,
    validate: given.validateHooks !== false,
    runDeploy: given.runDeployHooks === true,
  };
}

function resolveInstaller(given: string | undefined): boolean {
  if (given === undefined || given === 'haproxy') return true;
  if (given.toLowerCase() === 'null' || given === 'None') return false;
  throw usage(`The installer '${given.slice(0, 80)}' is not one of haproxy-acme's; there are: haproxy, null.`);
}

function resolveNetwork(given: Given, { env, cwd }: Surroundings): Config['network'] {
  return {
    verify: given.noVerifySsl !== true,
    caFiles: resolveCaFiles(env, cwd),
    proxy: readProxySettings(env),
    userAgent: headerText(given, 'userAgent'),
    userAgentComment: headerText(given, 'userAgentComment'),
    issuanceTimeout: given.issuanceTimeout ?? 300,
  };
}

/** It becomes a header of a request: printable ASCII. */
function headerText(given: Given, key: 'userAgent' | 'userAgentComment'): string | undefined {
  const value = nonEmpty((given as Partial<Pick<RawOptions, typeof key>>)[key]);
  if (value === undefined || /^[\x20-\x7e]{1,500}$/.test(value)) return value;
  throw usage(`The User-Agent may have printable ASCII characters only, 500 at most.`);
}

/** certbot's variable. Certificates given to Node's TLS replace those of NODE_EXTRA_CA_CERTS, so that both are read. */
function resolveCaFiles(env: Surroundings['env'], cwd: string): readonly string[] {
  const bundle = nonEmpty(env['REQUESTS_CA_BUNDLE']);
  if (bundle === undefined) return [];
  const extra = nonEmpty(env['NODE_EXTRA_CA_CERTS']);
  return [bundle, ...(extra === undefined ? [] : [extra])].map((file) => resolve(cwd, file));
}
