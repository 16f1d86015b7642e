import { describe, expect, it } from 'vitest';
import { classifyHook, classifySchedule } from '../../../src-node/adoption/classify-hook.js';
import { nextSteps } from '../../../src-node/adoption/next-steps.js';
import { isAdopted, planAdoption, type AdoptionPlan } from '../../../src-node/adoption/plan-adoption.js';
import type { AdoptionWish } from '../../../src-node/adoption/plan-lineages.js';
import type { FoundSchedule } from '../../../src-node/adoption/schedule.js';
import type { FoundHook } from '../../../src-node/adoption/survey-hooks.js';
import type { Survey, SurveyedLineage } from '../../../src-node/adoption/survey.js';
import type { RenewalSettings } from '../../../src-node/lineage/lineage.js';
import { mergeHaproxySettings, noHaproxy } from '../../../src-node/lineage/haproxy-settings.js';
import { testLineage, testSettings } from '../../support/test-lineage.js';

function lineage(certName: string, settings: Partial<RenewalSettings> = {}): SurveyedLineage {
  const webrootMap = { [certName]: '/webroot' };
  const own = testLineage(certName, { settings: testSettings({ webrootMap, ...settings }) });
  return { lineage: own, names: [certName], notAfter: 0, http01Port: settings.http01Port ?? 80 };
}

function hook(text: string, certName?: string): FoundHook {
  const place =
    certName === undefined
      ? ({ kind: 'script', file: `/le/renewal-hooks/deploy/${text.length}` } as const)
      : ({ kind: 'conf', file: `/le/renewal/${certName}.conf`, certName, key: 'renew_hook' } as const);
  return { occasion: 'deploy', place, class: classifyHook(text, new Map()) };
}

function cron(text: string, elsewhere = false): FoundSchedule {
  const found = classifySchedule(text, new Map());
  return { place: { kind: 'cron-line', file: '/etc/crontab', line: 0 }, class: found, elsewhere };
}

function timer(differing: Partial<Extract<FoundSchedule['place'], { kind: 'timer' }>> = {}): FoundSchedule {
  const links = [{ path: '/etc/systemd/system/timers.target.wants/certbot.timer', target: '/lib/certbot.timer' }];
  const place = { kind: 'timer', unit: 'certbot.timer', links, active: true, enabled: true, ...differing } as const;
  return { place, class: classifySchedule('certbot renew', new Map()), elsewhere: false };
}

function surveyOf(differing: Partial<Survey>): Survey {
  return {
    configDir: '/etc/letsencrypt',
    lineages: [lineage('a.test')],
    ...{ broken: [], hooks: [], schedules: [], unread: [] },
    ...{ renewsByOurs: false, systemdRuns: false, haproxyPorts: [80, 443] },
    ...differing,
  };
}

const wish: AdoptionWish = {
  certName: undefined,
  haproxy: { ...noHaproxy, certDir: '/certs', cfg: ['/etc/haproxy/haproxy.cfg'] },
  authenticator: undefined,
};
const plan = (differing: Partial<Survey>, wished: Partial<AdoptionWish> = {}): AdoptionPlan =>
  planAdoption(surveyOf(differing), { ...wish, ...wished });
const hookFate = (text: string, wished: Partial<AdoptionWish> = {}, of?: string): string | undefined =>
  plan({ hooks: [hook(text, of)] }, wished).hooks[0]?.left;
const renewals = ({ lineages }: AdoptionPlan): readonly unknown[] => lineages.map(({ renewal }) => renewal);

describe('a hook goes', () => {
  it.each([
    'cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem > /certs/a.test.pem',
    'cat /etc/letsencrypt/live/a.test/fullchain.pem /etc/letsencrypt/live/a.test/privkey.pem > /certs/a.test.pem',
    'for d in $(ls live); do cat live/$d/privkey.pem live/$d/cert.pem > /certs/$d.pem; done; service haproxy reload',
    'service haproxy reload',
    'service haproxy stop',
  ])('%s', (text) => {
    expect(hookFate(text)).toBeUndefined();
  });
});

describe('a hook stays', () => {
  it.each([
    ['a/privkey.pem a/cert.pem > /certs/haproxy.pem', 'other-bundle'],
    ['a/privkey.pem a/cert.pem > /other/a.test.pem', 'other-bundle'],
    ['/le/live/b.test/privkey.pem /le/live/b.test/cert.pem > /certs/a.test.pem', 'other-bundle'],
  ])('that makes a file which haproxy-acme would not: %s', (files, left) => {
    expect(hookFate(`cat ${files}`)).toBe(left);
  });

  it('that bundles whichever lineage, where one has another directory', () => {
    const text = 'for d in $(ls live); do cat live/$d/privkey.pem live/$d/cert.pem > /certs/$d.pem; done';
    const other = lineage('b.test', { haproxy: { ...noHaproxy, certDir: '/others' } });
    const { hooks } = plan({ lineages: [lineage('a.test'), other], hooks: [hook(text)] }, { certName: 'a.test' });
    expect(hooks.map(({ left }) => left)).toEqual(['other-bundle']);
  });

  it('that reloads, where haproxy-acme would not', () => {
    expect(hookFate('service haproxy reload', { haproxy: { ...wish.haproxy, cfg: [] } })).toBe('no-cfg');
    expect(hookFate('service haproxy reload', { haproxy: noHaproxy })).toBe('no-directory');
  });

  it('that does more, and with it those by which HAProxy is stopped and started around it', () => {
    const hooks = [
      hook('service haproxy stop; certify'),
      hook('service haproxy start'),
      hook('service haproxy reload'),
    ];
    expect(plan({ hooks }).hooks.map(({ left }) => left)).toEqual(['does-more', 'needed', undefined]);
  });
});

describe('a lineage', () => {
  it.each([
    ['standalone on a port of its own', lineage('a.test', { authenticator: 'standalone', http01Port: 8090 })],
    ['manual with a script', lineage('a.test', { authenticator: 'manual', authHook: '/hook' })],
  ])('that is %s is renewed as it is', (_, found) => {
    expect(renewals(plan({ lineages: [found] }))).toEqual([{ kind: 'as-is' }]);
  });

  it.each([
    ['port', lineage('a.test', { authenticator: 'standalone' })],
    ['authenticator', lineage('a.test', { authenticator: 'dns-cloudflare' })],
    ['manual', lineage('a.test', { authenticator: 'manual' })],
    ['webroot', lineage('a.test', { webrootMap: {} })],
  ])('is blocked by its %s, and certbot keeps its hooks and schedules', (by, found) => {
    const blocked = plan({ lineages: [found], hooks: [hook('service haproxy stop')], schedules: [timer()] });
    expect(renewals(blocked)).toEqual([{ kind: 'blocked', by }]);
    expect(blocked.blocked).toEqual(['a.test']);
    expect([...blocked.hooks, ...blocked.schedules].map(({ left }) => left)).toEqual(['needed', 'blocked']);

    const to = { kind: 'webroot', path: '/www' } as const;
    const freed = plan({ lineages: [found], schedules: [timer()] }, { authenticator: to });
    expect(renewals(freed)).toEqual([{ kind: 'changed', to }]);
    expect(freed.schedules.map(({ left }) => left)).toEqual([undefined]);
  });

  it('on port 80 is blocked where the ports of HAProxy are not known', () => {
    const lineages = [lineage('a.test', { authenticator: 'standalone' })];
    expect(renewals(plan({ lineages, haproxyPorts: undefined }))).toEqual([{ kind: 'blocked', by: 'port' }]);
    expect(renewals(plan({ lineages, haproxyPorts: [443] }))).toEqual([{ kind: 'as-is' }]);
  });

  it('that can be renewed keeps its way when another one is given', () => {
    const authenticator = { kind: 'standalone', port: 8090 } as const;
    expect(renewals(plan({}, { authenticator }))).toEqual([{ kind: 'as-is' }]);
  });

  it('is not freed by a way that does not serve it', () => {
    const dns = lineage('a.test', { authenticator: 'dns-google' });
    const wildcard = { ...dns, names: ['*.a.test'] };
    const webroot = { kind: 'webroot', path: '/www' } as const;
    expect(renewals(plan({ lineages: [wildcard] }, { authenticator: webroot }))).toEqual([
      { kind: 'blocked', by: 'wildcard' },
    ]);
    const taken = { kind: 'standalone', port: 80 } as const;
    expect(renewals(plan({ lineages: [dns] }, { authenticator: taken }))).toEqual([{ kind: 'blocked', by: 'port' }]);
  });

  it('that is broken keeps certbot going', () => {
    const broken = [{ certName: 'b.test', confFile: '/le/renewal/b.test.conf', reason: 'no' }];
    expect(plan({ broken, schedules: [timer()] }).schedules[0]?.left).toBe('blocked');
  });

  it('that --cert-name does not mean stays as it is', () => {
    const { lineages } = plan({ lineages: [lineage('a.test'), lineage('b.test')] }, { certName: 'b.test' });
    expect(lineages.map(({ changesHaproxy }) => changesHaproxy)).toEqual([false, true]);
  });
});

describe('a schedule', () => {
  it.each([
    ['goes', cron('certbot renew'), {}, undefined],
    ['is of another directory', cron('certbot renew', true), {}, 'elsewhere'],
    ['does more', cron('certbot renew; rsync a b'), {}, 'does-more'],
    ['writes another bundle', cron('certbot renew; cat a/privkey.pem a/cert.pem > /x.pem'), {}, 'other-bundle'],
    ['is idle under systemd', cron('test ! -d /run/systemd/system && certbot renew'), { systemdRuns: true }, 'idle'],
    ['is not idle elsewhere', cron('test ! -d /run/systemd/system && certbot renew'), {}, undefined],
    ['is enabled by the distribution', timer({ links: [] }), {}, 'vendor'],
    ['runs without being enabled', timer({ links: [], enabled: false }), {}, undefined],
    ['has nothing to renew', timer(), { lineages: [] }, 'no-lineage'],
  ])('that %s', (_, schedule, differing, left) => {
    expect(plan({ schedules: [schedule], ...differing }).schedules[0]?.left).toBe(left);
  });
});

describe('the whole', () => {
  it('is adopted once nothing is left to change', () => {
    expect(isAdopted(plan({}))).toBe(false);
    const done = lineage('a.test', { haproxy: mergeHaproxySettings(noHaproxy, wish.haproxy) });
    expect(isAdopted(plan({ lineages: [done] }))).toBe(true);
    expect(isAdopted(plan({ lineages: [done], schedules: [timer()] }))).toBe(false);
  });

  it('tells how to have haproxy-acme renew, by systemd or cron, unless it does', () => {
    const commands = (differing: Partial<Survey>): string =>
      nextSteps(plan(differing), '/pkg/haproxy', true)
        .filter(({ kind }) => kind === 'schedule')
        .flatMap((step) => step.commands)
        .join('\n');
    expect(commands({ systemdRuns: true })).toContain('systemctl enable --now haproxy-acme-renew.timer');
    expect(commands({})).toContain('/pkg/haproxy/cron.d/haproxy-acme');
    expect(commands({ renewsByOurs: true })).toBe('');
  });

  it('names what the confined service could not write to', () => {
    const closed = nextSteps(plan({ systemdRuns: true }), '/pkg', true).find(({ kind }) => kind === 'writable');
    expect(closed?.about).toEqual(['/certs', '/webroot']);
    expect(nextSteps(plan({}), '/pkg', true).map(({ kind }) => kind)).not.toContain('writable');
  });
});
