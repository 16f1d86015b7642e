import { describe, expect, it } from 'vitest';
import { parseRenewalConf } from '../../../src-node/lineage/renewal-conf.js';
import { dueAt, planRenewals, type Candidate } from '../../../src-node/renewal/plan-renewals.js';
import { day } from '../../support/test-certificate.js';
import { noHaproxy } from '../../../src-node/lineage/haproxy-settings.js';
import { testInfo, testLineage, testSettings } from '../../support/test-lineage.js';

const notBefore = Date.UTC(2026, 0, 1);
const living = (lifetime: number): { notBefore: number; notAfter: number } => ({
  notBefore,
  notAfter: notBefore + lifetime,
});

describe('dueAt', () => {
  it.each([
    ['90 days: a third left', 90 * day, 60 * day],
    ['45 days: a third left', 45 * day, 30 * day],
    ['exactly 10 days: a third left', 10 * day, (20 / 3) * day],
    ['a millisecond under 10 days: half left', 10 * day - 1, 5 * day - 0.5],
    ['160 hours: half left', 160 * 3_600_000, 80 * 3_600_000],
    ['one second', 1_000, 500],
    ['no lifetime at all', 0, 0],
  ])('%s', (_, lifetime, after) => {
    expect(dueAt(living(lifetime)) - notBefore).toBeCloseTo(after, 3);
  });
});

const candidate = (
  differing: { deployedVersion?: number; certDir?: string; bundlePresent?: boolean } = {},
): Candidate => ({
  lineage: testLineage('a', {
    version: 2,
    deployedVersion: differing.deployedVersion,
    settings: testSettings({ haproxy: { ...noHaproxy, certDir: differing.certDir } }),
  }),
  certificate: testInfo(living(90 * day)),
  bundlePresent: differing.bundlePresent ?? true,
});
const due = notBefore + 60 * day;
const plan = (now: number, what = candidate(), force = false): string | undefined =>
  planRenewals([what], { now, because: force ? 'forced' : undefined, automatic: true, revoked: new Set() })[0]?.kind;

describe('planRenewals', () => {
  it('renews from the very millisecond at which it is due', () => {
    expect(plan(due - 1)).toBe('keep');
    expect(plan(due)).toBe('renew');
    expect(plan(due + 1)).toBe('renew');
  });

  it('says when a kept one will be due', () => {
    expect(
      planRenewals([candidate()], { now: notBefore, because: undefined, automatic: true, revoked: new Set() }),
    ).toMatchObject([{ kind: 'keep', dueAt: due }]);
  });

  it('renews what has expired, and keeps what is not valid yet', () => {
    expect(plan(due + 400 * day)).toBe('renew');
    expect(plan(notBefore - day)).toBe('keep');
  });

  it('renews by force, and says so', () => {
    const forced = planRenewals([candidate()], {
      now: notBefore,
      because: 'forced',
      automatic: true,
      revoked: new Set(),
    });
    expect(forced).toMatchObject([{ kind: 'renew', reason: 'forced' }]);
    expect(
      planRenewals([candidate()], { now: due, because: undefined, automatic: true, revoked: new Set() }),
    ).toMatchObject([{ reason: 'lifetime' }]);
  });

  it('deploys what HAProxy lacks, unless it is to be renewed', () => {
    const certDir = '/certs';
    expect(plan(notBefore, candidate({ certDir }))).toBe('deploy');
    expect(plan(notBefore, candidate({ certDir, deployedVersion: 1 }))).toBe('deploy');
    expect(plan(notBefore, candidate({ certDir, deployedVersion: 3 }))).toBe('deploy');
    expect(plan(notBefore, candidate({ certDir, deployedVersion: 2, bundlePresent: false }))).toBe('deploy');
    expect(plan(notBefore, candidate({ certDir, deployedVersion: 2 }))).toBe('keep');
    expect(plan(due, candidate({ certDir }))).toBe('renew');
    expect(plan(notBefore, candidate({ bundlePresent: false }))).toBe('keep');
  });

  const ruled = (text: string): Candidate => {
    const { lineage, ...rest } = candidate();
    return { ...rest, lineage: { ...lineage, conf: parseRenewalConf(text) } };
  };

  it('renews from renew_before_expiry on where the lineage has it, and by its own rule where that is garbage', () => {
    const early = ruled('renew_before_expiry = 40 days\n');
    expect(plan(notBefore + 50 * day - 1, early)).toBe('keep');
    expect(plan(notBefore + 50 * day, early)).toBe('renew');
    expect(plan(due, ruled('renew_before_expiry = 1 hour\n'))).toBe('keep');
    expect(plan(due - 1, ruled('renew_before_expiry = soon\n'))).toBe('keep');
    expect(plan(due, ruled('renew_before_expiry = soon\n'))).toBe('renew');
  });

  it('leaves alone what has autorenew = False, unless a certificate is asked for', () => {
    const base = candidate();
    const off = { ...base, lineage: { ...base.lineage, settings: testSettings({ autorenew: false }) } };
    expect(plan(due, off)).toBe('leave');
    expect(plan(notBefore, off)).toBe('leave');
    expect(plan(notBefore, off, true)).toBe('renew');
    expect(planRenewals([off], { now: due, because: undefined, automatic: false, revoked: new Set() })).toMatchObject([
      { kind: 'renew' },
    ]);
  });

  it('plans each for itself, in order', () => {
    const late = { ...candidate(), certificate: testInfo(living(30 * day)) };
    expect(
      planRenewals([candidate(), late, candidate()], {
        now: notBefore + 21 * day,
        because: undefined,
        automatic: true,
        revoked: new Set(),
      }),
    ).toMatchObject([{ kind: 'keep' }, { kind: 'renew' }, { kind: 'keep' }]);
    expect(planRenewals([], { now: 0, because: 'forced', automatic: true, revoked: new Set() })).toEqual([]);
  });
});
