import { beforeEach, describe, expect, it } from 'vitest';
import { createLeases, type Leases } from '../../../src-node/challenge/leases.js';

const challenge = (token: string, thumbprint = 'x'): { token: string; keyAuthorization: string } => ({
  token,
  keyAuthorization: `${token}.${thumbprint}`,
});

describe('leases', () => {
  let leases: Leases;
  beforeEach(() => {
    leases = createLeases(3);
  });

  it('are there from publishing to withdrawing', () => {
    const holder = leases.open();
    expect(leases.find('a')).toBeUndefined();
    expect(holder.publish([challenge('a'), challenge('b')])).toBe(true);
    expect([leases.find('a'), leases.find('b'), leases.size()]).toEqual(['a.x', 'b.x', 2]);
    holder.withdraw(['a', 'never']);
    expect([leases.find('a'), leases.find('b'), leases.size()]).toEqual([undefined, 'b.x', 1]);
  });

  it('end with their holder, and no other', () => {
    const [one, two] = [leases.open(), leases.open()];
    one.publish([challenge('a'), challenge('b')]);
    two.publish([challenge('c')]);
    two.withdraw(['a']);
    one.end();
    expect([leases.find('a'), leases.find('b'), leases.find('c')]).toEqual([undefined, undefined, 'c.x']);
  });

  it('of one token that several hold are there until the last has gone', () => {
    const [one, two] = [leases.open(), leases.open()];
    one.publish([challenge('a', 'one')]);
    two.publish([challenge('a', 'two')]);
    expect(leases.find('a')).toBe('a.two');
    two.end();
    expect(leases.find('a')).toBe('a.one');
    one.withdraw(['a']);
    expect([leases.find('a'), leases.size()]).toEqual([undefined, 0]);
  });

  it('are taken all or none where there would be too many', () => {
    const holder = leases.open();
    expect(holder.publish(['a', 'b', 'c', 'd'].map((token) => challenge(token)))).toBe(false);
    expect(leases.size()).toBe(0);
    expect(holder.publish(['a', 'b', 'c'].map((token) => challenge(token)))).toBe(true);
    expect(holder.publish([challenge('d')])).toBe(false);
    // What is known takes no room.
    expect(holder.publish([challenge('c', 'y')])).toBe(true);
    expect(leases.find('c')).toBe('c.y');
    holder.withdraw(['a']);
    expect(holder.publish([challenge('d')])).toBe(true);
  });
});
