import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src-node/config/config-error.js';
import { domainName } from '../../../src-node/config/domain-name.js';

describe('domainName', () => {
  it.each([
    ['example.com', 'example.com'],
    ['  Example.COM. ', 'example.com'],
    ['*.Example.com', '*.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['faß.de', 'xn--fa-hia.de'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['*.münchen.example', '*.xn--mnchen-3ya.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['a。b', 'a.b'],
    ['ex\u00adample.com', 'example.com'],
    ['ＦＵＬＬ.example', 'full.example'],
    ['a--b.example', 'a--b.example'],
    ['1a.2b.3c', '1a.2b.3c'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
    [`${'a.'.repeat(125)}abc`, `${'a.'.repeat(125)}abc`],
  ])('writes %j as %j', (given, expected) => {
    expect(domainName(given)).toBe(expected);
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['.', 'empty'],
    ['*.', 'empty'],
    ['*', 'wildcard'],
    ['localhost', 'dot'],
    ['*.com', 'dot'],
    ['a..b', 'empty label'],
    ['.a.b', 'empty label'],
    ['a.*.b', 'wildcard'],
    ['*a.b.c', 'wildcard'],
    ['*.*.b.c', 'wildcard'],
    ['https://a.example/', 'no URL'],
    ['a.example:443', 'no URL'],
    ['user@a.example', 'no URL'],
    ['a b.example', 'no URL'],
    ['a%2eb.example', 'no URL'],
    ['a\u0000b.example', 'A-labels'],
    ['under_score.example', 'label'],
    ['-a.example', 'label'],
    ['a-.example', 'label'],
    ['a.example..', 'label'],
    ["a'b.example", 'label'],
    ['192.0.2.1', 'IP address'],
    ['0x7f.1', 'IP address'],
    ['2001:db8::1', 'IP address'],
    ['::1', 'IP address'],
    ['[::1]', 'no URL'],
    ['xn--a.example', 'A-labels'],
    ['a.1', 'number|A-labels'],
    [`${'a'.repeat(64)}.example`, '63'],
    [`${'a.'.repeat(126)}ab`, '253'],
    [`${'ü'.repeat(60)}.example`, '63'],
  ])('refuses %j: %s', (given, reason) => {
    const refuse = (): string => domainName(given);
    expect(refuse).toThrow(ConfigError);
    expect(refuse).toThrow(expect.objectContaining({ code: 'name-invalid' }));
    expect(refuse).toThrow(new RegExp(reason));
  });

  it('shows no control characters, and not all of an endless name', () => {
    expect(() => domainName('\u001b[31mred.example')).toThrow(/'\?\[31mred\.example'/);
    const error = ((): unknown => {
      try {
        return domainName('a'.repeat(100_000));
      } catch (thrown) {
        return thrown;
      }
    })();
    expect((error as Error).message.length).toBeLessThan(500);
  });
});
