import { expect, it } from 'vitest';
import { canonicalIp } from '../../../src-node/certificate/ip-address.js';

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['::1', '::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:0db8::0001', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
])('%s is the address %s', (text, address) => {
  expect(canonicalIp(text)).toBe(address);
});

it.each([
  ...['', 'a.example', '256.0.0.1', '192.0.2', '192.0.2.1.5', '010.0.0.1', '0x7f.0.0.1', '2130706433', '1.2.3.4/24'],
  ...['::1::', ':', '[::1]', 'fe80::1%eth0', '::1/128', '12345::', '1:2:3:4:5:6:7:8:9', 'dead.beef'],
])('%j is none', (text) => {
  expect(canonicalIp(text)).toBeUndefined();
});
