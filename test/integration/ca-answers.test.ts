import { existsSync, readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { problem, scriptedCa, type CaRequest, type Reply, type ScriptedCa } from '../support/scripted-ca.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
let ca: ScriptedCa | undefined;

beforeAll(async () => {
  stage = await startStage({ pebble: { nonceReject: 50, authzReuse: 100 } });
});
afterEach(async () => {
  await ca?.stop();
  ca = undefined;
});
afterAll(async () => await stage.stop());

const prefix = 'urn:ietf:params:acme:error:';

interface Attempt {
  readonly result: RunResult;
  readonly requests: readonly CaRequest[];
  readonly seconds: number;
}

/** Orders for names from a CA that answers as scripted, with an account of its own. */
async function attempt(
  script: (request: CaRequest) => Reply,
  names: readonly string[],
  extra: readonly string[] = [],
): Promise<Attempt> {
  ca = await scriptedCa(stage.pebble, script);
  const start = performance.now();
  const result = await stage.order(names, ['--server', ca.directoryUrl, ...extra]);
  return { result, requests: ca.requests, seconds: (performance.now() - start) / 1000 };
}

/** Nothing was lost: no lineage appeared, the webroot is empty, HAProxy runs as before. */
function expectNothingDone(name: string, pid: number): void {
  expect(() => stage.version(name)).toThrow();
  expect(readdirSync(stage.webroot)).toEqual([]);
  expect(stage.processes()).toEqual([pid]);
}

describe('a CA as RFC 8555 allows it to be', () => {
  it('may reject every second nonce', async () => {
    await stage.ordered(['nonce.test']);
    expect(await stage.served('nonce.test')).toBe(stage.stored('nonce.test'));
  });

  it('may take an authorization as valid from the order before', async () => {
    const before = stage.pebble.output().split('Attempting to validate').length;
    await stage.ordered(['nonce.test'], ['--force-renewal']);
    expect(stage.version('nonce.test')).toBe(2);
    expect(stage.pebble.output().split('Attempting to validate')).toHaveLength(before);
  });

  it('gets an e-mail address only where one is given', async () => {
    const accounts = (requests: readonly CaRequest[]): unknown[] =>
      requests.filter(({ path }) => path === '/sign-me-up').map(({ payload }) => payload);
    const without = await attempt(() => 'pebble', ['plain.test']);
    expect(without.result.code).toBe(0);
    expect(accounts(without.requests).at(-1)).toEqual({ termsOfServiceAgreed: true });
    await ca?.stop();
    const given = await attempt(() => 'pebble', ['mail.test'], ['-m', 'admin@example.com']);
    expect(accounts(given.requests).at(-1)).toEqual({
      termsOfServiceAgreed: true,
      contact: ['mailto:admin@example.com'],
    });
  });
});

describe('a limit (429)', () => {
  it('ends the run at once and names the wait', async () => {
    const pid = stage.pid();
    const limit = problem(429, { type: `${prefix}rateLimited`, detail: 'too many orders' }, { 'retry-after': '86400' });
    const { result, seconds, requests } = await attempt(
      ({ path }) => (path === '/order-plz' ? limit : 'pebble'),
      ['limit.test'],
    );
    expect(result.code).toBe(1);
    expect(errorCodes(result)).toEqual(['acme-rate-limited']);
    expect(result.stderr).toContain('too many orders');
    expect(result.stderr).toContain('86400');
    expect(seconds).toBeLessThan(10);
    expect(requests.filter(({ path }) => path === '/order-plz')).toHaveLength(1);
    expectNothingDone('limit.test', pid);
  });
});

describe('a CA that fails', () => {
  it.each([
    ['503 with a long Retry-After', 'acme-server-error', { status: 503, headers: { 'retry-after': '3600' } }],
    [
      '500 with a problem',
      'acme-server-error',
      problem(500, { type: `${prefix}serverInternal`, detail: 'we are down' }),
    ],
    ['an answer of another kind', 'acme-bad-answer', { status: 400, body: '\u0000\u001b[31m<html>' }],
  ] as const)('by %s ends the run with %s', async (_what, code, answer) => {
    const pid = stage.pid();
    const { result, seconds } = await attempt(
      ({ path }) => (path === '/order-plz' ? answer : 'pebble'),
      ['fails.test'],
    );
    expect(result.code).toBe(1);
    expect(errorCodes(result)).toEqual([code]);
    expect(result.stderr).not.toContain('\u001b');
    expect(seconds).toBeLessThan(15);
    expectNothingDone('fails.test', pid);
  });

  it('is asked again after a passing fault, and issues', async () => {
    const script = ({ path, earlier }: CaRequest): Reply => {
      if (earlier > 0) return 'pebble';
      if (path === '/dir') return 'cut';
      return path === '/order-plz' ? { status: 502 } : 'pebble';
    };
    const { result } = await attempt(script, ['passing.test']);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(await stage.served('passing.test')).toBe(stage.stored('passing.test'));
  });

  it('by an answer that is no certificate stores nothing', async () => {
    const pid = stage.pid();
    const script = ({ path }: CaRequest): Reply =>
      path.startsWith('/certZ/') ? { status: 200, body: 'sorry' } : 'pebble';
    const { result } = await attempt(script, ['empty.test']);
    expect(errorCodes(result)).toEqual(['acme-bad-answer']);
    expectNothingDone('empty.test', pid);
  });
});

const resource = (value: unknown): Reply => ({
  status: 201,
  headers: { 'content-type': 'application/json', 'replay-nonce': 'nonce', location: 'https://ca.invalid/resource' },
  body: JSON.stringify(value),
});

describe('a resource that is not what it should be', () => {
  it.each([
    ['acme-not-a-directory', '/dir', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['acme-not-a-directory', '/dir', resource({ newAccount: 'https://ca.invalid/' })],
    ['acme-not-a-directory', '/dir', resource(null)],
    ['acme-not-a-directory', '/dir', { status: 404 }],
    ['acme-bad-answer', '/nonce-plz', { status: 200 }],
    ['acme-bad-answer', '/sign-me-up', { status: 201, headers: { 'replay-nonce': 'nonce' } }],
    ['acme-bad-answer', '/order-plz', resource(null)],
    ['acme-bad-answer', '/order-plz', resource({})],
    ['acme-bad-answer', '/order-plz', resource({ status: 'pending', authorizations: ['no URL'], finalize: '' })],
    ['acme-bad-answer', '/authZ/', resource({ status: 'pending' })],
    ['acme-bad-answer', '/my-order/', resource({ status: 'valid', authorizations: [], finalize: '' })],
  ] as const)('is %s at %s (%#)', async (code, path, reply) => {
    const pid = stage.pid();
    const { result } = await attempt((request) => (request.path.startsWith(path) ? reply : 'pebble'), ['odd.test']);
    expect(result.code).toBe(1);
    expect(errorCodes(result)).toEqual([code]);
    expectNothingDone('odd.test', pid);
  });

  it('as a challenge, may not name a file outside the directory', async () => {
    const challenge = { type: 'http-01', url: 'https://ca.invalid/', token: '../../../escaped' };
    const identifier = { type: 'dns', value: 'odd.test' };
    const reply = resource({ status: 'pending', identifier, challenges: [challenge] });
    const { result } = await attempt(({ path }) => (path.startsWith('/authZ/') ? reply : 'pebble'), ['odd.test']);
    expect(errorCodes(result)).toEqual(['acme-bad-answer']);
    expect(existsSync(stage.at('escaped'))).toBe(false);
  });
});

describe('a refusal', () => {
  it('reaches the user with its type and detail, and those of its subproblems by name', async () => {
    const rejected = (value: string, detail: string): object => ({
      type: `${prefix}rejectedIdentifier`,
      detail,
      identifier: { type: 'dns', value },
    });
    const refusal = problem(403, {
      type: `${prefix}compound`,
      detail: 'some identifiers are refused',
      subproblems: [rejected('one.test', 'on the list'), rejected('two.test', 'no such domain')],
    });
    const { result } = await attempt(
      ({ path }) => (path === '/order-plz' ? refusal : 'pebble'),
      ['one.test', 'two.test'],
      ['--json'],
    );
    expect(result.code).toBe(1);
    const error = jsonReport(result).outcomes[0]?.error;
    expect(error?.code).toBe('acme-problem');
    expect(error?.message).toMatch(/compound.*some identifiers are refused/);
    expect(error?.details).toEqual([
      expect.stringMatching(/one\.test.*rejectedIdentifier.*on the list/),
      expect.stringMatching(/two\.test.*rejectedIdentifier.*no such domain/),
    ]);
  });
});
