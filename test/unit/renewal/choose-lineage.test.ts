import { describe, expect, it } from 'vitest';
import { chooseLineage, type Choice, type Wish } from '../../../src-node/renewal/choose-lineage.js';
import { testCandidate } from '../../support/test-lineage.js';

const candidates = [
  testCandidate('a', ['a.example']),
  testCandidate('ab', ['a.example', 'b.example']),
  testCandidate('other', ['c.example', 'd.example']),
];
const taken = new Set(['a', 'ab', 'other', 'broken.example']);
const choose = (wish: Partial<Wish>, from = candidates): Choice =>
  chooseLineage(
    { certName: undefined, names: [], expand: false, newNames: false, duplicate: false, ...wish },
    from,
    taken,
  );
const code = (wanted: string): unknown => expect.objectContaining({ name: 'RenewalError', code: wanted });
const named = (choice: Choice): string =>
  `${choice.kind} ${choice.kind === 'new' ? choice.certName : choice.candidate.lineage.certName}`;

describe('chooseLineage by names', () => {
  it('finds the lineage of exactly these names, in any order', () => {
    expect(named(choose({ names: ['a.example'] }))).toBe('same a');
    expect(choose({ names: ['b.example', 'a.example'] })).toMatchObject({ names: ['b.example', 'a.example'] });
    expect(named(choose({ names: ['b.example', 'a.example'] }))).toBe('same ab');
  });

  it('makes another one of the same names by --duplicate', () => {
    expect(named(choose({ names: ['a.example'], duplicate: true }))).toBe('new a.example');
    expect(choose({ names: ['other'], duplicate: true })).toMatchObject({ kind: 'new', certName: 'other-0001' });
  });

  it('makes a new one, named after the first name, where none is part of the wish', () => {
    expect(named(choose({ names: ['x.example', 'c.example'] }))).toBe('new x.example');
    expect(named(choose({ names: ['b.example'] }))).toBe('new b.example');
    expect(named(choose({ names: ['*.x.example'] }))).toBe('new x.example');
    expect(named(choose({ names: ['broken.example'] }))).toBe('new broken.example-0001');
  });

  it('refuses to grow a lineage unless told to', () => {
    expect(() => choose({ names: ['a.example', 'x.example'] })).toThrow(code('names-differ'));
    expect(() => choose({ names: ['a.example', 'x.example'], newNames: true })).toThrow(code('names-differ'));
  });

  it('grows the one of most names', () => {
    const names = ['x.example', 'b.example', 'a.example'];
    expect(choose({ names, expand: true })).toMatchObject({ kind: 'changed', names });
    expect(named(choose({ names, expand: true }))).toBe('changed ab');
    expect(named(choose({ names, expand: true }, [...candidates].reverse()))).toBe('changed ab');
  });

  it('takes a certificate without names for part of nothing', () => {
    expect(named(choose({ names: ['x.example'] }, [testCandidate('nameless', [])]))).toBe('new x.example');
  });
});

describe('chooseLineage beside a companion', () => {
  const names = ['a.example'];
  const pair = [testCandidate('shop-rsa', names), testCandidate('shop', names)];

  it('takes the one that the other is named after', () => {
    for (const from of [pair, [...pair].reverse()]) {
      expect(named(choose({ names }, from))).toBe('same shop');
      expect(named(choose({ names: [...names, 'x.example'], expand: true }, from))).toBe('changed shop');
    }
  });

  it('takes what is named so and is none', () => {
    expect(named(choose({ names }, pair.slice(0, 1)))).toBe('same shop-rsa');
    const others = [testCandidate('shop-rsa', names), testCandidate('shop', ['b.example'])];
    expect(named(choose({ names }, others))).toBe('same shop-rsa');
  });
});

describe('chooseLineage by --cert-name', () => {
  it('takes the lineage with its own names where none or the same are given', () => {
    expect(choose({ certName: 'ab' })).toMatchObject({ kind: 'same', names: ['a.example', 'b.example'] });
    expect(choose({ certName: 'ab', names: ['b.example', 'a.example'] })).toMatchObject({
      kind: 'same',
      names: ['a.example', 'b.example'],
    });
  });

  it('takes the lineage that is named, though another has exactly these names', () => {
    expect(() => choose({ certName: 'a', names: ['c.example', 'd.example'] })).toThrow(code('names-differ'));
    expect(named(choose({ certName: 'a', names: ['c.example'], newNames: true }))).toBe('changed a');
  });

  it('grows by --expand, but takes no name away by it', () => {
    expect(named(choose({ certName: 'a', names: ['a.example', 'x.example'], expand: true }))).toBe('changed a');
    expect(() => choose({ certName: 'ab', names: ['a.example'], expand: true })).toThrow(code('names-differ'));
  });

  it('makes a new one of that name, or says that there is none', () => {
    expect(named(choose({ certName: 'fresh', names: ['a.example'] }))).toBe('new fresh');
    expect(() => choose({ certName: 'fresh' })).toThrow(code('no-such-lineage'));
  });
});
