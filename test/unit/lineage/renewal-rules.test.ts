import { describe, expect, it } from 'vitest';
import { parseRenewalConf } from '../../../src-node/lineage/renewal-conf.js';
import { readRenewBefore } from '../../../src-node/lineage/renewal-rules.js';

const read = (text: string): number | undefined => readRenewBefore(parseRenewalConf(text));
const hour = 3_600_000;

describe("the rules of a lineage's renewal", () => {
  it.each<[string, number | undefined]>([
    ['30 days', 720 * hour],
    ['30', 720 * hour],
    ['1 day', 24 * hour],
    ['2 weeks', 336 * hour],
    ['12 hours', 12 * hour],
    ['90 Minutes', 1.5 * hour],
    ['3 days 12 hours', 84 * hour],
    ['0 days', 0],
    ['100 years', 876_000 * hour],
    ['2 months', 1_440 * hour],
    ['soon', undefined],
    ['-3 days', undefined],
    ['3 daysx', undefined],
    ['1e9 days', undefined],
    ['99999999 days', undefined],
    ['""', undefined],
  ])('read %s before expiry', (text, milliseconds) => {
    expect(read(`renew_before_expiry = ${text}\n`)).toBe(milliseconds);
  });

  it('look for the time before expiry where certbot does, and nowhere else', () => {
    expect(read('[renewalparams]\nrenew_before_expiry = 30 days\n')).toBeUndefined();
  });
});
