import type { ChallengeFlags, HookFlags } from '../../config/raw-options.js';
import { initialToggle, integer, list, text, toggle, type OptionTable } from './option-spec.js';

export const challengeOptions: OptionTable<keyof ChallengeFlags> = {
  authenticator: text(
    '-a, --authenticator NAME',
    "The way to answer challenges: 'webroot' (default), 'standalone', 'manual', 'runtime-map', 'stateless', 'spoe' or 'tls-alpn-01'; of several the last one counts.",
  ),
  webroot: toggle('--webroot', "Answer from a directory (http-01), by HAProxy's Lua service or a web server."),
  standalone: toggle('--standalone', 'Answer by a web server of our own (http-01), which runs while it is needed.'),
  manual: toggle('--manual', 'Let --manual-auth-hook, or you at the terminal, answer (http-01 or dns-01).'),
  runtimeMap: text(
    '--runtime-map FILE',
    "Answer from a map of HAProxy's (http-01), which gets the challenges by the stats sockets; FILE as haproxy.cfg names it.",
  ),
  stateless: toggle(
    '--stateless',
    "Publish nothing (http-01): HAProxy answers every token by the account's thumbprint; 'show_account' prints the lines for it.",
  ),
  spoe: toggle('--spoe', "Answer by an agent that HAProxy asks (http-01): 'haproxy-acme spoa'."),
  spoeControl: list(
    '--spoe-control PATH',
    'Control socket of an agent (default: /run/haproxy-acme/spoa.sock); may repeat, one for each agent.',
  ),
  tlsAlpn01: toggle(
    '--tls-alpn-01',
    'Answer by a TLS certificate on port 443 (tls-alpn-01): HAProxy leads acme-tls/1 to us. For where port 80 is closed.',
  ),
  tlsAlpn01Port: integer(
    '--tls-alpn-01-port PORT',
    'Port of --tls-alpn-01 (default: 443); the CA still asks on port 443.',
  ),
  tlsAlpn01Address: text(
    '--tls-alpn-01-address ADDRESS',
    'Address of --tls-alpn-01 (default: that of its server line in --haproxy-cfg where this is local, else all).',
  ),
  webrootPath: list(
    '-w, --webroot-path DIR',
    "The directory that HAProxy's Lua service answers from (its ACME_WEBROOT), for the -d after it.",
  ),
  webrootMap: text('--webroot-map JSON', 'The webroot of each name: {"a.example,b.example": "/var/www/acme"}.'),
  http01Port: integer('--http-01-port PORT', 'Port of --standalone (default: 80); the CA still asks on port 80.'),
  http01Address: text(
    '--http-01-address ADDRESS',
    'Address of --standalone (default: that of its server line in --haproxy-cfg where this is local, else all).',
  ),
  manualAuthHook: text('--manual-auth-hook COMMAND', 'Shell command of --manual that answers one challenge.'),
  manualCleanupHook: text('--manual-cleanup-hook COMMAND', 'Shell command of --manual that removes the answer again.'),
  preferredChallenges: text(
    '--preferred-challenges LIST',
    "The kinds of challenge to use, the best first, with commas: 'http', 'dns', 'tls-alpn'.",
  ),
  selfCheck: text(
    '--self-check MODE',
    "Look at the answers before the CA does: 'require' (default), 'warn' and go on, or 'off'.",
  ),
  selfCheckPort: integer(
    '--self-check-port PORT',
    'Port at which the self-check reaches what the CA reaches on port 80, where that is another.',
  ),
  selfCheckHttpsPort: integer('--self-check-https-port PORT', 'The same for port 443.'),
  selfCheckAddress: text(
    '--self-check-address ADDRESS',
    'Address at which the self-check reaches the names, in place of those in the DNS: behind NAT, that of the proxy in the local network.',
  ),
  selfCheckResolver: text(
    '--self-check-resolver ADDRESS',
    "DNS server that the self-check asks (default: the system's), where the local one has other answers than the CA's.",
  ),
};

export const hookOptions: OptionTable<keyof HookFlags> = {
  preHook: text('--pre-hook COMMAND', 'Shell command before the first order; not run where nothing is due.'),
  postHook: text('--post-hook COMMAND', 'Shell command after the last order, also after a failure.'),
  deployHook: text('--deploy-hook COMMAND', 'Shell command for each new certificate, now and at each renewal.'),
  renewHook: text('--renew-hook COMMAND', 'The same, at renewals only.'),
  directoryHooks: initialToggle(
    '--directory-hooks',
    'Run what is in renewal-hooks/ too (default).',
    '--no-directory-hooks',
  ),
  validateHooks: initialToggle(
    '--validate-hooks',
    'See before anything is done that the commands of hooks exist (default).',
    '--no-validate-hooks, --disable-hook-validation',
  ),
  runDeployHooks: toggle('--run-deploy-hooks', 'Run deploy hooks in a dry run too, with the certificate that is live.'),
};
