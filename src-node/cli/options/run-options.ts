import type { CommandFlags, HaproxyFlags, OutputFlags, PathFlags } from '../../config/raw-options.js';
import { counter, integer, list, text, toggle, type OptionTable } from './option-spec.js';

export const haproxyOptions: OptionTable<keyof HaproxyFlags> = {
  haproxyCertDir: text(
    '--haproxy-cert-dir DIR',
    "Directory that a bind's crt names; gets NAME.pem: certificate, chain and key.",
  ),
  haproxyCfg: list(
    '--haproxy-cfg FILE',
    "HAProxy's configuration; may repeat, in the order of HAProxy's own -f. With it HAProxy is checked and softly reloaded.",
  ),
  haproxyPidfile: text('--haproxy-pidfile FILE', 'Where HAProxy keeps its process number (default: /run/haproxy.pid).'),
  haproxyBin: text(
    '--haproxy-bin PATH',
    'The HAProxy to check and start with (default: the one that runs, else haproxy in PATH or /usr/sbin).',
  ),
  haproxySocket: text(
    '--haproxy-socket PATH',
    "Stats socket with 'expose-fd listeners': the new process takes the listeners over (-x).",
  ),
  installer: text('-i, --installer NAME', "'haproxy' (default), or 'null' to give HAProxy nothing in this run."),
};

/** Of one command each. */
export const commandOptions: OptionTable<keyof CommandFlags> = {
  yes: toggle('--yes', "With 'adopt': do what is shown."),
  authenticators: toggle('--authenticators', "With 'plugins': list the ways to answer challenges only."),
  installers: toggle('--installers', "With 'plugins': list what certificates are given to only."),
  undo: toggle('--undo', "With 'adopt': put back what an earlier 'adopt --yes' changed."),
};

export const outputOptions: OptionTable<keyof OutputFlags> = {
  nonInteractive: toggle('-n, --non-interactive, --noninteractive', 'Ask nothing.'),
  quiet: toggle('-q, --quiet', 'Say nothing unless something fails.'),
  json: toggle('--json', 'Print one JSON document and nothing else.'),
  verbose: counter('-v, --verbose', 'Say more; -vv says all that the log has.'),
  help: toggle('-h, --help', "Show this; '--help all' every flag, '--help COMMAND' one command's."),
  version: toggle('--version', 'Show the version.'),
};

export const pathOptions: OptionTable<keyof PathFlags> = {
  configFile: text(
    '-c, --config FILE',
    'A file of settings, one a line: a flag without its dashes, =, its value. /etc/letsencrypt/cli.ini and ~/.config/letsencrypt/cli.ini are read too.',
  ),
  configDir: text('--config-dir DIR', 'Where lineages and accounts are kept (default: /etc/letsencrypt).'),
  workDir: text('--work-dir DIR', 'Working directory (default: /var/lib/letsencrypt).'),
  logsDir: text('--logs-dir DIR', 'Log directory (default: /var/log/letsencrypt).'),
  maxLogBackups: integer('--max-log-backups N', 'How many old logs are kept (default: 1000); 0: one log that grows.'),
  lockWait: integer('--lock-wait SECONDS', 'How long to wait for another run to finish (default: 60).'),
  certPath: text('--cert-path FILE', "'revoke' and 'install': the certificate; with --csr: where it goes."),
  keyPath: text('--key-path FILE', "'revoke' and 'install': the private key of --cert-path."),
  chainPath: text('--chain-path FILE', 'With --csr: where the chain goes.'),
  fullchainPath: text('--fullchain-path FILE', "With --csr: where certificate and chain go; 'install': their source."),
};
