import { describe, expect, it } from 'vitest';
import { readCrtList, withCertificate, withoutCertificate } from '../../../src-node/haproxy/crt-list.js';

const file = '/etc/haproxy/list.txt';
const read = (text: string): readonly (readonly [number, string, string])[] =>
  readCrtList(text, file).map(({ line, certificate, rest }) => [line, certificate, rest]);
const invalid = (line: number): unknown =>
  expect.objectContaining({ code: 'crt-list-invalid', message: expect.stringContaining(`Line ${line} `) as unknown });
const is =
  (wanted: string) =>
  (certificate: string): boolean =>
    certificate === wanted;

describe('readCrtList', () => {
  it('gives the certificates and, verbatim, what stands behind them', () => {
    const text = [
      '# certificates',
      '',
      ' \t ',
      'a.pem',
      '  b.pem [alpn h2,http/1.1]  shop.test !x.shop.test ',
      './c.pem[alpn h2]c.test',
      '/d.pem\t*.d.test # d',
      '@web/e [key e.key ocsp-update on] !*',
      'f.pem []',
    ];
    const expected = [
      [4, 'a.pem', ''],
      [5, 'b.pem', ' [alpn h2,http/1.1]  shop.test !x.shop.test '],
      [6, './c.pem', '[alpn h2]c.test'],
      [7, '/d.pem', '\t*.d.test # d'],
      [8, '@web/e', ' [key e.key ocsp-update on] !*'],
      [9, 'f.pem', ' []'],
    ];
    expect(read(text.join('\n'))).toEqual(expected);
    expect(read(text.join('\r\n') + '\r\n')).toEqual(expected);
    expect(read('')).toEqual([]);
  });

  it('takes a # behind a blank, and quotes, for a name, as HAProxy does', () => {
    expect(read(' # x\n"a b.pem"\na\\ b.pem\n')).toEqual([
      [1, '#', ' x'],
      [2, '"a', ' b.pem"'],
      [3, 'a\\', ' b.pem'],
    ]);
  });

  it.each(['[alpn h2] a.pem', 'a.pem [alpn h2', 'a.pem alpn h2]', 'a.pem [[ ]', 'a.pem [] ]', 'a.pem [x] [y]'])(
    'refuses %j with its number',
    (line) => {
      expect(() => readCrtList(`b.pem\n\n${line}\n`, file)).toThrow(invalid(3));
    },
  );
});

describe('withCertificate', () => {
  const entry = { certificate: 'new.pem', rest: ' [alpn h2] shop.test' };
  const line = 'new.pem [alpn h2] shop.test';

  it('adds a line and keeps each byte of the others', () => {
    expect(withCertificate('', entry, is('new.pem'))).toBe(`${line}\n`);
    expect(withCertificate(' a.pem \t\n#\n\n', entry, is('new.pem'))).toBe(` a.pem \t\n#\n\n${line}\n`);
    expect(withCertificate('a.pem\r\n#', entry, is('new.pem'))).toBe(`a.pem\r\n#\r\n${line}\r\n`);
    expect(withCertificate('a.pem', entry, is('new.pem'))).toBe(`a.pem\n${line}\n`);
  });

  it('adds nothing where an entry names the file', () => {
    const text = '# x\n  certs/new.pem !*';
    expect(withCertificate(text, entry, is('certs/new.pem'))).toBe(text);
    expect(withCertificate('#new.pem\n', entry, is('#new.pem'))).toBe(`#new.pem\n${line}\n`);
  });

  it('parts the certificate from what follows', () => {
    const added = (rest: string): string => withCertificate('', { certificate: 'a.pem', rest }, is('a.pem'));
    expect(['', 'x.test', '\tx.test', '[alpn h2]'].map(added)).toEqual([
      'a.pem\n',
      'a.pem x.test\n',
      'a.pem\tx.test\n',
      'a.pem[alpn h2]\n',
    ]);
  });

  it.each(['a b.pem', 'a\tb', '[a].pem', '#a.pem', 'a\nb', ''])('refuses the name %j', (certificate) => {
    const call = (): string => withCertificate('', { certificate, rest: '' }, is(certificate));
    expect(call).toThrow(expect.objectContaining({ code: 'crt-list-invalid' }));
  });
});

describe('withoutCertificate', () => {
  it('is the way back', () => {
    for (const text of ['', 'a.pem\n', '# x\r\n\r\nb.pem [alpn h2] b\r\n']) {
      const added = withCertificate(text, { certificate: 'new.pem', rest: ' x' }, is('new.pem'));
      expect(added).not.toBe(text);
      expect(withoutCertificate(added, is('new.pem'))).toBe(text);
    }
  });

  it('leaves other lines alone, those too that nobody understands', () => {
    expect(withoutCertificate('a.pem\nnew.pem\n]\n#new.pem\n a.pem', is('a.pem'))).toBe('new.pem\n]\n#new.pem\n');
  });
});
