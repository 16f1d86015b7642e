import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import { resolveConfig } from '../../../src-node/config/resolve-config.js';
import type { GivenHaproxy } from '../../../src-node/lineage/haproxy-settings.js';

const resolve = (...args: readonly string[]): GivenHaproxy =>
  resolveConfig(parseCommand(['renew', ...args]), { env: {}, cwd: '/cwd' }).haproxy;

describe('the --haproxy flags', () => {
  it.each([
    ['s', '/cwd/s'],
    ['/run/s.sock', '/run/s.sock'],
    ['unix@s', '/cwd/s'],
    ['ipv4@10.0.0.1:9999', '10.0.0.1:9999'],
    ['[::1]:9999', '[::1]:9999'],
    ['node-2:9999', 'node-2:9999'],
  ])('take the stats socket %s as %s', (given, address) => {
    expect(resolve('--haproxy-socket', given).sockets).toEqual([address]);
  });

  it('take an empty reload command and unit for none', () => {
    expect(resolve('--haproxy-reload-command', '', '--haproxy-systemd-unit', '')).toMatchObject({
      reloadCommand: '',
      unit: '',
    });
  });

  it.each([
    ['--haproxy-deploy', 'reboot'],
    ['--haproxy-bundle', '../x.pem'],
    ['--haproxy-bundle', '.x.pem'],
    ['--haproxy-bundle', ''],
    ['--haproxy-socket', ''],
    ['--haproxy-socket', 'node:0'],
    ['--haproxy-socket', 'node:70000'],
    ['--haproxy-socket', 'abns@haproxy'],
    ['--haproxy-systemd-unit', '-x'],
    ['--haproxy-systemd-unit', 'a b'],
    ['--haproxy-reload-command', 'a\nb'],
    ['--haproxy-verify', '443'],
    ['--haproxy-verify', 'host:0'],
  ])('refuse %s %j', (...args) => {
    expect(() => resolve(...args)).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'usage' }));
  });

  it("refuse 'none' among the places to look at", () => {
    expect(resolve('--haproxy-verify', 'none').verify).toEqual(['none']);
    expect(() => resolve('--haproxy-verify', 'none', '--haproxy-verify', 'a:1')).toThrow();
  });
});
