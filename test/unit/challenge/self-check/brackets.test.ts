import { expect, it } from 'vitest';
import { bracketed, hostOf } from '../../../../src-node/challenge/self-check/brackets.js';

it.each([
  ['2001:db8::1', '[2001:db8::1]'],
  ['192.0.2.1', '192.0.2.1'],
  ['a.test', 'a.test'],
])('%s stands in a URL as %s, and comes out of it', (host, shown) => {
  expect(bracketed(host)).toBe(shown);
  expect(hostOf(new URL(`http://${shown}:80/`))).toBe(host);
});
