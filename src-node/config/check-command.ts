import { dirname } from 'node:path';
import { ConfigError, usage } from './config-error.js';
import type { GivenHaproxy } from '../lineage/haproxy-settings.js';
import type { Config, Verb } from './config.js';

/**
 * What only shows once the whole command is known: flags that a command lacks, and those that exclude one another.
 * @throws ConfigError.
 */
export function checkCommand(config: Config): void {
  checks[config.verb]?.(config);
  if (config.files.csr !== undefined) checkCsr(config);
  checkKeyTypes(config);
  checkDryRun(config);
}

const checks: Readonly<Partial<Record<Verb, (config: Config) => void>>> = {
  certonly: checkOrder,
  run: checkOrder,
  renew: checkRenew,
  revoke: checkRevoke,
  delete: checkNamed,
  reconfigure: checkReconfigure,
  install: checkInstall,
  update_account: checkUpdate,
  adopt: checkAdopt,
  bootstrap: checkBootstrap,
  spoa: checkSpoa,
};

function checkOrder(config: Config): void {
  const { names, certName, files, verb } = config;
  if (files.csr === undefined && names.length === 0 && certName === undefined) {
    throw usage(`'${verb}' needs the names of the certificate by -d.`);
  }
  checkHaproxyFlags(config);
  checkWildcard(config);
}

/** As certbot: a request gives a certificate in files, of exactly its names, whose key only the user has. */
function checkCsr({ verb, certName, wishes, haproxy }: Config): void {
  if (verb !== 'certonly') throw usage(`--csr goes with 'certonly', not with '${verb}'.`);
  if (certName !== undefined) throw usage('--csr and --cert-name exclude one another: no lineage is kept of it.');
  if (wishes.allowSubset === true) {
    throw usage('--csr and --allow-subset-of-names exclude one another: a request cannot lose names.');
  }
  if (haproxy.certDir !== undefined) {
    throw usage("--csr and --haproxy-cert-dir exclude one another: 'install' gives HAProxy a certificate and its key.");
  }
}

function checkHaproxyFlags({ haproxy, certName, challenge }: Config): void {
  // A lineage of this name may have the directory.
  if (certName === undefined) checkCertDir(haproxy, haproxy, challenge.authenticator);
}

/** What tells which HAProxy is meant; those need it too who are asked by it, to whom certificates are nothing. */
const placeFlags: readonly string[] = ['sockets', 'cfg', 'pidfile', 'bin'] satisfies (keyof GivenHaproxy)[];

/** @throws ConfigError `usage` where HAProxy is to be given certificates and it is not known in which directory. */
export function checkCertDir(
  given: GivenHaproxy,
  { certDir }: Pick<GivenHaproxy, 'certDir'>,
  authenticator: string | undefined,
): void {
  const flags = Object.entries(given).filter(([, value]) => value !== undefined);
  const free = ['runtime-map', 'standalone', 'tls-alpn-01'].includes(authenticator ?? '') ? placeFlags : [];
  if (certDir !== undefined || flags.every(([flag]) => free.includes(flag))) return;
  throw usage("The --haproxy flags need --haproxy-cert-dir: the directory that a bind's crt names.");
}

function checkWildcard({ names, challenge }: Config): void {
  const wildcard = names.find((name) => name.startsWith('*.'));
  const { authenticator } = challenge;
  if (wildcard === undefined || authenticator === undefined || authenticator === 'manual') return;
  throw new ConfigError(
    'name-invalid',
    `The name '${wildcard}' has a wildcard, which needs a DNS challenge; --${authenticator} answers none.`,
  );
}

function checkRenew({ names }: Config): void {
  if (names.length > 0) {
    throw usage("'renew' takes no -d; name a lineage by --cert-name, or order by 'certonly'.");
  }
}

function checkRevoke({ certName, files }: Config): void {
  if ((certName === undefined) === (files.cert === undefined)) {
    throw usage('Exactly one of --cert-path or --cert-name must be specified.');
  }
}

function checkNamed({ certName, verb }: Config): void {
  if (certName === undefined) throw usage(`'${verb}' needs the lineage by --cert-name.`);
}

function checkReconfigure(config: Config): void {
  checkNamed(config);
  if (config.names.length > 0) {
    throw usage("'reconfigure' does not change the names of a lineage; 'certonly --cert-name NAME -d ...' does.");
  }
}

function checkInstall({ certName, files }: Config): void {
  if (certName !== undefined && (files.cert ?? files.key ?? files.fullchain) !== undefined) {
    throw usage("'install' takes the lineage by --cert-name or files by --cert-path and --key-path, not both.");
  }
  if (certName === undefined && (files.cert === undefined || files.key === undefined)) {
    throw usage("'install' needs the lineage by --cert-name, or the files by --cert-path and --key-path.");
  }
}

function checkUpdate({ account }: Config): void {
  if (account.emails === undefined && !account.newKey) {
    throw usage("'update_account' needs -m, --register-unsafely-without-email or --new-account-key.");
  }
}

/** Elsewhere than in orders and renewals no --key-type says anything. */
function checkKeyTypes({ key, verb, files }: Config): void {
  if (key.type !== 'both') return;
  if (files.csr !== undefined) throw usage('--csr and --key-type both exclude one another: a request is for one key.');
  if (verb !== 'renew' && verb !== 'reconfigure') return;
  throw usage(
    `--key-type both makes two lineages, by 'certonly' or 'run'; '${verb}' takes each of them as it is, without it.`,
  );
}

const dryRunVerbs: readonly Verb[] = ['certonly', 'run', 'renew', 'reconfigure'];

function checkDryRun({ renewal, verb }: Config): void {
  if (renewal.dryRun && !dryRunVerbs.includes(verb)) {
    throw usage(`--dry-run goes with ${dryRunVerbs.join(', ')}, not with '${verb}'.`);
  }
}

function checkAdopt({ adoption, challenge }: Config): void {
  if (adoption.yes && adoption.undo) throw usage('--yes and --undo exclude one another.');
  if (challenge.authenticator === 'webroot' && challenge.webroot === undefined) {
    throw usage("'adopt --webroot' needs the directory by -w.");
  }
  if (challenge.authenticator === 'manual') {
    throw usage("'adopt' gives lineages a webroot or --standalone; for --manual see 'reconfigure'.");
  }
}

/** In the directory, a lineage's bundle could take its place, and HAProxy would take the first name for the default. */
function checkBootstrap({ bootstrap: { certDir, defaultCert }, haproxy: { crtList } }: Config): void {
  if (dirname(defaultCert) === certDir || defaultCert === certDir) {
    throw usage(`--haproxy-default-cert ${defaultCert} has to be outside --haproxy-cert-dir ${certDir}.`);
  }
  if (crtList === certDir || crtList === defaultCert) {
    throw usage(`--haproxy-crt-list ${crtList} has to be a file of its own.`);
  }
}

function checkSpoa({ challenge, names, output }: Config): void {
  if (names.length > 0) throw usage("'spoa' takes no -d: it answers for every name.");
  if (output.json) throw usage("'spoa' runs until it is ended, and has no document for --json to print.");
  if ((challenge.spoeControl?.length ?? 0) > 1) throw usage("'spoa' has one control socket: give --spoe-control once.");
}
