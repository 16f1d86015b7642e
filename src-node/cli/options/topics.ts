import type { Verb } from '../../config/config.js';
import type { RawOptions } from '../../config/raw-options.js';
import type { OptionGroup } from './option-table.js';

/** Something that help can be asked about: the options that matter for it. */
export interface Topic {
  readonly about: string;
  readonly groups: readonly OptionGroup[];
  /** Beside those of the groups. */
  readonly options: readonly (keyof RawOptions)[];
}

export interface VerbTopic extends Topic {
  /** What a command line of it looks like. */
  readonly usage: string;
}

const orderGroups: readonly OptionGroup[] = ['certificate', 'account', 'challenge', 'key', 'hooks', 'haproxy'];
const csrPaths: readonly (keyof RawOptions)[] = ['certPath', 'chainPath', 'fullchainPath'];
const atCa: readonly (keyof RawOptions)[] = ['server', 'staging', 'account', 'noVerifySsl'];

/** The commands, in the order of the help. */
export const verbTopics: Readonly<Record<Verb, VerbTopic>> = {
  certonly: {
    usage: 'certonly -d NAME [-d NAME ...] [FLAGS]',
    about: 'Order a certificate, store it, and give it to HAProxy where its flags say how.',
    groups: orderGroups,
    options: csrPaths,
  },
  renew: {
    usage: 'renew [--cert-name NAME] [FLAGS]',
    about: 'Renew what is due, give HAProxy what it lacks, reload it once; for cron and timers.',
    groups: ['challenge', 'key', 'hooks', 'haproxy'],
    options: ['certName', 'forceRenewal', 'allowSubsetOfNames', 'dryRun', 'breakMyCerts', 'autorenew', ...atCa],
  },
  certificates: {
    usage: 'certificates [--cert-name NAME] [-d NAME]',
    about: 'List the lineages.',
    groups: [],
    options: ['certName', 'domains', 'json'],
  },
  run: {
    usage: '[run] -d NAME [-d NAME ...] [FLAGS]',
    about: 'The same as certonly; so it is done where no command is given.',
    groups: orderGroups,
    options: csrPaths,
  },
  install: {
    usage: 'install --cert-name NAME [FLAGS]',
    about: 'Give HAProxy the stored certificate of a lineage.',
    groups: ['haproxy'],
    options: ['certName', 'certPath', 'keyPath', 'fullchainPath'],
  },
  deploy: {
    usage: 'deploy [--cert-name NAME] [FLAGS]',
    about: 'Give HAProxy what is stored again, see by TLS handshakes that it is served, and go back where it is not.',
    groups: ['haproxy'],
    options: ['certName', 'json'],
  },
  verify: {
    usage: 'verify [--cert-name NAME] [FLAGS]',
    about: "Compare what is stored, on disk, in HAProxy's memory and served; exit 1 on any difference.",
    groups: ['haproxy'],
    options: ['certName', 'json'],
  },
  revoke: {
    usage: 'revoke --cert-name NAME | --cert-path FILE [--key-path FILE]',
    about: 'Revoke a certificate, and delete its lineage.',
    groups: ['revocation'],
    options: ['certName', 'certPath', 'keyPath', ...atCa],
  },
  delete: { usage: 'delete --cert-name NAME', about: 'Delete a lineage.', groups: [], options: ['certName'] },
  register: {
    usage: 'register -m ADDRESS --agree-tos',
    about: 'Make an account at the CA.',
    groups: ['account'],
    options: [],
  },
  update_account: {
    usage: 'update_account -m ADDRESS | --new-account-key',
    about: "Change an account's addresses or its key.",
    groups: [],
    options: ['email', 'registerUnsafelyWithoutEmail', 'newAccountKey', ...atCa],
  },
  unregister: {
    usage: 'unregister [--account ID]',
    about: 'Deactivate an account at the CA, and remove it here.',
    groups: [],
    options: atCa,
  },
  show_account: { usage: 'show_account [--account ID]', about: 'Show an account.', groups: [], options: atCa },
  reconfigure: {
    usage: 'reconfigure --cert-name NAME FLAGS',
    about: 'Change how a lineage is renewed, once a dry run has shown that it works.',
    groups: ['challenge', 'key', 'hooks', 'haproxy'],
    options: ['certName', 'allowSubsetOfNames', 'autorenew', 'account'],
  },
  plugins: {
    usage: 'plugins [--authenticators | --installers]',
    about: 'List the ways to answer challenges, and what certificates are given to.',
    groups: [],
    options: ['authenticators', 'installers'],
  },
  bootstrap: {
    usage: 'bootstrap [--haproxy-cert-dir DIR] [--haproxy-default-cert FILE] [--haproxy-crt-list FILE]',
    about: 'Let HAProxy start before the first certificate: by a self-signed one, and a place for those to come.',
    groups: [],
    options: ['haproxyCertDir', 'haproxyDefaultCert', 'haproxyCrtList', 'quiet', 'json'],
  },
  spoa: {
    usage: 'spoa [--listen ADDRESS] [-w DIR] [--thumbprint [HOST=]THUMBPRINT]',
    about: 'Answer HAProxy, which asks by SPOE for challenges; for certonly --spoe. Runs until it is ended.',
    groups: [],
    options: ['listen', 'spoeControl', 'webrootPath', 'thumbprint', 'quiet', 'verbose'],
  },
  adopt: {
    usage: 'adopt [--yes | --undo] [FLAGS]',
    about: 'Take over an installation of certbot.',
    groups: [],
    options: [
      ...(['yes', 'undo', 'certName', 'webrootPath', 'standalone', 'http01Port'] as const),
      ...(['haproxyCertDir', 'haproxyCrtList', 'haproxyCfg', 'haproxyPidfile', 'haproxyBin'] as const),
      ...(['haproxyDeploy', 'haproxySocket', 'haproxySystemdUnit', 'haproxyReloadCommand', 'haproxyVerify'] as const),
    ],
  },
};

export const groupTopics: Readonly<Record<OptionGroup, string>> = {
  certificate: 'Certificate',
  account: 'CA and account',
  challenge: 'Challenge',
  key: 'Private key',
  hooks: 'Hooks',
  haproxy: 'HAProxy (kept for the renewals of the lineage)',
  revocation: 'Revocation',
  other: 'Of single commands',
  output: 'Output',
  paths: 'Paths',
};

/** Topics that are neither a command nor a group, certbot's among them. */
export const otherTopics: Readonly<Record<string, Topic>> = {
  webroot: { about: 'Answer from a directory.', groups: [], options: ['webroot', 'webrootPath', 'webrootMap'] },
  standalone: {
    about: 'Answer by a web server of our own.',
    groups: [],
    options: ['standalone', 'http01Port', 'http01Address', 'preferredChallenges'],
  },
  manual: {
    about: 'Answer by hooks, or by hand.',
    groups: [],
    options: ['manual', 'manualAuthHook', 'manualCleanupHook', 'preferredChallenges'],
  },
  security: { about: 'Keys, and what certificates are made of.', groups: ['key'], options: [] },
  automation: {
    about: 'For scripts, cron and timers.',
    groups: ['output'],
    options: [
      'agreeTos',
      'keepUntilExpiring',
      'expand',
      'forceRenewal',
      'renewWithNewDomains',
      'duplicate',
      'lockWait',
    ],
  },
  testing: {
    about: 'For trying things out.',
    groups: [],
    options: ['staging', 'dryRun', 'runDeployHooks', 'breakMyCerts', 'noVerifySsl', 'http01Port', 'http01Address'],
  },
  manage: {
    about: 'Lineages that are stored.',
    groups: ['revocation'],
    options: ['certName', 'certPath', 'keyPath', 'autorenew'],
  },
};

/** The flags of the short help. */
export const mostUsed: readonly (keyof RawOptions)[] = [
  ...(['domains', 'certName', 'email', 'agreeTos', 'staging', 'dryRun', 'forceRenewal'] as const),
  ...(['webrootPath', 'standalone', 'manual', 'haproxyCertDir', 'haproxyCfg', 'haproxyPidfile'] as const),
  ...(['deployHook', 'configFile', 'nonInteractive', 'quiet', 'json'] as const),
];
