import { describe, expect, it } from 'vitest';
import { optionEntries } from '../../../src-node/cli/options/option-table.js';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import type { ParsedCommand } from '../../../src-node/config/raw-options.js';

const parse = (line: string): ParsedCommand => parseCommand(line === '' ? [] : line.split(' '));

describe('the flags of the option table', () => {
  it.each(optionEntries.flatMap(([key, spec]) => spec.flags.map((flag) => [flag, key, spec.kind] as const)))(
    '%s is taken by itself, with its value, and the last one wins',
    (flag, key, kind) => {
      const once = { switch: true, count: 1, integer: 4096, text: 'x', list: ['x'] };
      const twice = { switch: true, count: 2, integer: 2048, text: 'y', list: ['x', 'y'] };
      const [first, second] = kind === 'integer' ? ['4096', '2048'] : ['x', 'y'];
      const words = (value: string): string[] => (kind === 'switch' || kind === 'count' ? [flag] : [flag, value]);
      const verb = key === 'help' ? 'help' : 'renew';
      expect(parseCommand(['renew', ...words(first)])).toMatchObject({ verb, options: { [key]: once[kind] } });
      expect(parseCommand([...words(first), 'renew', ...words(second)]).options).toEqual({ [key]: twice[kind] });
      if (kind === 'switch' || kind === 'count') return;
      expect(parseCommand([`${flag}=${first}`]).options).toEqual({ [key]: once[kind] });
      expect(() => parseCommand(['renew', flag])).toThrow(expect.objectContaining({ code: 'usage' }));
    },
  );

  it.each([
    ['--stag', { staging: true }],
    ['--no-reuse', { reuseKey: false }],
    ['--no-directory-hooks', { directoryHooks: false }],
    ['--preferred-challenge dns', { preferredChallenges: 'dns' }],
    ['--no-verify', { noVerifySsl: true }],
    ['--force-r', { forceRenewal: true }],
    ['--renew-b', { forceRenewal: true }],
    ['--haproxy-ce=x', { haproxyCertDir: 'x' }],
    ['--non', { nonInteractive: true }],
    ['--config-d x', { configDir: 'x' }],
    ['--webroot', { webroot: true }],
    ['--webroot-p x', { webrootPath: ['x'] }],
    ['--dom x', { domains: ['x'] }],
  ])('may be cut short: %s', (words, options) => {
    expect(parse(`renew ${words}`).options).toEqual(options);
  });

  it.each([
    'renew --haproxy-c x',
    'renew --force',
    'renew --renew',
    'renew --re',
    'renew --e x',
    'renew --unknown=x',
    'renew -z',
    'renew -nz',
    'renew --rsa-key-size=',
    'renew --rsa-key-size 1e3',
    'renew --rsa-key-size 99999999999',
    'renew --quiet=',
    'renew --verify-ssl',
    'renew --no-v',
    'renew --no-autorenew=yes',
    'renew -- --json',
  ])('are refused by usage where they are ambiguous, unknown or have a wrong value: %s', (line) => {
    expect(() => parse(line)).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'usage' }));
  });

  it('have nothing of one call in the next', () => {
    parse('renew -d a --json');
    expect(parse('renew')).toEqual({ verb: 'renew', topic: undefined, options: {}, order: [], notes: [] });
  });
});
