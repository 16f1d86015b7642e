import { describe, expect, it } from 'vitest';
import { isInside, isOwnInability } from '../../../../src-node/challenge/self-check/inability.js';

/** Behind a router that translates addresses, with IPv6 in the local network alone. */
const inside = { addresses: ['127.0.0.1', '192.168.1.5', '::1', 'fe80::1', 'fd00::5'] };
/** With a public address of each family. */
const outside = { addresses: ['127.0.0.1', '203.0.113.5', '10.0.0.5', '::1', '2a01:db8::5'] };
const only4 = { addresses: ['127.0.0.1', '203.0.113.5'] };

describe('a connection that failed is our own inability', () => {
  it.each(['ENETUNREACH', 'EHOSTUNREACH', 'EAFNOSUPPORT', 'EADDRNOTAVAIL'])('where there is no route: %s', (code) => {
    expect(isOwnInability({ code }, '2a01:db8::9', outside)).toBe(true);
    expect(isOwnInability({ code }, '203.0.113.5', outside)).toBe(true);
  });

  it.each(['ETIMEDOUT', 'ECONNREFUSED', 'ECONNRESET'])(
    "where a router is between us and the name's address: %s",
    (code) => {
      expect(isOwnInability({ code }, '203.0.113.9', inside)).toBe(true);
      expect(isOwnInability({ code }, '2a01:db8::9', inside)).toBe(true);
      expect(isOwnInability({ code }, '2a01:db8::9', only4)).toBe(true);
    },
  );
});

describe('a connection that failed is the fault of what is there', () => {
  it.each(['ETIMEDOUT', 'ECONNREFUSED', 'ECONNRESET'])('where this machine has a public address itself: %s', (code) => {
    expect(isOwnInability({ code }, '203.0.113.9', outside)).toBe(false);
    expect(isOwnInability({ code }, '2a01:db8::9', outside)).toBe(false);
    expect(isOwnInability({ code }, '203.0.113.9', only4)).toBe(false);
  });

  it.each(['192.168.1.5', '127.0.0.1', '127.3.2.1', '::1', 'fd00::5', 'FD00:0::5'])(
    'where the address is its own: %s',
    (address) => {
      expect(isOwnInability({ code: 'ECONNREFUSED' }, address, inside)).toBe(false);
      expect(isOwnInability({ code: 'ETIMEDOUT' }, address, inside)).toBe(false);
    },
  );

  it.each(['HPE_INVALID_CONSTANT', 'ERR_SSL_WRONG_VERSION_NUMBER'])('where something else answered: %s', (code) => {
    expect(isOwnInability({ code }, '203.0.113.9', inside)).toBe(false);
  });
});

describe('a public address', () => {
  it.each(['0.0.0.1', '10.1.1.1', '100.64.0.1', '169.254.1.1', '172.16.0.1', '172.31.255.1', '192.168.255.1'])(
    'is not %s',
    (own) => {
      expect(isOwnInability({ code: 'ETIMEDOUT' }, '203.0.113.9', { addresses: [own] })).toBe(true);
    },
  );

  it.each(['9.9.9.9', '100.128.0.1', '172.32.0.1', '192.169.0.1'])('is %s', (own) => {
    expect(isOwnInability({ code: 'ETIMEDOUT' }, '203.0.113.9', { addresses: [own] })).toBe(false);
  });
});

describe('an address inside', () => {
  it.each(['127.0.0.1', '169.254.169.254', '::1', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1'])('is %s', (address) => {
    expect(isInside(address)).toBe(true);
  });

  it.each(['203.0.113.9', '2a01:db8::9', '::ffff:9.9.9.9'])('is not %s', (address) => {
    expect(isInside(address)).toBe(false);
  });
});
