import { describe, expect, it } from 'vitest';
import { assess, type Finding, type Seen } from '../../../../src-node/challenge/self-check/assess.js';
import type { End, Look, Lookup } from '../../../../src-node/challenge/self-check/look.js';

const keyAuthorization = `${'t'.repeat(43)}.${'k'.repeat(43)}`;
const machine = { addresses: ['127.0.0.1', '203.0.113.5', '2a01:db8::5'] };
const inside = { addresses: ['127.0.0.1', '192.168.1.5'] };
const url = `http://a.test/.well-known/acme-challenge/${'t'.repeat(43)}`;

function ended(address: string, end: Partial<End> & Pick<End, 'kind'>, redirects: Look['redirects'] = []): Look {
  return { address, redirects, end: { url, place: { address, port: 80 }, ...end } as End };
}

interface Given {
  readonly status?: number;
  readonly server?: string;
  readonly contentType?: string;
}

function reply(address: string, body: string, given: Given = {}, redirects: Look['redirects'] = []): Look {
  const answer = { status: 200, location: undefined, server: undefined, contentType: undefined, body, ...given };
  return ended(address, { kind: 'reply', reply: answer }, redirects);
}

interface Judged {
  readonly mode?: 'require' | 'warn';
  readonly machine?: { readonly addresses: readonly string[] };
  readonly authenticator?: string;
}

function judge(looks: readonly Look[], judged: Judged = {}, lookup?: Lookup): readonly Finding[] {
  const seen: Seen = { name: 'a.test', keyAuthorization, validation: keyAuthorization, lookup, looks };
  return assess(seen, { mode: 'require', authenticator: 'webroot', machine, ...judged });
}

const short = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ kind, cause }) => `${kind} ${cause}`);

const [four, six] = ['203.0.113.9', '2a01:db8::9'];
const good = reply(four, keyAuthorization);

describe('an answer', () => {
  it.each(['', '\n', '\r\n', ' \t\n'])('may end with white space', (end) => {
    expect(judge([reply(four, `${keyAuthorization}${end}`)])).toEqual([]);
  });

  it.each<[string, Given & { readonly body?: string }]>([
    ['added-bytes', { body: `${keyAuthorization}\n<script>` }],
    ['added-bytes', { body: `${keyAuthorization}x` }],
    ['other-account', { body: `${'t'.repeat(43)}.${'o'.repeat(43)}` }],
    ['other-backend', { body: `\n${keyAuthorization}` }],
    ['other-backend', { body: '' }],
    ['other-backend', { body: '<html>' }],
    ['other-backend', { status: 404, body: '<html>Not Found</html>' }],
    ['other-backend', { status: 404, body: 'Not Found', contentType: 'text/html' }],
    ['other-backend', { status: 404, body: 'Not Found', server: 'nginx' }],
    ['other-backend', { status: 500, body: '' }],
    ['unknown-token', { status: 404, body: 'Not Found\n', contentType: 'text/plain' }],
    ['unknown-token', { status: 404, body: '' }],
    ['no-server', { status: 503, body: '<html>No server is available' }],
    ['refused-by-rule', { status: 401, body: '' }],
    ['refused-by-rule', { status: 403, body: '<html>' }],
    ['refused-by-rule', { status: 429, body: '' }],
  ])('that is not the right one: %s', (cause, { body = '', ...given }) => {
    expect(short(judge([reply(four, body, given)]))).toEqual([`failure ${cause}`]);
  });

  it('of another status than 200 is none', () => {
    expect(short(judge([reply(four, keyAuthorization, { status: 203 })]))).toEqual(['failure other-backend']);
  });

  it('behind a redirect has the redirect as its cause', () => {
    const redirects = [{ url, place: { address: four, port: 80 }, status: 301 }];
    expect(short(judge([reply(four, 'Not Found', { status: 404 }, redirects)]))).toEqual(['failure redirected']);
    const closed = ended('203.0.113.5', { kind: 'unconnected', code: 'ECONNREFUSED' });
    expect(short(judge([{ ...closed, redirects }]))).toEqual(['failure redirected']);
    expect(short(judge([reply(four, keyAuthorization, {}, redirects)]))).toEqual([]);
  });

  it('may be that of the router, where one is in between', () => {
    const wrong = reply(four, '<html>', { status: 404 });
    expect(short(judge([wrong], { machine: inside }))).toEqual(['warning router']);
    expect(short(judge([wrong], { machine }))).toEqual(['failure other-backend']);
    const down = reply(four, '<html>', { status: 503 });
    expect(short(judge([down], { machine: inside }))).toEqual(['failure no-server']);
  });

  it.each<[string, Partial<End> & Pick<End, 'kind'>]>([
    ['another protocol', { kind: 'handshake', agreed: false, identifier: undefined }],
    ['an alert', { kind: 'broken', code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' }],
  ])('by TLS may be that of the router: %s', (_, end) => {
    expect(short(judge([ended(four, end)], { machine: inside }))).toEqual(['warning no-acme-tls']);
    expect(short(judge([ended('192.168.1.5', end)], { machine: inside }))).toEqual(['failure no-acme-tls']);
    expect(short(judge([ended(four, end)]))).toEqual(['failure no-acme-tls']);
  });

  it('by acme-tls/1 is of another program, whatever is in between', () => {
    const look = ended(four, { kind: 'handshake', agreed: true, identifier: undefined });
    expect(short(judge([look], { machine: inside }))).toEqual(['failure other-acme-tls']);
  });

  it('that a rule gives for what it does not know is explained by the way that was to answer', () => {
    const [unknown] = judge([reply(four, '', { status: 404 })], { authenticator: 'stateless' });
    expect(unknown?.reason).toContain('it has no thumbprint');
    expect(judge([reply(four, '', { status: 404 })], { authenticator: 'another' })).toHaveLength(1);
  });
});

describe('several addresses', () => {
  const unconnected = (address: string): Look => ended(address, { kind: 'unconnected', code: 'ECONNREFUSED' });

  it('have to answer each', () => {
    expect(judge([good, reply(six, keyAuthorization)])).toEqual([]);
    expect(short(judge([good, reply('203.0.113.10', 'x')]))).toEqual(['failure other-backend']);
    expect(short(judge([good, unconnected('203.0.113.10')]))).toEqual(['failure port-closed']);
  });

  it('of IPv6 are passed over where they cannot be connected to and an IPv4 one answers', () => {
    expect(short(judge([good, unconnected(six)]))).toEqual(['warning port-closed']);
    expect(short(judge([reply(four, 'x'), unconnected(six)]))).toEqual([
      'failure other-backend',
      'failure port-closed',
    ]);
    expect(short(judge([reply(six, keyAuthorization), unconnected(four)]))).toEqual(['failure port-closed']);
  });

  it('of IPv6 that answer otherwise, or break off, lead to another host', () => {
    expect(short(judge([good, reply(six, 'x')]))).toEqual(['failure ipv6-elsewhere']);
    const broken = ended(six, { kind: 'broken', code: 'ECONNRESET' });
    expect(short(judge([good, broken]))).toEqual(['failure ipv6-elsewhere']);
  });
});

describe('a connection that fails', () => {
  it.each<[string, string, 'unconnected' | 'broken', string]>([
    ['failure nothing-listens', '203.0.113.5', 'unconnected', 'ECONNREFUSED'],
    ['failure port-closed', four, 'unconnected', 'ECONNREFUSED'],
    ['failure timed-out', four, 'unconnected', 'ETIMEDOUT'],
    ['failure silent', four, 'broken', 'ETIMEDOUT'],
    ['failure broken-off', four, 'broken', 'ECONNRESET'],
    ['failure no-http', four, 'broken', 'HPE_INVALID_CONSTANT'],
    ['failure no-tls', four, 'broken', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['failure no-tls', four, 'broken', 'EPROTO'],
    ['warning no-route', six, 'unconnected', 'ENETUNREACH'],
  ])('is a %s', (expected, address, kind, code) => {
    expect(short(judge([ended(address, { kind, code })]))).toEqual([expected]);
  });

  it('is a warning from behind a router', () => {
    const look = ended(four, { kind: 'unconnected', code: 'ETIMEDOUT' });
    expect(short(judge([look], { machine: inside }))).toEqual(['warning timed-out']);
  });
});

describe('the DNS', () => {
  it.each<[string, Lookup]>([
    ['failure no-name', { kind: 'none', code: 'ENOTFOUND' }],
    ['failure no-address', { kind: 'none', code: 'ENODATA' }],
    ['warning resolver', { kind: 'unanswered', code: 'ESERVFAIL' }],
    ['warning resolver', { kind: 'unanswered', code: 'ETIMEOUT' }],
  ])('is a %s', (expected, lookup) => {
    expect(short(judge([], {}, lookup))).toEqual([expected]);
  });

  it('counts the same for the host of a redirect', () => {
    const look = (lookup: Exclude<Lookup, { kind: 'found' }>): Look => ({
      ...{ address: four, redirects: [] },
      end: { kind: 'unresolved', host: 'b.test', lookup },
    });
    expect(short(judge([look({ kind: 'none', code: 'ENOTFOUND' })]))).toEqual(['failure no-name']);
    expect(short(judge([look({ kind: 'unanswered', code: 'ESERVFAIL' })]))).toEqual(['warning resolver']);
  });
});

it('warn makes all of it a warning', () => {
  expect(short(judge([reply(four, 'x')], { mode: 'warn' }))).toEqual(['warning other-backend']);
  expect(short(judge([], { mode: 'warn' }, { kind: 'none', code: 'ENODATA' }))).toEqual(['warning no-address']);
});
