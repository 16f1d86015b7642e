import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import type { SpoaOptions } from '../../../src-node/config/config.js';
import { resolveConfig } from '../../../src-node/config/resolve-config.js';

const resolve = (...args: readonly string[]): SpoaOptions =>
  resolveConfig(parseCommand(['spoa', ...args]), { env: {}, cwd: '/cwd' }).spoa;
const usage = expect.objectContaining({ name: 'ConfigError', code: 'usage' }) as unknown;
const [one, two] = ['a'.repeat(43), `${'b'.repeat(41)}-_`];

describe('the flags of spoa', () => {
  it('need not be given', () => {
    expect(resolve()).toEqual({
      ...{ listen: [{ host: '127.0.0.1', port: 12_345 }], control: undefined, webroots: [] },
      thumbprints: { hosts: new Map(), everywhere: undefined },
    });
  });

  it.each([
    ['127.0.0.1:12345', { host: '127.0.0.1', port: 12_345 }],
    ['ipv4@127.0.0.1:1', { host: '127.0.0.1', port: 1 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['/run/x.sock', { path: '/run/x.sock' }],
    ['unix@x.sock', { path: '/cwd/x.sock' }],
    ['./x:1', { path: '/cwd/x:1' }],
  ])('take the address %s', (given, address) => {
    expect(resolve('--listen', given).listen).toEqual([address]);
  });

  it.each(['', '12345', ':12345', '*:12345', '127.0.0.1', 'a:0', 'a:65536', '::1:80', '[a]:80', 'a b:80', 'unix@'])(
    'refuse the address %j',
    (given) => {
      expect(() => resolve('--listen', given)).toThrow(usage);
    },
  );

  it('may repeat, and have paths of the working directory', () => {
    expect(resolve('--listen', '/a', '--listen', 'b:1', '-w', 'web', '-w', '/w', '-w', 'web')).toMatchObject({
      listen: [{ path: '/a' }, { host: 'b', port: 1 }],
      webroots: ['/cwd/web', '/w'],
    });
    expect(resolve('--spoe-control', 'c.sock').control).toBe('/cwd/c.sock');
  });

  it('take thumbprints for names, addresses and all the rest, each once', () => {
    const given = [one, one, `A.Example.=${two}`, `[::0:1]=${one}`, `b.example=${one}`, `b.example=${one}`];
    expect(resolve(...given.flatMap((text) => ['--thumbprint', text])).thumbprints).toEqual({
      everywhere: one,
      hosts: new Map([
        ['a.example', two],
        ['::1', one],
        ['b.example', one],
      ]),
    });
  });

  it.each([
    ['one that is short', [one.slice(1)]],
    ['one that is padded', [`${one}=`]],
    ['one of base64', [`${one.slice(1)}+`]],
    ['two for all', [one, two]],
    ['two for one name', [`a.example=${one}`, `a.example=${two}`]],
    ['one for a wildcard', [`*.a.example=${one}`]],
  ])('refuse as thumbprints: %s', (_, given) => {
    expect(() => resolve(...given.flatMap((text) => ['--thumbprint', text]))).toThrow(usage);
  });

  it.each([['--json'], ['-d', 'a.example'], ['--spoe-control', '/a', '--spoe-control', '/b']])(
    'refuse what is no matter of an agent: %s',
    (...args) => {
      expect(() => resolve(...args)).toThrow(usage);
    },
  );
});
