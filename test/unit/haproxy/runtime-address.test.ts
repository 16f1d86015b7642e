import { describe, expect, it } from 'vitest';
import { parseRuntimeAddress } from '../../../src-node/haproxy/runtime-address.js';

describe('parseRuntimeAddress', () => {
  it.each([
    ['/run/haproxy.sock', { path: '/run/haproxy.sock' }],
    ['/run/with space:1.sock', { path: '/run/with space:1.sock' }],
    ['unix@/run/haproxy.sock', { path: '/run/haproxy.sock' }],
    ['unix@run/haproxy.sock', { path: 'run/haproxy.sock' }],
    ['lb.example:9999', { host: 'lb.example', port: 9999, family: 0 }],
    ['127.0.0.1:9999', { host: '127.0.0.1', port: 9999, family: 0 }],
    ['[::1]:9999', { host: '::1', port: 9999, family: 0 }],
    ['::1:9999', { host: '::1', port: 9999, family: 0 }],
    ['*:9999', { host: 'localhost', port: 9999, family: 0 }],
    [':9999', { host: 'localhost', port: 9999, family: 0 }],
    ['ipv4@lb.example:1', { host: 'lb.example', port: 1, family: 4 }],
    ['ipv6@[2001:db8::1]:65535', { host: '2001:db8::1', port: 65_535, family: 6 }],
    ['ipv6@2001:db8::1:80', { host: '2001:db8::1', port: 80, family: 6 }],
  ])('reads %s', (address, endpoint) => {
    expect(parseRuntimeAddress(address)).toEqual(endpoint);
  });

  it.each([
    ...['', 'haproxy.sock', 'unix@', 'abns@haproxy', 'abnsz@haproxy', 'fd@3', 'sockpair@4'],
    ...['host:', 'host:0', 'host:65536', 'host:http', 'ipv4@/run/haproxy.sock'],
  ])('refuses %j', (address) => {
    expect(() => parseRuntimeAddress(address)).toThrow(expect.objectContaining({ code: 'runtime-unreachable' }));
  });
});
