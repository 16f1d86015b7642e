import { CodedError } from '../platform/coded-error.js';

export type ChallengeErrorCode =
  | 'webroot-missing'
  | 'webroot-not-writable'
  | 'webroot-unset'
  | 'wildcard-needs-dns'
  | 'port-in-use'
  | 'port-refused'
  | 'address-unavailable'
  | 'manual-not-interactive'
  | 'map-unset'
  | 'map-socket-unset'
  | 'map-not-loaded'
  | 'map-refused'
  | 'agent-unreachable'
  | 'agent-refused'
  | 'control-in-use'
  | 'control-unusable'
  | 'self-check-failed';

/** What to do about each error; docs/errors.md has an entry for each. */
export const challengeHints: Readonly<Record<ChallengeErrorCode, string>> = {
  'webroot-missing': 'Create it, or give the directory that HAProxy or the web server answers from by -w.',
  'webroot-not-writable': 'Run as a user who may write there (usually root), or free space on its file system.',
  'webroot-unset': 'Give the directory that HAProxy answers challenges from: -w DIR before the -d of the name.',
  'wildcard-needs-dns':
    'Make the TXT record by a script: --manual --preferred-challenges dns --manual-auth-hook SCRIPT.',
  'port-in-use':
    'If that is HAProxy, let it answer (--webroot with the Lua service), or listen behind it on another port (--http-01-port 8888, --tls-alpn-01-port 8444). Another program has to stop for the run (--pre-hook, --post-hook).',
  'port-refused':
    'Ports below 1024 are for root and CAP_NET_BIND_SERVICE: run with one of them, or listen on another port behind HAProxy (--http-01-port 8888, --tls-alpn-01-port 8444).',
  'address-unavailable':
    'Give an address of this machine by --http-01-address or --tls-alpn-01-address, or leave it out for all of them.',
  'manual-not-interactive':
    'Give a script that does it, by --manual-auth-hook COMMAND (and --manual-cleanup-hook), or run on a terminal.',
  'map-unset': 'Name the map as haproxy.cfg does: --runtime-map FILE.',
  'map-socket-unset':
    "Name HAProxy's stats socket by --haproxy-socket ('stats socket PATH level admin' in haproxy.cfg), or the configuration that has it by --haproxy-cfg.",
  'map-not-loaded':
    'Name the map exactly as haproxy.cfg does; HAProxy has it once a rule or the Lua service (ACME_MAP) uses it and it was reloaded.',
  'map-refused':
    "Give the stats socket 'level admin', and look at the map's rule in haproxy.cfg: text is to be looked up there, and text found.",
  'agent-unreachable':
    "Start it ('haproxy-acme spoa', or its systemd unit), name its control socket by --spoe-control, and run as the agent's user.",
  'agent-refused': 'See that the agent is of the same version as this command, and restart it after an update.',
  'control-in-use':
    'One agent serves many HAProxys; for another one beside it give a socket of its own by --spoe-control.',
  'control-unusable': 'Run as a user who may write there (usually root), or give another path by --spoe-control.',
  'self-check-failed':
    'The CA was not asked to look. Correct what the sentence names, then run this again; if this machine sees another network than the CA, give --self-check-address or --self-check warn.',
};

/** A challenge could not be published, or would not be answered. */
export class ChallengeError extends CodedError {
  public override readonly name = 'ChallengeError';
  public readonly code: ChallengeErrorCode;
  public readonly hint: string;

  public constructor(code: ChallengeErrorCode, message: string, cause?: unknown, details: readonly string[] = []) {
    super(message, { cause, details });
    this.code = code;
    this.hint = challengeHints[code];
  }
}
