import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateAuthority, IssueStep } from '../../src-node/acme/certificate-authority.js';
import type { AuthoritySettings } from '../../src-node/acme/acme-authority.js';
import { readCertificate } from '../../src-node/certificate/x509.js';
import { issue, openAuthority, startAcmeStage, type AcmeStage } from '../support/acme-stage.js';
import { loopback } from '../support/loopback.js';

let stage: AcmeStage;
let authorities: CertificateAuthority[] = [];

beforeAll(async () => {
  stage = await startAcmeStage({ authzReuse: 100 });
});
afterEach(() => {
  for (const authority of authorities) authority.close();
  authorities = [];
});
afterAll(async () => await stage.stop());

const open = (settings?: AuthoritySettings): CertificateAuthority => {
  const authority = openAuthority(stage, settings);
  authorities.push(authority);
  return authority;
};
const steps = (of: readonly IssueStep[], kind: IssueStep['kind']): string[] =>
  of.filter((step) => step.kind === kind).map((step) => ('name' in step ? step.name : ''));

describe('the challenge', () => {
  it("is the publisher's own choice unless one is wished", async () => {
    const both = stage.publisher(['dns-01', 'http-01']);
    await issue({ authority: open(), names: ['own.test'], publisher: both });
    expect(both.published.map(({ type }) => type)).toEqual(['dns-01']);
    expect(both.open.size).toBe(0);
  });

  it('is the first of those wished that the publisher answers', async () => {
    const both = stage.publisher(['dns-01', 'http-01']);
    const wishes = { challenges: ['http-01', 'dns-01'] } as const;
    await issue({ authority: open(), names: ['wished.test'], publisher: both, wishes });
    expect(both.published.map(({ type }) => type)).toEqual(['http-01']);
    const dns = stage.publisher(['dns-01']);
    await issue({ authority: open(), names: ['wished.test'], publisher: dns, wishes });
    expect(dns.published.map(({ type }) => type)).toEqual(['dns-01']);
  });

  it('is missing where none fits, which ends the order before anything is published', async () => {
    const http = stage.publisher(['http-01']);
    const wildcard = issue({ authority: open(), names: ['a.test', '*.a.test'], publisher: http });
    await expect(wildcard).rejects.toMatchObject({
      code: 'acme-no-challenge',
      message: expect.stringMatching(/\*\.a\.test.*dns-01.*http-01/) as string,
    });
    const wishes = { challenges: ['dns-01'] } as const;
    const unanswered = issue({ authority: open(), names: ['a.test'], publisher: http, wishes });
    await expect(unanswered).rejects.toMatchObject({ code: 'acme-no-challenge' });
    expect(http.published).toEqual([]);
  });

  it('of a wildcard and its own domain are two of dns-01', async () => {
    const dns = stage.publisher(['dns-01']);
    const names = ['wild.test', '*.wild.test'];
    const issued = await issue({ authority: open(), names, publisher: dns });
    expect(dns.published.map(({ name }) => name)).toEqual(['wild.test', 'wild.test']);
    expect(new Set(dns.published.map(({ validation }) => validation)).size).toBe(2);
    expect(steps(issued.steps, 'validated').sort()).toEqual(['*.wild.test', 'wild.test']);
    expect([...readCertificate(issued.chain).names].sort()).toEqual(['*.wild.test', 'wild.test']);
    expect(dns.open.size).toBe(0);
  });

  it('of an address is http-01', async () => {
    const publisher = stage.publisher(['dns-01', 'http-01']);
    const names = [loopback, '::1', 'beside.test'];
    const issued = await issue({ authority: open(), names, publisher, wishes: { challenges: ['http-01'] } });
    expect([...readCertificate(issued.chain).names].sort()).toEqual([...names].sort());
    expect(publisher.published.map(({ name }) => name).sort()).toEqual([...names].sort());
  });
});

describe('a name that fails', () => {
  const wrong = ({ name }: { readonly name: string }): boolean => name.startsWith('bad');

  it('keeps the others from a certificate unless it may be left out', async () => {
    const publisher = stage.publisher(['http-01'], wrong);
    const whole = issue({ authority: open(), names: ['bad.test', 'good.test', 'bad2.test'], publisher });
    await expect(whole).rejects.toMatchObject({
      code: 'acme-authorization-failed',
      details: expect.arrayContaining([
        expect.stringContaining('bad.test: '),
        expect.stringContaining('bad2.test: '),
      ]) as string[],
    });
    expect(publisher.open.size).toBe(0);
  });

  it('is left out, told by its own words', async () => {
    const publisher = stage.publisher(['http-01'], wrong);
    const names = ['good1.test', 'bad.test', '*.wild2.test', 'good2.test'];
    const issued = await issue({ authority: open(), names, publisher, wishes: { allowSubset: true } });
    expect(issued.names).toEqual(['good1.test', 'good2.test']);
    expect([...readCertificate(issued.chain).names].sort()).toEqual(['good1.test', 'good2.test']);
    const left = issued.steps.filter((step) => step.kind === 'left-out');
    expect(left).toEqual([
      { kind: 'left-out', name: '*.wild2.test', reason: expect.stringContaining('dns-01') as string },
      { kind: 'left-out', name: 'bad.test', reason: expect.stringMatching(/unauthorized|incorrect/i) as string },
    ]);
    expect(publisher.open.size).toBe(0);
  });

  it('is an error where no name is left', async () => {
    const publisher = stage.publisher(['http-01'], wrong);
    const all = issue({
      authority: open(),
      names: ['bad.test', 'bad2.test'],
      publisher,
      wishes: { allowSubset: true },
    });
    await expect(all).rejects.toMatchObject({ code: 'acme-authorization-failed' });
    expect(publisher.open.size).toBe(0);
  });
});

describe('an authorization that is valid already', () => {
  it('is taken as it is, and is shown anew where that is wished', async () => {
    const lines: string[] = [];
    const authority = open(stage.settings({ log: (line) => lines.push(line) }));
    const publisher = stage.publisher(['http-01']);
    await issue({ authority, names: ['again.test'], publisher });
    const taken = await issue({ authority, names: ['again.test'], publisher });
    expect(steps(taken.steps, 'already-valid')).toEqual(['again.test']);
    expect(publisher.published).toHaveLength(1);
    const anew = await issue({ authority, names: ['again.test', 'more.test'], publisher, wishes: { fresh: true } });
    expect(steps(anew.steps, 'ordered-anew')).toHaveLength(1);
    expect(steps(anew.steps, 'validated').sort()).toEqual(['again.test', 'more.test']);
    expect(publisher.published).toHaveLength(3);
    expect(lines.filter((line) => line.includes('Recreating order after authz deactivation'))).toHaveLength(1);
    const first = await issue({ authority, names: ['first.test'], publisher, wishes: { fresh: true } });
    expect(steps(first.steps, 'ordered-anew')).toEqual([]);
  });
});

describe('a plain order', () => {
  it('takes no request more than it needs', async () => {
    const lines: string[] = [];
    const authority = open(stage.settings({ log: (line) => lines.push(line.replace(/ \d+ ms$/, '')) }));
    await issue({ authority, names: ['few.test'], publisher: stage.publisher(['http-01']) });
    const path = (line: string): string => line.replace(/https:\/\/[^/]+(\/[^/ ]+)\S*/, '$1');
    const polls = lines.map(path).filter((line, index, all) => line !== all[index - 1]);
    // A nonce is asked for where no order went before.
    expect(polls.filter((line) => !line.startsWith('HEAD'))).toEqual([
      ...['GET /dir 200', 'POST /sign-me-up 201', 'POST /order-plz 201'],
      ...['POST /authZ 200', 'POST /chalZ 200', 'POST /authZ 200', 'POST /finalize-order 200'],
      ...['POST /my-order 200', 'POST /certZ 200'],
    ]);
  });
});

describe('the preferred chain', () => {
  let alternates: AcmeStage;
  beforeAll(async () => {
    alternates = await startAcmeStage({ env: { PEBBLE_ALTERNATE_ROOTS: '2' } });
  });
  afterAll(async () => await alternates.stop());

  const root = async (index: number): Promise<string> => {
    const pem = await alternates.pebble.management(`/roots/${index}`);
    return new X509Certificate(pem).subject.replace(/^CN=/, '');
  };

  it('is the one with this topmost issuer, else the default one', async () => {
    const authority = openAuthority(alternates);
    authorities.push(authority);
    const publisher = alternates.publisher(['http-01']);
    const topmost = async (preferredChain: string | undefined): Promise<[string, boolean]> => {
      const issued = await issue({ authority, names: ['chain.test'], publisher, wishes: { preferredChain } });
      const last = issued.chain.split('-----BEGIN').at(-1) ?? '';
      const unmatched = issued.steps.some((step) => step.kind === 'chain-unmatched');
      return [new X509Certificate(`-----BEGIN${last}`).issuer.replace(/^CN=/, ''), unmatched];
    };
    const roots = [await root(0), await root(1), await root(2)];
    expect(new Set(roots).size).toBe(3);
    expect(await topmost(undefined)).toEqual([roots[0], false]);
    expect(await topmost(roots[2])).toEqual([roots[2], false]);
    expect(await topmost(roots[0])).toEqual([roots[0], false]);
    expect(await topmost('No Such Root')).toEqual([roots[0], true]);
    expect(await topmost(roots[1]?.toLowerCase())).toEqual([roots[0], true]);
  });
});
