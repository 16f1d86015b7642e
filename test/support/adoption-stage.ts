import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AdoptionWish } from '../../src-node/adoption/plan-lineages.js';
import { adopt, type AdoptReport, type AdoptRequest } from '../../src-node/cli/commands/adopt.js';
import { noHaproxy } from '../../src-node/lineage/haproxy-settings.js';
import { letsencryptStore } from '../../src-node/lineage/letsencrypt-directory.js';
import type { AdoptionRooms } from '../../src-node/adoption/apply-adoption.js';
import { runOrThrow, until } from './child.js';
import { haproxyBin } from './haproxy.js';
import { freePort, loopback } from './loopback.js';
import { startStage, type Stage } from './stage.js';

/** A machine on which certbot renews for HAProxy: its files are below `root`, its HAProxy is the stage's. */
export interface AdoptionStage {
  readonly stage: Stage;
  readonly root: string;
  /** root/etc/letsencrypt */
  readonly configDir: string;
  readonly at: (path: string) => string;
  readonly wish: AdoptionWish;
  readonly certbot: (args: readonly string[]) => Promise<void>;
  readonly adopt: (flags?: Partial<AdoptRequest>, rooms?: Partial<AdoptionRooms>) => Promise<AdoptReport>;
}

/** `web.test` by a webroot and `alone.test` by the standalone server behind HAProxy, both ordered by certbot itself. */
export async function startAdoptionStage(): Promise<AdoptionStage> {
  const stage = await startStage();
  try {
    const port = await freePort();
    await routeStandalone(stage, port);
    const root = stage.at('root');
    const configDir = join(root, 'etc/letsencrypt');
    const at = (path: string): string => join(root, path);
    const certbot = async (args: readonly string[]): Promise<void> => {
      const directories = ['--config-dir', configDir, '--work-dir', stage.at('work'), '--logs-dir', stage.at('logs')];
      const account = ['--server', stage.pebble.directoryUrl, '--agree-tos', '-m', 'admin@example.com', '-n'];
      await runOrThrow('certbot', [...args, ...directories, ...account], {
        env: { REQUESTS_CA_BUNDLE: stage.pebble.caFile },
      });
    };
    mkdirSync(configDir, { recursive: true });
    await certbot([
      ...['certonly', '--webroot', '-w', stage.webroot, '-d', 'web.test'],
      ...[
        '--deploy-hook',
        `cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem > ${stage.bundle('web.test')}`,
      ],
      ...['--post-hook', 'systemctl reload haproxy'],
    ]);
    await certbot(['certonly', '--standalone', '--http-01-port', String(port), '-d', 'alone.test']);
    writeSystem(stage, at);
    const wish: AdoptionWish = {
      certName: undefined,
      haproxy: { ...noHaproxy, certDir: stage.certDir, cfg: [stage.cfg], pidfile: stage.pidfile, bin: haproxyBin },
      authenticator: undefined,
    };
    const rooms = { store: letsencryptStore(configDir, '0.0.0'), systemd: undefined, onStep: () => undefined };
    return {
      ...{ stage, root, configDir, at, wish, certbot },
      adopt: async (flags = {}, differing = {}) =>
        await adopt({ wish, configDir, root, yes: false, undo: false, ...flags }, { ...rooms, ...differing }),
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

/** Challenges for alone.test go to certbot's server, as the articles have it. */
async function routeStandalone(stage: Stage, port: number): Promise<void> {
  const service = 'http-request use-service lua.acme-http01';
  const config = readFileSync(stage.cfg, 'utf8').replace(
    service,
    `${service} unless { hdr(host) -m beg alone.test }\n  default_backend alone`,
  );
  writeFileSync(stage.cfg, `${config}\nbackend alone\n  server certbot ${loopback}:${port}\n`);
  const old = stage.pid();
  await runOrThrow(haproxyBin, ['-D', '-f', stage.cfg, '-p', stage.pidfile, '-sf', String(old)]);
  await until('the new HAProxy is alone', () => stage.processes().length === 1 && stage.pid() !== old);
}

/** What Debian's certbot, its users and the articles put beside it. */
function writeSystem(stage: Stage, at: AdoptionStage['at']): void {
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
    chmodSync(at(path), mode);
  };
  write('etc/cron.d/certbot', readFileSync('/etc/cron.d/certbot', 'utf8'));
  write(
    'etc/crontab',
    'SHELL=/bin/sh\n17 * * * * root run-parts /etc/cron.hourly\n30 2 * * 1 root le-renew-haproxy >> /var/log/le-renewal.log\n',
  );
  write(
    'var/spool/cron/crontabs/root',
    '# m h dom mon dow command\n30 01 01,10,20,30 * * /root/letsencrypt/certbot-auto renew\n',
    0o600,
  );
  write('usr/local/sbin/le-renew-haproxy', leRenewHaproxy(stage.certDir), 0o755);
  write(
    'lib/systemd/system/certbot.timer',
    '[Timer]\nOnCalendar=*-*-* 00,12:00:00\n[Install]\nWantedBy=timers.target\n',
  );
  write(
    'lib/systemd/system/certbot.service',
    '[Service]\nType=oneshot\nExecStart=/usr/bin/certbot -q renew --no-random-sleep-on-renew\n',
  );
  mkdirSync(at('etc/systemd/system/timers.target.wants'), { recursive: true });
  symlinkSync('/lib/systemd/system/certbot.timer', at('etc/systemd/system/timers.target.wants/certbot.timer'));
  write(
    'etc/letsencrypt/cli.ini',
    `# Because we are using logrotate\nmax-log-backups = 0\npost-hook = service haproxy restart\n`,
  );
  write('etc/letsencrypt/renewal-hooks/deploy/haproxy.sh', deployHook(stage.certDir), 0o750);
  write('etc/letsencrypt/renewal-hooks/deploy/notify.sh', `#!/bin/sh\ntouch ${stage.at('notified')}\n`, 0o755);
  write('usr/local/bin/reload-haproxy', '#!/bin/sh\nsystemctl reload haproxy\n', 0o755);
  symlinkSync(at('usr/local/bin/reload-haproxy'), at('etc/letsencrypt/renewal-hooks/post/reload'));
}

function deployHook(certDir: string): string {
  return `#!/bin/bash
set -e
for lineage in $(ls -I README /etc/letsencrypt/live)
do
  cat /etc/letsencrypt/live/$lineage/{fullchain,privkey}.pem > "${certDir}/$lineage.pem"
  chmod 600 "${certDir}/$lineage.pem"
done
service haproxy reload
`;
}

/** In the manner of a script that many have from the same tutorial. */
function leRenewHaproxy(certDir: string): string {
  return `#!/bin/bash
web_service='haproxy'
config_file='/usr/local/etc/le-renew-haproxy.ini'
domain=\`grep "^\\s*domains" $config_file | sed "s/^\\s*domains\\s*=\\s*//" | sed 's/(\\s*)|,.*$//'\`
combined_file="${certDir}/\${domain}.pem"
if [ ! -f $config_file ]; then
  echo "[ERROR] config file does not exist: $config_file"
  exit 1;
fi
days_left=$(echo \\( $(date -d "\`openssl x509 -in /etc/letsencrypt/live/$domain/cert.pem -noout -enddate|cut -c 10-\`" +%s) - $(date +%s) \\) / 86400 |bc)
if [ "$days_left" -gt 30 ] ; then
  exit 0;
else
  /opt/letsencrypt/letsencrypt-auto certonly --agree-tos --renew-by-default --config $config_file --http-01-port 54321
  sudo bash -c "cat /etc/letsencrypt/live/$domain/fullchain.pem /etc/letsencrypt/live/$domain/privkey.pem > $combined_file"
  /usr/sbin/service $web_service reload
fi
`;
}
