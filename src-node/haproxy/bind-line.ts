import type { StatsLevel } from './config-model.js';

/** What the words after the address of a `bind` or a `stats socket` ask for, as far as it matters to us. */
export interface BindOptions {
  readonly ssl: boolean;
  /** As written. */
  readonly crts: readonly string[];
  readonly crtLists: readonly string[];
  /** Undefined where the line does not say. */
  readonly strictSni: boolean | undefined;
  readonly acceptProxy: boolean;
  readonly level: StatsLevel;
  readonly exposesListeners: boolean;
}

/** Keywords that a word of their own follows (configuration manual, "Bind options"): it might look like another one. */
const withValue = new Set([
  ...['accept-netscaler-cip', 'alpn', 'backlog', 'ca-file', 'ca-ignore-err', 'ca-sign-file', 'ca-sign-pass'],
  ...['ca-verify-file', 'cc', 'ciphers', 'ciphersuites', 'client-sigalgs', 'crl-file', 'crt', 'crt-ignore-err'],
  ...['crt-list', 'curves', 'default-crt', 'ecdhe', 'ech', 'expose-fd', 'gid', 'group', 'guid-prefix', 'id'],
  ...['idle-ping', 'interface', 'ktls', 'label', 'level', 'maxconn', 'mode', 'mss', 'name', 'namespace', 'nbconn'],
  ...['nice', 'npn', 'ocsp-update', 'process', 'proto', 'quic-cc-algo', 'quic-socket', 'severity-output', 'shards'],
  ...['sigalgs', 'ssl-max-ver', 'ssl-min-ver', 'tcp-md5sig', 'tcp-ss', 'tcp-ut', 'thread', 'tls-ticket-keys', 'uid'],
  ...['user', 'verify'],
]);

export function readBindOptions(words: readonly string[]): BindOptions {
  const flags: string[] = [];
  const values: (readonly [string, string])[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const keyword = words[at] ?? '';
    if (withValue.has(keyword)) values.push([keyword, words[(at += 1)] ?? '']);
    else flags.push(keyword);
  }
  const valuesOf = (...keywords: readonly string[]): readonly string[] =>
    values.filter(([keyword, value]) => keywords.includes(keyword) && value !== '').map(([, value]) => value);
  const level = valuesOf('level').at(-1);
  return {
    ssl: flags.includes('ssl'),
    crts: valuesOf('crt', 'default-crt'),
    crtLists: valuesOf('crt-list'),
    strictSni: readStrictSni(flags),
    acceptProxy: flags.includes('accept-proxy'),
    level: level === 'user' || level === 'admin' ? level : 'operator',
    exposesListeners: valuesOf('expose-fd').includes('listeners'),
  };
}

/** The last word counts; undefined where nothing is said. */
export function readStrictSni(flags: readonly string[]): boolean | undefined {
  const last = flags.findLast((flag) => flag === 'strict-sni' || flag === 'no-strict-sni');
  return last === undefined ? undefined : last === 'strict-sni';
}
