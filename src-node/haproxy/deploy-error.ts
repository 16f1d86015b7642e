import { CodedError } from '../platform/coded-error.js';

export type DeployErrorCode =
  | 'haproxy-not-found'
  | 'haproxy-without-lua'
  | 'haproxy-config-missing'
  | 'haproxy-check-failed'
  | 'haproxy-config-rejected'
  | 'haproxy-config-broken-before'
  | 'haproxy-pidfile'
  | 'haproxy-not-running'
  | 'haproxy-not-ours'
  | 'haproxy-reload-failed'
  | 'haproxy-not-serving'
  | 'cert-dir-missing'
  | 'cert-dir-not-writable'
  | 'default-cert-invalid'
  | 'default-cert-not-writable'
  | 'bundle-invalid'
  | 'crt-list-missing'
  | 'crt-list-not-writable'
  | 'crt-list-invalid'
  | 'key-apart'
  | 'runtime-unreachable'
  | 'runtime-denied'
  | 'runtime-silent'
  | 'runtime-busy'
  | 'runtime-rejected'
  | 'runtime-too-large'
  | 'runtime-not-loaded'
  | 'not-served'
  | 'rollback-failed';

/** What to do about each error; docs/errors.md has an entry for each. */
export const deployHints: Readonly<Record<DeployErrorCode, string>> = {
  'haproxy-not-found':
    'Install HAProxy (Debian and Ubuntu: apt-get install haproxy), or name its program by --haproxy-bin.',
  'haproxy-without-lua':
    "Use a HAProxy built with USE_LUA (Debian's is; haproxy/build.sh makes one), or remove the lua-load lines.",
  'haproxy-config-missing': 'Correct --haproxy-cfg.',
  'haproxy-check-failed': "Run 'haproxy-acme renew' again: the certificate is stored and is not ordered again.",
  'haproxy-config-rejected':
    "Correct what HAProxy names, then run 'haproxy-acme renew': the certificate is stored and is not ordered again.",
  'haproxy-config-broken-before':
    "Correct the configuration, then run 'haproxy-acme renew': the certificate is stored and is not ordered again.",
  'haproxy-pidfile': "Name HAProxy's pidfile by --haproxy-pidfile (its 'pidfile' directive or -p option).",
  'haproxy-not-running':
    "Start HAProxy: the new certificate is in its directory. If HAProxy runs, correct --haproxy-pidfile, then run 'haproxy-acme renew'.",
  'haproxy-not-ours':
    "Correct --haproxy-pidfile, then run 'haproxy-acme renew': the certificate is stored and is not ordered again.",
  'haproxy-reload-failed':
    "Correct what HAProxy names, then run 'haproxy-acme renew': the certificate is stored and is not ordered again.",
  'haproxy-not-serving': "Look into HAProxy's log and start it if it is down; the new certificate is in its directory.",
  'cert-dir-missing': "Create it and name it in a bind's 'crt', or correct --haproxy-cert-dir.",
  'cert-dir-not-writable': 'Run as root, or free space on its file system.',
  'default-cert-invalid':
    "Put a certificate and its private key into it as PEM, or correct --haproxy-default-cert; 'bootstrap' overwrites nothing.",
  'default-cert-not-writable': 'Run as root, or free space on its file system.',
  'crt-list-missing':
    "Create it and name it in a bind's 'crt-list', or correct --haproxy-crt-list; 'bootstrap' makes an empty one.",
  'crt-list-not-writable': 'Run as root, or free space on its file system.',
  'crt-list-invalid': 'Correct the line; the crt-list is as it was.',
  'key-apart': "Remove 'key' from that line of the crt-store: the bundle holds the key too.",
  'runtime-unreachable': "Start HAProxy, or correct --haproxy-socket (haproxy.cfg: 'stats socket PATH level admin').",
  'runtime-denied': "Give the stats socket 'level admin' in haproxy.cfg, or name another by --haproxy-socket.",
  'runtime-silent': "Look whether HAProxy still answers on its stats socket, then run 'haproxy-acme deploy'.",
  'runtime-busy':
    "Let the other tool finish, or end its transaction ('abort ssl cert NAME' on the stats socket), then run 'haproxy-acme deploy'.",
  'runtime-rejected': 'Look at the files of the lineage; order the certificate again by --force-renewal.',
  'runtime-too-large': 'Raise tune.bufsize in haproxy.cfg, or let HAProxy be reloaded by naming --haproxy-cfg.',
  'runtime-not-loaded':
    "Name the directory or the crt-list in a bind ('crt DIR' or 'crt-list FILE'), or correct --haproxy-cert-dir.",
  'not-served':
    "Correct what keeps HAProxy from serving it, then run 'haproxy-acme deploy': the certificate is stored and is not ordered again.",
  'rollback-failed': "Look into HAProxy's log, reload it by hand, then run 'haproxy-acme verify'.",
  'bundle-invalid': 'Look at the files of the lineage; order the certificate again by --force-renewal.',
};

/** HAProxy could not be given a certificate. */
export class DeployError extends CodedError {
  public override readonly name = 'DeployError';
  public readonly code: DeployErrorCode;
  public readonly hint: string;

  public constructor(
    code: DeployErrorCode,
    message: string,
    options: { cause?: unknown; details?: readonly string[] } = {},
  ) {
    super(message, options);
    this.code = code;
    this.hint = deployHints[code];
  }
}
