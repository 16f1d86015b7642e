import { describe, expect, it } from 'vitest';
import { firstOf, leaseSource, thumbprintSource } from '../../../src-node/challenge/answer-sources.js';
import { createLeases } from '../../../src-node/challenge/leases.js';

const thumbprint = 'a'.repeat(43);
const keyAuthorization = `tok.${thumbprint}`;
const wanted = { token: 'tok', host: 'a.example' };

describe('thumbprints', () => {
  const source = thumbprintSource(thumbprint, new Map([['b.example', 'b'.repeat(43)]]));
  it('answer for their host before the one for all', () => {
    expect(source(wanted)).toBe(keyAuthorization);
    expect(source({ ...wanted, host: 'b.example' })).toBe(`tok.${'b'.repeat(43)}`);
    expect(thumbprintSource(undefined, new Map())(wanted)).toBeUndefined();
  });
});

describe('several sources', () => {
  it('are asked in their order, the first that knows answers, and none waits that need not', async () => {
    const leases = createLeases(1);
    leases.open().publish([{ token: 'leased', keyAuthorization: 'leased.x' }]);
    const asked: string[] = [];
    const slow = async (found: string | undefined): Promise<string | undefined> => {
      asked.push('slow');
      return await Promise.resolve(found);
    };
    const last = thumbprintSource(thumbprint, new Map());
    const all = firstOf([leaseSource(leases), async () => await slow(undefined), last]);
    expect(all({ ...wanted, token: 'leased' })).toBe('leased.x');
    expect(asked).toEqual([]);
    expect(await all(wanted)).toBe(keyAuthorization);
    expect(await firstOf([async () => await slow('found'), last])(wanted)).toBe('found');
    expect(await firstOf([async () => await slow(undefined)])(wanted)).toBeUndefined();
    expect(firstOf([])(wanted)).toBeUndefined();
  });
});
