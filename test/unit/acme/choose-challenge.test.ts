import { describe, expect, it } from 'vitest';
import { challengeOrder, chooseChallenge } from '../../../src-node/acme/choose-challenge.js';
import { readAuthorization } from '../../../src-node/acme/resources.js';

const authorization = (...types: readonly string[]): ReturnType<typeof readAuthorization> =>
  readAuthorization(
    {
      status: 'pending',
      identifier: { type: 'dns', value: 'a.example' },
      challenges: types.map((type) => ({ type, url: `https://ca.example/${type}`, token: 'token' })),
    },
    'https://ca.example/authz',
  );

describe('challengeOrder', () => {
  it("is the publisher's where nothing is wished, else that of the wishes", () => {
    expect(challengeOrder([], ['dns-01', 'http-01'])).toEqual(['dns-01', 'http-01']);
    expect(challengeOrder(['http-01', 'dns-01'], ['dns-01', 'http-01'])).toEqual(['http-01', 'dns-01']);
    expect(challengeOrder(['dns-01'], ['http-01'])).toEqual([]);
  });
});

describe('chooseChallenge', () => {
  it('passes over kinds that nobody knows, wherever they stand', () => {
    const offered = authorization('dns-persist-01', 'tls-alpn-01', 'http-01', 'dns-01', 'x');
    expect(chooseChallenge(offered, ['dns-01', 'http-01'])?.acme.url).toBe('https://ca.example/dns-01');
    expect(chooseChallenge(offered, ['http-01'])?.type).toBe('http-01');
    expect(chooseChallenge(authorization('dns-persist-01'), ['http-01', 'dns-01'])).toBeUndefined();
  });
});
