import { X509Certificate } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AdoptReport } from '../../src-node/cli/commands/adopt.js';
import { readSettings } from '../../src-node/lineage/renewal-settings.js';
import { parseRenewalConf } from '../../src-node/lineage/renewal-conf.js';
import { run } from '../support/child.js';
import { errorCodes } from '../support/report.js';
import { startAdoptionStage, type AdoptionStage } from '../support/adoption-stage.js';
import { snapshot } from '../support/snapshot.js';

let here: AdoptionStage;
let before: Readonly<Record<string, string>>;

beforeAll(async () => {
  here = await startAdoptionStage();
}, 120_000);
beforeEach(() => void (before = snapshot(here.root)));
afterAll(async () => await here.stage.stop());

type Planned = Exclude<AdoptReport, { kind: 'undone' }>;

async function planned(flags: Parameters<AdoptionStage['adopt']>[0] = {}): Promise<Planned> {
  const report = await here.adopt(flags);
  if (report.kind === 'undone') throw new Error('undone');
  return report;
}

/** Each hook and schedule by its file, with why it stays or that it goes. */
function fates({ plan }: Planned): Record<string, string> {
  const hooks = plan.hooks.map(({ hook: { place }, left }) => [place.file, left]);
  const schedules = plan.schedules.map(({ schedule: { place }, left }) => [
    place.kind === 'timer' ? place.unit : place.file,
    left,
  ]);
  const shown = [...hooks, ...schedules].map(([file = '', left]) => [
    file.replace(`${here.root}/`, ''),
    left ?? 'goes',
  ]);
  return Object.fromEntries(shown) as Record<string, string>;
}

function settings(certName: string): ReturnType<typeof readSettings> {
  return readSettings(parseRenewalConf(readFileSync(`${here.configDir}/renewal/${certName}.conf`, 'utf8')));
}

async function undo(): Promise<Extract<AdoptReport, { kind: 'undone' }>> {
  const report = await here.adopt({ undo: true });
  if (report.kind !== 'undone') throw new Error('not undone');
  return report;
}

describe('adopt', () => {
  it('shows what there is of certbot and what it would do, and changes nothing', async () => {
    const report = await planned();
    expect(report.kind).toBe('planned');
    expect(fates(report)).toEqual({
      'etc/letsencrypt/renewal/web.test.conf': 'goes',
      'etc/letsencrypt/cli.ini': 'goes',
      'etc/letsencrypt/renewal-hooks/deploy/haproxy.sh': 'goes',
      'etc/letsencrypt/renewal-hooks/deploy/notify.sh': 'does-more',
      'etc/letsencrypt/renewal-hooks/post/reload': 'goes',
      'certbot.timer': 'goes',
      'etc/crontab': 'goes',
      'etc/cron.d/certbot': 'goes',
      'var/spool/cron/crontabs/root': 'goes',
    });
    expect(report.plan.lineages.map(({ found, renewal }) => [found.lineage.certName, renewal.kind])).toEqual([
      ['alone.test', 'as-is'],
      ['web.test', 'as-is'],
    ]);
    expect(snapshot(here.root)).toEqual(before);
  });

  it('with --yes needs to know where HAProxy has its certificates, and suggests where the hooks put them', async () => {
    const haproxy = { ...here.wish.haproxy, certDir: undefined };
    const wish = { ...here.wish, haproxy };
    expect((await planned({ wish })).plan.suggestedCertDir).toBe(here.stage.certDir);
    await expect(here.adopt({ wish, yes: true })).rejects.toMatchObject({ code: 'adoption-cert-dir-unset' });
    expect(snapshot(here.root)).toEqual(before);
  });

  it('with --yes sets the lineages, takes hooks and schedules away, and with --undo puts back every byte', async () => {
    const report = await planned({ yes: true });
    expect(report.kind === 'adopted' && report.error).toBeUndefined();
    const after = snapshot(here.root);
    expect(after).not.toHaveProperty('etc/systemd/system/timers.target.wants/certbot.timer');
    expect(after).not.toHaveProperty('etc/letsencrypt/renewal-hooks/deploy/haproxy.sh');
    expect(after).toHaveProperty('etc/letsencrypt/renewal-hooks/deploy/notify.sh');
    expect(readFileSync(here.at('var/spool/cron/crontabs/root'), 'utf8')).toMatch(/^#.*certbot-auto renew$/m);
    expect(readFileSync(here.at('etc/crontab'), 'utf8')).toMatch(/^17 \* \* \* \* root run-parts/m);
    expect(settings('web.test')).toMatchObject({
      haproxy: { certDir: here.stage.certDir, cfg: [here.stage.cfg] },
      hooks: { post: undefined, deploy: undefined },
    });
    expect(fates(await planned())).toEqual({ 'etc/letsencrypt/renewal-hooks/deploy/notify.sh': 'does-more' });
    const again = await planned({ yes: true });
    expect(again.kind === 'adopted' && again.made).toEqual([]);
    expect(snapshot(here.root)).toEqual(after);

    expect((await undo()).results.map(({ kind }) => kind)).not.toContain('left');
    expect(snapshot(here.root)).toEqual(before);
    expect((await undo()).results).toEqual([]);
  });
});

describe('an adoption that is interrupted', () => {
  const steps = async (): Promise<number> => {
    let count = 0;
    await here.adopt({ yes: true }, { onStep: () => void (count += 1) });
    await undo();
    return count;
  };
  const stopAt = (last: number): { readonly onStep: () => void } => {
    let count = 0;
    return {
      onStep: () => {
        count += 1;
        if (count === last) throw new Error('killed');
      },
    };
  };

  it('is put back by --undo, and finished by --yes, wherever it stopped', async () => {
    const total = await steps();
    expect(total).toBeGreaterThan(12);
    for (let last = 1; last <= total; last += 1) {
      await expect(here.adopt({ yes: true }, stopAt(last))).rejects.toThrow('killed');
      await undo();
      expect(snapshot(here.root), `undone after step ${last}`).toEqual(before);

      await expect(here.adopt({ yes: true }, stopAt(last))).rejects.toThrow('killed');
      await planned({ yes: true });
      expect(fates(await planned()), `done after step ${last}`).toEqual({
        'etc/letsencrypt/renewal-hooks/deploy/notify.sh': 'does-more',
      });
      await undo();
      expect(snapshot(here.root), `undone after step ${last} and a second --yes`).toEqual(before);
    }
  }, 180_000);

  it('can be interrupted in being undone too', async () => {
    await planned({ yes: true });
    await expect(here.adopt({ undo: true }, stopAt(3))).rejects.toThrow('killed');
    await undo();
    expect(snapshot(here.root)).toEqual(before);
  });
});

describe('the command', () => {
  const flags = (): readonly string[] => ['adopt', '--config-dir', here.configDir, ...here.stage.haproxyFlags];
  // The machine's own certbot has another directory, so that the command leaves it alone.
  const machine = (): readonly (string | undefined)[] =>
    ['/etc/cron.d/certbot', '/etc/crontab', '/etc/systemd/system/timers.target.wants/certbot.timer']
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path, 'utf8'));

  it('shows, does and takes back, and tells a program of it', async () => {
    const [own, shown] = [machine(), await here.stage.command([...flags(), '--json'])];
    expect(shown, shown.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(shown.stdout)).toMatchObject({ kind: 'planned', configDir: here.configDir });
    expect(snapshot(here.root)).toEqual(before);

    const done = await here.stage.command([...flags(), '--yes']);
    expect(done, done.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('cron.d/haproxy-acme');
    expect(settings('web.test')).toMatchObject({
      haproxy: { certDir: here.stage.certDir },
      hooks: { deploy: undefined },
    });
    expect(machine()).toEqual(own);

    const undone = await here.stage.command([...flags(), '--undo', '-q']);
    expect(undone).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(snapshot(here.root)).toEqual(before);
  });

  it('fails where a lineage would be left without renewal, and says which', async () => {
    const conf = `${here.configDir}/renewal/alone.test.conf`;
    const text = readFileSync(conf, 'utf8');
    writeFileSync(conf, text.replace('authenticator = standalone', 'authenticator = dns-google'));
    const changed = snapshot(here.root);
    const result = await here.stage.command([...flags(), '--yes']);
    expect(result.code).toBe(1);
    expect(errorCodes(result)).toEqual(['adoption-blocked']);
    expect(result.stderr).toContain('alone.test');
    expect(settings('web.test')).toMatchObject({ hooks: { post: 'systemctl reload haproxy' } });
    const freed = await here.stage.command([...flags(), '--yes', '--webroot', '-w', here.stage.webroot]);
    expect(freed, freed.stderr).toMatchObject({ code: 0 });
    expect(settings('alone.test')).toMatchObject({
      authenticator: 'webroot',
      webrootMap: { 'alone.test': here.stage.webroot },
      http01Port: undefined,
    });
    await undo();
    expect(snapshot(here.root)).toEqual(changed);
    writeFileSync(conf, text);
  });

  it.each([[['--yes', '--undo']], [['--webroot']], [['--manual']]])('refuses %s', async (wrong) => {
    const result = await here.stage.command([...flags(), ...wrong]);
    expect(result.code).toBe(2);
    expect(errorCodes(result)).toEqual(['usage']);
    expect(snapshot(here.root)).toEqual(before);
  });
});

describe('the timer', () => {
  const isEnabled = async (): Promise<string> => {
    const { stdout } = await run('systemctl', [`--root=${here.root}`, 'is-enabled', 'certbot.timer']);
    return stdout.trim();
  };

  it('is disabled and enabled again as systemctl sees it', async () => {
    expect(await isEnabled()).toBe('enabled');
    await planned({ yes: true });
    expect(await isEnabled()).toBe('disabled');
    await undo();
    expect(await isEnabled()).toBe('enabled');
  });
});

describe('what was changed since', () => {
  it('is left by --undo and named, while the rest is put back; once it is put right it follows', async () => {
    await planned({ yes: true });
    const crontab = here.at('etc/crontab');
    const adopted = readFileSync(crontab);
    appendFileSync(crontab, '0 5 * * * root something\n');
    const conf = `${here.configDir}/renewal/web.test.conf`;
    const text = readFileSync(conf, 'utf8');
    writeFileSync(conf, text.replace(`cert_dir = ${here.stage.certDir}`, 'cert_dir = /elsewhere'));
    const { results } = await undo();
    const left = results.filter((result) => result.kind === 'left');
    expect(left.map(({ error }) => error.code)).toEqual(['adoption-changed-since', 'adoption-changed-since']);
    expect(left.map(({ error }) => error.message).join()).toContain(crontab);
    expect(left.map(({ error }) => error.message).join()).toContain(conf);
    expect(existsSync(here.at('etc/systemd/system/timers.target.wants/certbot.timer'))).toBe(true);
    expect(readFileSync(conf, 'utf8')).toContain('/elsewhere');

    writeFileSync(crontab, adopted);
    writeFileSync(conf, text);
    expect((await undo()).results.map(({ kind }) => kind)).toEqual(['undone', 'undone']);
    expect(snapshot(here.root)).toEqual(before);
  });

  it('does not hinder when it is a lineage that was deleted', async () => {
    const conf = `${here.configDir}/renewal/alone.test.conf`;
    const kept = readFileSync(conf);
    await planned({ yes: true });
    rmSync(conf);
    expect((await undo()).results.map(({ kind }) => kind)).not.toContain('left');
    const expected = Object.fromEntries(
      Object.entries(before).filter(([path]) => path !== 'etc/letsencrypt/renewal/alone.test.conf'),
    );
    expect(snapshot(here.root)).toEqual(expected);
    writeFileSync(conf, kept);
  });
});

describe('renewal', () => {
  it('leaves HAProxy with certificates that haproxy-acme renews; what is undone then is as certbot had it', async () => {
    await planned({ yes: true });
    for (const name of ['web.test', 'alone.test']) {
      const flags = ['--cert-name', name, '--config-dir', here.configDir];
      const result = await here.stage.command(['renew', '--force-renewal', ...flags]);
      expect(result, result.stderr).toMatchObject({ code: 0 });
      const live = readFileSync(`${here.configDir}/live/${name}/fullchain.pem`, 'utf8');
      expect(readFileSync(here.stage.bundle(name), 'utf8')).toContain(live.trim());
      expect(await here.stage.served(name)).toBe(new X509Certificate(live).fingerprint256);
    }
    await undo();
    const versions = /^etc\/letsencrypt\/(?:archive|live)/;
    expect(snapshot(here.root, versions)).toEqual(
      Object.fromEntries(Object.entries(before).filter(([path]) => !versions.test(path))),
    );
    // certbot goes on where it was.
    await here.certbot(['renew', '--force-renewal', '--no-random-sleep-on-renew', '--no-directory-hooks']);
  });
});
