import { describe, expect, it } from 'vitest';
import { parseRenewalConf } from '../../../src-node/lineage/renewal-conf.js';
import { readRules, type RenewalRules } from '../../../src-node/lineage/renewal-rules.js';

const rules = (text: string): RenewalRules => readRules(parseRenewalConf(text));
const params = (text: string): RenewalRules => rules(`[renewalparams]\n${text}\n`);
const hour = 3_600_000;

describe("the rules of a lineage's renewal", () => {
  it('have defaults', () => {
    const none = { reuseKey: false, autorenew: true, renewBefore: undefined, ignored: [] };
    expect(rules('')).toEqual(none);
    expect(rules('# renew_before_expiry = 30 days\n[renewalparams]\nrenew_hook = None\n')).toEqual(none);
  });

  it.each(['True', 'true', 'yes', 'on', '1'])('know %s for true', (text) => {
    expect(params(`reuse_key = ${text}\nautorenew = ${text}`)).toMatchObject({ reuseKey: true, autorenew: true });
  });

  it.each(['False', 'false', 'no', 'off', '0'])('know %s for false', (text) => {
    expect(params(`reuse_key = ${text}\nautorenew = ${text}`)).toMatchObject({ reuseKey: false, autorenew: false });
  });

  it('take the default for what is neither', () => {
    expect(params('reuse_key = maybe\nautorenew = maybe')).toMatchObject({ reuseKey: false, autorenew: true });
  });

  it.each<[string, number | undefined]>([
    ['30 days', 720 * hour],
    ['30', 720 * hour],
    ['1 day', 24 * hour],
    ['2 weeks', 336 * hour],
    ['12 hours', 12 * hour],
    ['90 Minutes', 1.5 * hour],
    ['3 days 12 hours', 84 * hour],
    ['0 days', 0],
    ['soon', undefined],
    ['-3 days', undefined],
    ['3 daysx', undefined],
    ['1e9 days', undefined],
    ['99999999 days', undefined],
    ['""', undefined],
  ])('read %s before expiry', (text, milliseconds) => {
    expect(rules(`renew_before_expiry = ${text}\n`).renewBefore).toBe(milliseconds);
  });

  it('look for the time before expiry where certbot does, and nowhere else', () => {
    expect(params('renew_before_expiry = 30 days').renewBefore).toBeUndefined();
  });

  it('tell what has no effect here', () => {
    const text = 'pre_hook = a\npost_hook = ""\nrenew_hook = """b \'c\'"""\npreferred_chain = X';
    expect(params(text).ignored).toEqual(['pre_hook', 'renew_hook', 'preferred_chain']);
  });
});
