import { describe, expect, it } from 'vitest';
import { decide, type Decision } from '../../../src-node/haproxy/config-conditions.js';

const isSet = (name: string): Decision => (name === 'MAYBE' ? undefined : name === 'HOME');

describe('decide', () => {
  it.each<[string, Decision]>([
    ['', false],
    ['0', false],
    ['0x0', false],
    ['1', true],
    ['-1', true],
    ['!0', true],
    ['!!1', true],
    ['defined(HOME)', true],
    ['defined(NONE)', false],
    ['defined(MAYBE)', undefined],
    ['streq(a,a)', true],
    ['streq(a, a)', false],
    ['streq(,)', true],
    ['streq("a,b",\'a,b\')', true],
    ['strneq(a,b)', true],
    ['strstr(abc,b)', true],
    ['version_atleast(2.4)', undefined],
    ['feature(OPENSSL)', undefined],
    ['!feature(OPENSSL)', undefined],
    ['0 && feature(OPENSSL)', false],
    ['feature(OPENSSL) && 0', false],
    ['1 && feature(OPENSSL)', undefined],
    ['feature(OPENSSL) && 1', undefined],
    ['1 || feature(OPENSSL)', true],
    ['feature(OPENSSL) || 1', true],
    ['feature(OPENSSL) || 0', undefined],
    ['1 || 1 && 0', true],
    ['(1 || 1) && 0', false],
    ['! ( defined(HOME) ) || 0', false],
    ['1 1', undefined],
    ['(1', undefined],
    ['1 &&', undefined],
    ['streq(a', undefined],
    ['?', undefined],
  ])('%j is %j', (condition, expected) => {
    expect(decide(condition, isSet)).toBe(expected);
  });
});
