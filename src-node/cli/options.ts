import type { RawOptions } from '../config/raw-options.js';

/** The headings of the help, in its order. */
export const groups = ['certificate', 'account', 'challenge', 'key', 'haproxy', 'output', 'paths'] as const;
export type OptionGroup = (typeof groups)[number];

export interface OptionSpec<Value> {
  /** The first one is the name that help and messages use. */
  readonly flags: readonly string[];
  readonly kind: Value extends boolean
    ? 'switch'
    : Value extends number
      ? 'integer'
      : Value extends string
        ? 'text'
        : 'list';
  /** The placeholder of its value in the help. */
  readonly value?: string;
  readonly group: OptionGroup;
  readonly help: string;
}

type OptionTable = { readonly [Key in keyof RawOptions]: OptionSpec<RawOptions[Key]> };

/** The one table of flags: parser and help are made from it. */
export const optionTable: OptionTable = {
  domains: {
    flags: ['-d', '--domain', '--domains'],
    kind: 'list',
    value: 'NAME',
    group: 'certificate',
    help: 'A DNS name of the certificate; may repeat, or hold several with commas. The first names the lineage.',
  },
  certName: {
    flags: ['--cert-name'],
    kind: 'text',
    value: 'NAME',
    group: 'certificate',
    help: 'The lineage that is meant.',
  },
  forceRenewal: {
    flags: ['--force-renewal', '--renew-by-default'],
    kind: 'switch',
    group: 'certificate',
    help: 'Order a new certificate although the present one is not due.',
  },
  keepUntilExpiring: {
    flags: ['--keep-until-expiring', '--keep', '--reinstall'],
    kind: 'switch',
    group: 'certificate',
    help: 'Keep a certificate that is not due; so it is done without this flag too.',
  },
  expand: {
    flags: ['--expand'],
    kind: 'switch',
    group: 'certificate',
    help: 'Give a lineage whose names are all among those of -d the names that it lacks.',
  },
  renewWithNewDomains: {
    flags: ['--renew-with-new-domains'],
    kind: 'switch',
    group: 'certificate',
    help: 'Give the lineage of --cert-name exactly the names of -d.',
  },
  breakMyCerts: {
    flags: ['--break-my-certs'],
    kind: 'switch',
    group: 'certificate',
    help: 'Let the certificate of a staging CA take the place of one that is trusted.',
  },
  server: {
    flags: ['--server'],
    kind: 'text',
    value: 'URL',
    group: 'account',
    help: "Directory of the CA (default: Let's Encrypt's; a renewal uses the lineage's).",
  },
  staging: {
    flags: ['--staging', '--test-cert'],
    kind: 'switch',
    group: 'account',
    help: "Use Let's Encrypt's staging directory, whose certificates nobody trusts.",
  },
  email: {
    flags: ['-m', '--email'],
    kind: 'text',
    value: 'ADDRESS',
    group: 'account',
    help: 'Where the CA writes to; several with commas. Used when the account is made; may be left out.',
  },
  registerUnsafelyWithoutEmail: {
    flags: ['--register-unsafely-without-email'],
    kind: 'switch',
    group: 'account',
    help: 'Make the account without an address; so it is done without this flag too.',
  },
  agreeTos: {
    flags: ['--agree-tos'],
    kind: 'switch',
    group: 'account',
    help: "Agree to the CA's terms of service; needed when the account is made.",
  },
  account: {
    flags: ['--account'],
    kind: 'text',
    value: 'ID',
    group: 'account',
    help: 'The account to use: the name of its directory below accounts/.',
  },
  webroot: {
    flags: ['--webroot'],
    kind: 'switch',
    group: 'challenge',
    help: 'Answer challenges from a directory (http-01); the one way there is, and so the default.',
  },
  authenticator: {
    flags: ['-a', '--authenticator'],
    kind: 'text',
    value: 'NAME',
    group: 'challenge',
    help: "The way to answer challenges: 'webroot'.",
  },
  webrootPath: {
    flags: ['-w', '--webroot-path'],
    kind: 'list',
    value: 'DIR',
    group: 'challenge',
    help: "The directory that HAProxy's Lua service answers from (its ACME_WEBROOT), for the -d after it.",
  },
  keyType: {
    flags: ['--key-type'],
    kind: 'text',
    value: 'TYPE',
    group: 'key',
    help: "'ecdsa' (default) or 'rsa'.",
  },
  ellipticCurve: {
    flags: ['--elliptic-curve'],
    kind: 'text',
    value: 'CURVE',
    group: 'key',
    help: "'secp256r1' (default), 'secp384r1' or 'secp521r1'.",
  },
  rsaKeySize: {
    flags: ['--rsa-key-size'],
    kind: 'integer',
    value: 'BITS',
    group: 'key',
    help: '2048 (default), 3072 or 4096.',
  },
  haproxyCertDir: {
    flags: ['--haproxy-cert-dir'],
    kind: 'text',
    value: 'DIR',
    group: 'haproxy',
    help: "Directory that a bind's crt names; gets NAME.pem: certificate, chain and key.",
  },
  haproxyCfg: {
    flags: ['--haproxy-cfg'],
    kind: 'list',
    value: 'FILE',
    group: 'haproxy',
    help: "HAProxy's configuration; may repeat, in the order of HAProxy's own -f. With it HAProxy is checked and softly reloaded.",
  },
  haproxyPidfile: {
    flags: ['--haproxy-pidfile'],
    kind: 'text',
    value: 'FILE',
    group: 'haproxy',
    help: 'Where HAProxy keeps its process number (default: /run/haproxy.pid).',
  },
  haproxyBin: {
    flags: ['--haproxy-bin'],
    kind: 'text',
    value: 'PATH',
    group: 'haproxy',
    help: 'The HAProxy to check and start with (default: the one that runs, else haproxy in PATH or /usr/sbin).',
  },
  haproxySocket: {
    flags: ['--haproxy-socket'],
    kind: 'text',
    value: 'PATH',
    group: 'haproxy',
    help: "Stats socket with 'expose-fd listeners': the new process takes the listeners over (-x).",
  },
  nonInteractive: {
    flags: ['-n', '--non-interactive', '--noninteractive'],
    kind: 'switch',
    group: 'output',
    help: 'Ask nothing; so it is done without this flag too.',
  },
  quiet: { flags: ['-q', '--quiet'], kind: 'switch', group: 'output', help: 'Say nothing unless something fails.' },
  json: { flags: ['--json'], kind: 'switch', group: 'output', help: 'Print one JSON document and nothing else.' },
  help: { flags: ['-h', '--help'], kind: 'switch', group: 'output', help: 'Show this.' },
  version: { flags: ['--version'], kind: 'switch', group: 'output', help: 'Show the version.' },
  configDir: {
    flags: ['--config-dir'],
    kind: 'text',
    value: 'DIR',
    group: 'paths',
    help: 'Where lineages and accounts are kept (default: /etc/letsencrypt).',
  },
  workDir: {
    flags: ['--work-dir'],
    kind: 'text',
    value: 'DIR',
    group: 'paths',
    help: 'Working directory (default: /var/lib/letsencrypt).',
  },
  logsDir: {
    flags: ['--logs-dir'],
    kind: 'text',
    value: 'DIR',
    group: 'paths',
    help: 'Log directory (default: /var/log/letsencrypt).',
  },
  noVerifySsl: {
    flags: ['--no-verify-ssl'],
    kind: 'switch',
    group: 'account',
    help: "Do not check the certificate of the CA's server; for test CAs only.",
  },
};

export type OptionKind = 'switch' | 'integer' | 'text' | 'list';

/** An entry of the table whatever its value. */
export interface AnyOption extends Omit<OptionSpec<string>, 'kind'> {
  readonly kind: OptionKind;
}

/** The table as a list, for whoever walks it. */
export const optionEntries: readonly (readonly [keyof RawOptions, AnyOption])[] = Object.entries<AnyOption>(
  optionTable,
) as [keyof RawOptions, AnyOption][];
