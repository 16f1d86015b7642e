import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src-node/cli/parse-command.js';

function refusal(...args: string[]): string {
  try {
    parseCommand(args);
  } catch (error) {
    expect(error).toMatchObject({ code: 'usage' });
    return (error as Error).message;
  }
  throw new Error('was taken');
}

describe('a command line is taken apart as certbot does', () => {
  it('takes a value after the flag, after =, and attached to a short flag', () => {
    for (const args of [['-d', 'a.test'], ['--domain', 'a.test'], ['--domain=a.test'], ['-da.test'], ['-d=a.test']]) {
      expect(parseCommand(args).options).toEqual({ domains: ['a.test'] });
    }
  });

  it('takes a value that has a = in it', () => {
    expect(parseCommand(['--server=https://ca.test/?a=b']).options).toEqual({ server: 'https://ca.test/?a=b' });
  });

  it('takes short switches together, and a value at their end', () => {
    expect(parseCommand(['-nqd', 'a.test']).options).toEqual({
      nonInteractive: true,
      quiet: true,
      domains: ['a.test'],
    });
  });

  it('finds the command anywhere, and words after --', () => {
    expect(parseCommand(['-q', 'renew', '--force-renewal']).verb).toBe('renew');
    expect(parseCommand(['-q', '--', 'renew']).verb).toBe('renew');
    expect(parseCommand(['-q']).verb).toBeUndefined();
  });

  it('lets the last value win, and adds up lists', () => {
    expect(parseCommand(['-m', 'a@a.test', '-m', 'b@a.test']).options).toEqual({ email: 'b@a.test' });
    expect(parseCommand(['-d', 'a.test', '-d', 'b.test']).options).toEqual({ domains: ['a.test', 'b.test'] });
  });

  it('takes for a value what begins with a dash where it cannot be a flag', () => {
    const options = parseCommand(['--pre-hook', '-v off', '--post-hook=--off', '--cert-name', '-5']).options;
    expect(options).toEqual({ preHook: '-v off', postHook: '--off', certName: '-5' });
  });

  it('keeps the order of -w and -d, which decides whose webroot one is', () => {
    expect(parseCommand(['-w', '/a', '-d', 'a.test', '-w', '/b']).order).toEqual([
      { key: 'webrootPath', value: '/a' },
      { key: 'domains', value: 'a.test' },
      { key: 'webrootPath', value: '/b' },
    ]);
  });

  it('takes a long flag cut short while it is unambiguous', () => {
    expect(parseCommand(['--force-ren', '--dom=a.test']).options).toEqual({ forceRenewal: true, domains: ['a.test'] });
    expect(parseCommand(['--webroot']).options).toEqual({ webroot: true });
    expect(refusal('--haproxy')).toContain('--haproxy-cert-dir');
  });

  it('refuses, with the flag, what it cannot take', () => {
    expect(refusal('--nonsense')).toContain('--nonsense');
    expect(refusal('-?')).toContain('-?');
    expect(refusal('renew', '-d')).toContain('-d');
    expect(refusal('--csr', '--quiet')).toContain('--csr');
    expect(refusal('-d', '-q')).toContain('-d');
    expect(refusal('--quiet=yes')).toContain('--quiet');
    expect(refusal('--rsa-key-size', 'big')).toContain('--rsa-key-size');
    expect(refusal('renew', 'certonly')).toContain('certonly');
  });

  it.each([
    [['help'], undefined],
    [['-h'], undefined],
    [['--help', 'renew'], 'renew'],
    [['renew', '--help'], 'renew'],
    [['help', 'renew'], 'renew'],
    [['help', 'help'], 'help'],
    [['--hel', 'all', '-q'], 'all'],
  ])('takes %s for help, with its topic', (args, topic) => {
    expect(parseCommand(args)).toMatchObject({ verb: 'help', topic });
  });
});
