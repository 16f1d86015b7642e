import { readUsage } from './option-spec.js';

/** A flag that certbot has and that has nothing to do here. */
export interface ForeignOption {
  /** A star at the end stands for whatever follows. */
  readonly flags: readonly string[];
  /** The placeholder of its value; undefined for a switch. */
  readonly value: string | undefined;
  /**
   * `ignored`: what is asked for is done without it, and a note says so; `refused`: without it something else would be
   * done than what is asked for; `accepted`: it means nothing in certbot's own work either, so that nothing is said.
   */
  readonly fate: 'ignored' | 'refused' | 'accepted';
  /** Why, and what to do instead. */
  readonly text: string;
}

const webServer = "haproxy-acme does not change HAProxy's configuration; ";
const obsolete = 'it has no meaning any more, in certbot neither.';
const hooks =
  'use --manual with --manual-auth-hook and --manual-cleanup-hook (dns-01), or --webroot where no wildcard is asked for.';

/** Every flag of certbot that is not in the option table. */
export const foreignOptions: readonly ForeignOption[] = [
  ignored('--redirect', `${webServer}in haproxy.cfg: http-request redirect scheme https code 301 unless { ssl_fc }.`),
  ignored('--no-redirect', 'none is made anyway.'),
  ignored('--hsts', `${webServer}in haproxy.cfg: http-response set-header Strict-Transport-Security max-age=31536000.`),
  ignored('--no-hsts', 'no header is set anyway.'),
  ignored(
    '--auto-hsts',
    `${webServer}in haproxy.cfg: http-response set-header Strict-Transport-Security max-age=SECONDS.`,
  ),
  ignored(
    '--uir',
    `${webServer}in haproxy.cfg: http-response set-header Content-Security-Policy upgrade-insecure-requests.`,
  ),
  ignored('--no-uir', 'no header is set anyway.'),
  ignored('--staple-ocsp', `${webServer}HAProxy 2.8 and newer staples by 'ocsp-update on' in a crt-list.`),
  ignored('--no-staple-ocsp', `${webServer}what it staples is said there.`),
  ignored('--https-port PORT', "HAProxy's own 'bind' lines say where it serves https."),
  ignored('--disable-renew-updates', 'a renewal changes no configuration of a server anyway.'),
  ignored('--no-random-sleep-on-renew', "'renew' never sleeps; a timer or cron can spread the runs."),
  ignored('--eff-email', "the address is given to the CA alone; the EFF's newsletter is certbot's."),
  ignored('--no-eff-email', 'the address is given to the CA alone anyway.'),
  ignored('--force-interactive', 'questions are asked on a terminal only.'),
  ignored('--debug', 'say -vv to see all that the log has.'),
  ignored('--verbose-level LEVEL', 'say -v, or -vv for more.'),
  ignored('--strict-permissions', 'who owns the directories is not checked; keep them where nobody else may write.'),
  ignored('--init', 'nothing has to be initialized.'),
  ignored('--prepare', 'nothing has to be prepared.'),
  ignored('-t, --text', obsolete),
  ignored('--os-packages-only', obsolete),
  ignored('--no-self-upgrade', obsolete),
  ignored('--no-bootstrap', obsolete),
  ignored('--no-permissions-check', obsolete),
  ignored('--manual-public-ip-logging-ok', obsolete),
  // Debian's /etc/letsencrypt/cli.ini has it: a note at each run would be noise.
  {
    ...readUsage('--preconfigured-renewal'),
    fate: 'accepted',
    text: 'it tells that the system has a timer for renewals, and changes nothing but a sentence of certbot.',
  },
  refused(
    '--apache, --apache-*',
    'haproxy-acme has no Apache plugin; use --webroot or --standalone for the challenge.',
  ),
  refused('--nginx, --nginx-*', 'haproxy-acme has no nginx plugin; use --webroot or --standalone for the challenge.'),
  refused('--dns-*', `haproxy-acme has no plugins for DNS providers; ${hooks}`),
  refused('--configurator NAME', 'say --authenticator (webroot, standalone, manual) and --installer (haproxy, null).'),
  refused('--debug-challenges', 'a run does not stop before the CA looks; --manual shows each challenge and waits.'),
  refused('--checkpoints N', "there is no 'rollback': haproxy-acme changes no configuration that it had to roll back."),
  refused('--update-registration', "it has become a command: 'update_account'."),
];

/** Commands that certbot has or had, and why they are not here. */
export const foreignVerbs: ReadonlyMap<string, string> = new Map([
  ['enhance', `${webServer}headers, redirects and stapling are lines of haproxy.cfg.`],
  [
    'rollback',
    'haproxy-acme changes no configuration that it had to roll back; a bundle that HAProxy rejects is put back by itself.',
  ],
  ['update_symlinks', "what is broken in live/ is mended by 'renew'; certbot itself has dropped this command."],
  ['config_changes', 'haproxy-acme changes no configuration of a server, so that there is no history of changes.'],
]);

function ignored(usage: string, text: string): ForeignOption {
  return { ...readUsage(usage), fate: 'ignored', text };
}

function refused(usage: string, text: string): ForeignOption {
  return { ...readUsage(usage), fate: 'refused', text };
}
