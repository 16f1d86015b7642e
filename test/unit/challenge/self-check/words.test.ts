import { describe, expect, it } from 'vitest';
import type { Look } from '../../../../src-node/challenge/self-check/look.js';
import { lookText } from '../../../../src-node/challenge/self-check/words.js';

const token = 'Abcdefghij-klmnopqrst_uvwxyz0123456789ABCDE';
const thumbprint = 'Zyxwvutsrq-ponmlkjihg_fedcba9876543210ZYXWV';
const url = `http://a.test/.well-known/acme-challenge/${token}`;
const place = { address: '192.0.2.1', port: 80 };

function told(body: string): string {
  const reply = { status: 200, location: undefined, server: undefined, contentType: undefined, body };
  return lookText({ address: place.address, redirects: [], end: { kind: 'reply', url, place, reply } }, token);
}

function redirected(target: string): string {
  const end = { kind: 'not-followed', url, place, status: 302, target, reason: 'no' } as const;
  return lookText({ address: place.address, redirects: [], end }, token);
}

const prefix = 'http://a.test/.well-known/acme-challenge/TOKEN at 192.0.2.1:80 ';

describe('what was met', () => {
  it.each([
    ['nothing', '', 'nothing in it'],
    ['quotes and lines', 'a "b"\r\nc', '"a \\"b\\"\\r\\nc"'],
    ['control characters', '\u001b[2J\u009b', '"\\u001b[2J?"'],
    ['more than is shown', 'word '.repeat(20), `"${'word '.repeat(12)}"...`],
  ])('has the first bytes, escaped: %s', (_, body, shown) => {
    expect(told(body)).toBe(`${prefix}answers 200 with ${shown}`);
  });

  it.each([
    ['the key authorization', `${token}.${thumbprint}`],
    ['the token', `what about ${token}?`],
    ['that of another', `${thumbprint}.${token}`],
    ['a part of it', `<p>${token.slice(0, 30)}`],
    ['it in lower case', token.toLowerCase()],
  ])('has no secret of a body: %s', (_, body) => {
    const text = told(body);
    expect(text).toContain('TOKEN');
    expect(text.replace(prefix, '')).not.toMatch(/[A-Za-z0-9_-]{22}/);
  });

  it.each([
    [`https://www.a.test/?from=${token}`, 'https://www.a.test/?from=TOKEN'],
    [`https://${'long-'.repeat(8)}name.test/${token.toLowerCase()}`, `https://${'long-'.repeat(8)}name.test/TOKEN`],
    [`/login?${thumbprint}`, '/login?TOKEN'],
    [`https://a.test${token}/`, 'https://a.testTOKEN/'],
    ['', 'nowhere'],
    ['ftp://a\u0007b/', 'ftp://a?b/'],
  ])('has no secret of a redirect to %s', (target, shown) => {
    expect(redirected(target)).toBe(`${prefix}redirects (302) to ${shown}, and no`);
  });

  it('has the whole way', () => {
    const look: Look = {
      address: '2001:db8::1',
      redirects: [{ url, place: { address: '2001:db8::1', port: 80 }, status: 301 }],
      end: {
        kind: 'unconnected',
        url: 'https://a.test/',
        place: { address: '2001:db8::1', port: 443 },
        code: 'ETIMEDOUT',
      },
    };
    expect(lookText(look, token)).toBe(
      'http://a.test/.well-known/acme-challenge/TOKEN at [2001:db8::1]:80 redirects (301) to ' +
        'https://a.test/ at [2001:db8::1]:443 cannot be connected to (ETIMEDOUT)',
    );
  });
});
