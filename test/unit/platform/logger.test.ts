import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { redactingLoggers, type Logger } from '../../../src-node/platform/logger.js';

let lines: string[];
let component: (name: string) => Logger;
let logger: Logger;
beforeEach(() => {
  lines = [];
  component = redactingLoggers((level, name, text) => lines.push(`${level} ${name} ${text}`));
  logger = component('x');
});

/** What is logged of a text. */
const logged = (text: string): string => {
  logger.debug(text);
  return (lines.at(-1) ?? '').replace('debug x ', '');
};

const rsaKey = (): string =>
  generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;

const ecKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString();

const bodyOf = (key: string): readonly string[] =>
  key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));

/** No line of the key's body is in what was logged. */
function expectHidden(key: string): void {
  const all = lines.join('\n');
  expect(all).not.toBe('');
  expect(bodyOf(key).filter((line) => all.includes(line))).toEqual([]);
}

describe('a logger', () => {
  it('tells level, component and text', () => {
    logger.debug('a');
    logger.info('b');
    component('y').warn('c');
    logger.error('d');
    expect(lines).toEqual(['debug x a', 'info x b', 'warn y c', 'error x d']);
  });
});

describe('a secret', () => {
  it('is hidden on every level and in every component from then on', () => {
    expect(logged('before tokentoken')).toBe('before tokentoken');
    component('y').secret('tokentoken');
    logger.debug('tokentoken');
    logger.info('url/tokentoken/x tokentoken');
    logger.warn('tokentokentokentoken');
    logger.error('token token');
    expect(lines.slice(1)).toEqual([
      'debug x [redacted]',
      'info x url/[redacted]/x [redacted]',
      'warn x [redacted]',
      'error x token token',
    ]);
  });

  it('has eight characters at least, spaces around it not counted', () => {
    for (const word of ['', 'a', 'seven77', ' seven77 \n']) logger.secret(word);
    expect(logged('a seven77 ')).toBe('a seven77 ');
    logger.secret('  eight888\n');
    expect(logged('<eight888>')).toBe('<[redacted]>');
  });

  it('is no pattern', () => {
    logger.secret('a.*[b]$&\\d');
    expect(logged('a.*[b]$&\\d axxxb$&1')).toBe('[redacted] axxxb$&1');
  });

  it('is hidden whole where it begins as another, is in another, or overlaps another', () => {
    for (const value of ['12345678', '12345678abcd', 'abcdEFGHijkl', 'EFGHijkl']) logger.secret(value);
    expect(logged('12345678')).toBe('[redacted]');
    expect(logged('12345678abcd.')).toBe('[redacted].');
    expect(logged('-12345678abcdEFGHijkl- abcdEFGHijkl 12345678')).toBe('-[redacted]- [redacted] [redacted]');
  });

  it('of several lines is hidden whole, line by line, and with other line ends', () => {
    logger.secret('first line\nsecond line\n\nthird line\n');
    expect(logged('a first line\nsecond line\n\nthird line b')).toBe('a [redacted] b');
    expect(logged('first line\r\n  second line\r\nx')).toBe('[redacted]\r\n  [redacted]\r\nx');
    logger.secret(ecKey());
    expect(logged('-----BEGIN CERTIFICATE-----')).toBe('-----BEGIN CERTIFICATE-----');
  });

  it('is looked for in one pass, however many there are', () => {
    const values = Array.from({ length: 5_000 }, (_, index) => `${String(index).padStart(8, '0')}-secret`);
    for (const value of values) logger.secret(value);
    expect(logged(values.join(' '))).toBe(values.map(() => '[redacted]').join(' '));
    expect(logged('00000001-public')).toBe('00000001-public');
  });
});

describe('a private key that nobody told of', () => {
  const cut = '-----BEGIN PRIVATE KEY-----[redacted]-----END PRIVATE KEY-----';

  it.each([
    ['as it is', (key: string) => key],
    ['with CRLF', (key: string) => key.replaceAll('\n', '\r\n')],
    ['in JSON', (key: string) => JSON.stringify({ key })],
    ['indented', (key: string) => key.replaceAll('\n', '\n    | ')],
    ['without line ends', (key: string) => key.replaceAll('\n', ' ')],
    ['without its end', (key: string) => key.split('\n').slice(0, -3).join('\n')],
    ['without its start', (key: string) => key.split('\n').slice(2).join('\n')],
    ['without its start, in JSON', (key: string) => JSON.stringify(key).slice(60)],
  ])('is cut out %s', (_, form) => {
    for (const key of [rsaKey(), ecKey()]) {
      const text = logged(`it said: ${form(key)}`);
      expectHidden(key);
      expect(text).toContain('PRIVATE KEY-----');
      expect(text).toContain('[redacted]');
    }
  });

  it('leaves what is around it', () => {
    expect(logged(`a\n${rsaKey()}b\n${rsaKey()}c`)).toBe(`a\n${cut}\nb\n${cut}\nc`);
  });

  /** A key whose last line is short. */
  const raggedKey = `-----BEGIN PRIVATE KEY-----\n${'Ab+/'.repeat(16)}\n${'Cd09'.repeat(16)}\nEf8=\n-----END PRIVATE KEY-----`;

  it('is cut out line by line, with lines of other components between', () => {
    for (const key of [raggedKey, rsaKey()]) {
      for (const line of key.split('\n')) {
        logger.info(line);
        component('y').debug('meanwhile');
      }
      expectHidden(key);
    }
    expect(lines).toContain('info x [redacted]');
    expect(lines.filter((line) => line.startsWith('debug y ') && line !== 'debug y meanwhile')).toEqual([]);
    expect(logged('A'.repeat(64))).toBe('A'.repeat(64));
  });

  it('is cut out line by line with lines of its own source between, which stay', () => {
    const [begin = '', first = '', second = '', last = ''] = raggedKey.split('\n');
    for (const line of [begin, '', first, 'and: more', 'done', second, '', last, 'it is:', 'over']) logger.info(line);
    expectHidden(raggedKey);
    const expected = [begin, '', '[redacted]', 'and: more', 'done', '[redacted]', '', '[redacted]', 'it is:', 'over'];
    expect(lines).toEqual(expected.map((text) => `info x ${text}`));
  });

  it('is cut out where its first line is short', () => {
    logger.debug('-----BEGIN PRIVATE KEY-----');
    expect(logged('Ef8=')).toBe('[redacted]');
  });

  it('is not seen in certificates, public keys and words', () => {
    const certificate = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n-----END CERTIFICATE-----`;
    for (const text of [certificate, certificate.replaceAll('CERTIFICATE', 'PUBLIC KEY'), 'the PRIVATE KEY of it']) {
      expect(logged(text)).toBe(text);
    }
    expect(logged('the file lacks -----END PRIVATE KEY-----')).toBe('the file lacks -----END PRIVATE KEY-----');
  });

  it('takes time in proportion to the text', () => {
    const long = 'A'.repeat(2_000_000);
    const start = performance.now();
    expect(logged(`${long}-----END PRIVATE KEY`)).toHaveLength(long.length + 20);
    expect(logged(`-----BEGIN ${long}`)).toHaveLength(long.length + 11);
    expect(logged(`${long}-----END PRIVATE KEY-----`)).toBe('[redacted]-----END PRIVATE KEY-----');
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
