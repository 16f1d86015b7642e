import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdoptionError } from '../../../src-node/adoption/adoption-error.js';
import type { FoundSchedule } from '../../../src-node/adoption/schedule.js';
import { survey, type Survey } from '../../../src-node/adoption/survey.js';
import { runningSystemd } from '../../../src-node/adoption/systemd.js';
import { letsencryptStore } from '../../../src-node/lineage/letsencrypt-directory.js';
import { temporaryDirectory } from '../../support/temporary.js';

let root: string;
let remove: () => void;
const at = (path: string): string => join(root, path);

beforeEach(() => {
  ({ path: root, remove } = temporaryDirectory());
  mkdirSync(at('etc/letsencrypt'), { recursive: true });
});
afterEach(() => remove());

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
  chmodSync(at(path), mode);
}

function enable(unit: string, target = `/lib/systemd/system/${unit}`): void {
  mkdirSync(at('etc/systemd/system/timers.target.wants'), { recursive: true });
  symlinkSync(target, at(`etc/systemd/system/timers.target.wants/${unit}`));
}

async function look(systemctl?: string): Promise<Survey> {
  const configDir = at('etc/letsencrypt');
  const systemd = systemctl === undefined ? undefined : await runningSystemd(root, systemctl);
  return await survey({ configDir, root, cfg: undefined }, letsencryptStore(configDir, '0.0.0'), systemd);
}

const shown = ({ place, class: { kind }, elsewhere }: FoundSchedule): string =>
  `${place.kind === 'timer' ? place.unit : place.file.replace(root, '')} ${kind}${elsewhere ? ' elsewhere' : ''}`;

describe('timers', () => {
  it('are found by what their service runs, whatever their name', async () => {
    enable('own.timer');
    write('lib/systemd/system/own.timer', '[Timer]\nUnit=renew-all.service\n');
    write('etc/systemd/system/renew-all.service', '[Service]\nExecStart=-/usr/bin/certbot \\\n  renew -q\n');
    enable('fstrim.timer');
    write('lib/systemd/system/fstrim.service', '[Service]\nExecStart=/sbin/fstrim --all\n');
    enable('snap.certbot.renew.timer', '/etc/systemd/system/snap.certbot.renew.timer');
    expect((await look()).schedules.map(shown)).toEqual(['own.timer renewal', 'snap.certbot.renew.timer renewal']);
  });

  it('that run more, by a drop-in say, are told apart; ours is not certbot', async () => {
    enable('certbot.timer');
    write('lib/systemd/system/certbot.service', '[Service]\nExecStart=/usr/bin/certbot renew\n');
    write('etc/systemd/system/certbot.service.d/more.conf', '[Service]\nExecStartPost=/usr/bin/rsync -a x y\n');
    expect((await look()).renewsByOurs).toBe(false);
    enable('haproxy-acme-renew.timer');
    const { schedules, renewsByOurs } = await look();
    expect(schedules.map(shown)).toEqual(['certbot.timer mixed']);
    expect(renewsByOurs).toBe(true);
  });
});

describe('cron', () => {
  it('is read where cron reads, with the scripts that it calls and the files that certbot is given', async () => {
    write('etc/cron.d/certbot', '0 1 * * * root certbot renew\n');
    write('etc/cron.d/certbot.dpkg-old', '0 1 * * * root certbot renew\n');
    write('etc/cron.daily/renew', '#!/bin/sh\ncertbot renew -q\n', 0o755);
    write('etc/cron.daily/not-run', '#!/bin/sh\ncertbot renew -q\n', 0o644);
    write('etc/cron.weekly/python', '#!/usr/bin/python3\nimport certbot\n', 0o755);
    write('var/spool/cron/crontabs/root', '0 1 * * * renew-all\n0 2 * * * certbot -c /etc/mine.ini renew\n', 0o600);
    write('usr/local/bin/renew-all', '#!/bin/sh\ncertbot renew --config-dir /srv/le\n', 0o755);
    write('etc/mine.ini', 'post-hook = rsync a b\n');
    expect((await look()).schedules.map(shown)).toEqual([
      '/etc/cron.d/certbot renewal',
      '/var/spool/cron/crontabs/root renewal elsewhere',
      '/var/spool/cron/crontabs/root mixed',
      '/etc/cron.daily/renew renewal',
    ]);
  });

  it('on another configuration directory than the one meant is another installation', async () => {
    write('etc/cron.d/one', '0 1 * * * root certbot renew\n');
    const configDir = at('srv/le');
    const store = letsencryptStore(configDir, '0.0.0');
    const found = await survey({ configDir, root, cfg: undefined }, store, undefined);
    expect(found.schedules.map(shown)).toEqual(['/etc/cron.d/one renewal elsewhere']);
  });

  it("of haproxy-acme's own is recognised", async () => {
    write('etc/cron.d/haproxy-acme', readFileSync('haproxy/cron.d/haproxy-acme', 'utf8'));
    expect(await look()).toMatchObject({ renewsByOurs: true, schedules: [] });
  });
});

describe('what else', () => {
  it('is told of HAProxy are the ports that it binds', async () => {
    const cfg = at('haproxy.cfg');
    writeFileSync(
      cfg,
      'frontend a\n  bind :80,127.0.0.1:8000-8002\n  bind *:443 ssl crt /x # bind :1\n  bind "$A":9\n',
    );
    const configDir = at('etc/letsencrypt');
    const request = { configDir, root, cfg: [cfg] };
    const store = letsencryptStore(configDir, '0.0.0');
    expect((await survey(request, store, undefined)).haproxyPorts).toEqual([80, 8000, 8001, 8002, 443, 9]);
    const missing = { ...request, cfg: [at('none.cfg')] };
    expect((await survey(missing, store, undefined)).haproxyPorts).toBeUndefined();
  });
});

describe('a running systemd', () => {
  /** Stands for systemctl where no systemd runs: answers from files, and writes down what it is told. */
  const systemctl = (): string => {
    mkdirSync(at('run/systemd/system'), { recursive: true });
    const script = `#!/bin/sh
echo "$*" >> ${at('told')}
case "$1" in
  is-active) test -e ${at('active')} ;;
  is-enabled) exit 1 ;;
  start) echo "Failed to start: unit not found"; exit 5 ;;
esac
`;
    write('systemctl', script, 0o755);
    return at('systemctl');
  };

  it('is seen by its directory only', async () => {
    expect(await runningSystemd(root)).toBeUndefined();
    expect(await runningSystemd(root, systemctl())).toBeDefined();
  });

  it('is asked whether a timer of certbot runs that no link enables', async () => {
    const program = systemctl();
    expect((await look(program)).schedules).toEqual([]);
    writeFileSync(at('active'), '');
    const { schedules, systemdRuns } = await look(program);
    expect(systemdRuns).toBe(true);
    expect(schedules[0]?.place).toMatchObject({ kind: 'timer', unit: 'certbot.timer', links: [], active: true });
  });

  it('is told to stop and to read its units, and its failure is told on', async () => {
    const systemd = await runningSystemd(root, systemctl());
    await systemd?.stop('certbot.timer');
    await systemd?.reload();
    expect(readFileSync(at('told'), 'utf8')).toBe('stop certbot.timer\ndaemon-reload\n');
    await expect(systemd?.start('certbot.timer')).rejects.toBeInstanceOf(AdoptionError);
  });
});
