import type { CommandFlags, HaproxyFlags, OutputFlags, PathFlags } from '../../config/raw-options.js';
import { counter, integer, list, text, toggle, type OptionTable } from './option-spec.js';

export const haproxyOptions: OptionTable<keyof HaproxyFlags> = {
  haproxyCertDir: text(
    '--haproxy-cert-dir DIR',
    "Directory that a bind's crt names; gets NAME.pem: certificate, chain and key.",
  ),
  haproxyCfg: list(
    '--haproxy-cfg FILE',
    "HAProxy's configuration; may repeat, in the order of HAProxy's own -f. Its binds and stats sockets are found in it, and it is checked before a reload.",
  ),
  haproxyCrtList: text(
    '--haproxy-crt-list FILE',
    'crt-list of a bind; gets a line for the bundle, and keeps your lines with their options and filters.',
  ),
  haproxyBundle: text(
    '--haproxy-bundle NAME',
    "File name of the bundle (default: the lineage's name and .pem), such as shop.pem.rsa for one of a pair; with --key-type both the pair is made of it.",
  ),
  haproxyDeploy: text(
    '--haproxy-deploy MODE',
    "'auto' (default): at runtime where a stats socket allows it, else by a reload; 'runtime', 'reload', or 'none': the bundle is written and HAProxy told nothing.",
  ),
  haproxyPidfile: text('--haproxy-pidfile FILE', 'Where HAProxy keeps its process number (default: /run/haproxy.pid).'),
  haproxyBin: text(
    '--haproxy-bin PATH',
    'The HAProxy to check and start with (default: the one that runs, else haproxy in PATH or /usr/sbin).',
  ),
  haproxySocket: list(
    '--haproxy-socket ADDRESS',
    "Stats socket of level admin, or master socket: a path or HOST:PORT; may repeat, one for each HAProxy (default: those of --haproxy-cfg). By one with 'expose-fd listeners' a reload hands over the listeners (-x).",
  ),
  haproxyReloadCommand: text(
    '--haproxy-reload-command COMMAND',
    'Shell command that reloads HAProxy, where it is not to be done by its master or by -sf.',
  ),
  haproxySystemdUnit: text('--haproxy-systemd-unit UNIT', "Reload by 'systemctl reload UNIT'."),
  haproxyVerify: list(
    '--haproxy-verify HOST:PORT',
    "Where a TLS handshake shows what is served; may repeat (default: the binds of --haproxy-cfg); 'none': nowhere.",
  ),
  installer: text('-i, --installer NAME', "'haproxy' (default), or 'null' to give HAProxy nothing in this run."),
};

/** Of one command each. */
export const commandOptions: OptionTable<keyof CommandFlags> = {
  yes: toggle('--yes', "With 'adopt': do what is shown."),
  authenticators: toggle('--authenticators', "With 'plugins': list the ways to answer challenges only."),
  installers: toggle('--installers', "With 'plugins': list what certificates are given to only."),
  haproxyDefaultCert: text(
    '--haproxy-default-cert FILE',
    "With 'bootstrap': the self-signed certificate that is served until there is another (default: default.pem beside --haproxy-cert-dir).",
  ),
  listen: list(
    '--listen ADDRESS',
    "With 'spoa': where HAProxy asks, as HOST:PORT or the path of a socket (default: 127.0.0.1:12345); may repeat.",
  ),
  thumbprint: list(
    '--thumbprint [HOST=]THUMBPRINT',
    "With 'spoa': answer every challenge, of one name or of all, by the thumbprint of an account; may repeat.",
  ),
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
