import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../../src-node/acme/retry-after.js';
import { transportUnderTest, type Answer, type TransportUnderTest } from '../../support/transport-under-test.js';

let under: TransportUnderTest;
beforeEach(() => {
  under = transportUnderTest();
});
afterEach(() => under.stop());

const json = { 'Content-Type': 'application/problem+json' };
const problem = (word: string, more: object = {}): Answer => ({
  status: 400,
  headers: json,
  body: JSON.stringify({ type: `urn:ietf:params:acme:error:${word}`, detail: 'Because.', ...more }),
});

describe('an answer', () => {
  it('is given with its headers; JSON parsed, anything else as text', async () => {
    const parsed = await under.answering({
      headers: { 'Content-Type': 'application/json; x', 'Replay-Nonce': 'n' },
      body: '[1]',
    });
    expect(await under.get(parsed.url)).toMatchObject({ status: 200, data: [1], headers: { 'replay-nonce': 'n' } });
    const text = await under.answering({ status: 201, headers: { 'Content-Type': 'application/pem' }, body: '[1]' });
    expect(await under.get(text.url)).toMatchObject({ status: 201, data: '[1]' });
    const broken = await under.answering({ headers: { 'Content-Type': 'application/json' }, body: '{' });
    expect((await under.get(broken.url)).data).toBe('{');
  });

  it('is of a request with our name, and of JOSE where it has a body', async () => {
    const seen: IncomingMessage[] = [];
    let body = '';
    const url = await under.listen(
      createServer((request: IncomingMessage, response: ServerResponse) => {
        seen.push(request);
        request.setEncoding('utf8').on('data', (text: string) => (body += text));
        request.once('end', () => response.end());
      }),
    );
    await under.transport.send({ method: 'POST', url, body: '{"é":1}' });
    await under.transport.send({ method: 'HEAD', url, body: undefined });
    expect(seen[0]?.headers).toMatchObject({ 'user-agent': 'test/1', 'content-type': 'application/jose+json' });
    expect(seen[0]?.headers['content-length']).toBe('8');
    expect(body).toBe('{"é":1}');
    expect(seen[1]?.method).toBe('HEAD');
    expect(seen[1]?.headers).not.toHaveProperty('content-type');
    // The connection is kept.
    expect(seen[1]?.socket.remotePort).toBe(seen[0]?.socket.remotePort);
  });

  it('of badNonce is given to the protocol library', async () => {
    const { url, asked } = await under.answering(problem('badNonce'));
    expect(await under.get(url)).toMatchObject({ status: 400, data: { detail: 'Because.' } });
    expect(asked()).toBe(1);
  });

  it('of a refusal is an error with its problem, and is not asked for again', async () => {
    const subproblems = [{ type: 'urn:ietf:params:acme:error:caa', detail: 'No.', identifier: { value: 'a.example' } }];
    const { url, asked } = await under.answering(problem('unauthorized', { subproblems }));
    await expect(under.get(url)).rejects.toMatchObject({
      code: 'acme-problem',
      problem: { type: 'urn:ietf:params:acme:error:unauthorized', detail: 'Because.' },
      details: ['a.example: caa: No'],
    });
    expect(asked()).toBe(1);
    expect(under.pauses).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['a page', { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
    ['a redirection', { status: 302, headers: { Location: 'http://127.0.0.1/' } }],
    ['JSON that is no problem', { status: 403, headers: json, body: '{"error": 1}' }],
    ['broken JSON', { status: 400, headers: json, body: '{"type"' }],
    ['nothing', { status: 405 }],
  ])('that is %s is no answer of a CA', async (_, answer) => {
    const { url, asked } = await under.answering(answer);
    await expect(under.get(url)).rejects.toMatchObject({ code: 'acme-bad-answer' });
    expect(asked()).toBe(1);
  });

  it('that does not end within a megabyte is cut off, and not asked for again', async () => {
    let asked = 0;
    let sent = 0;
    const url = await under.listen(
      createServer((_, response) => {
        asked += 1;
        const more = (): void => {
          sent += 65_536;
          if (!response.destroyed) response.write('x'.repeat(65_536), more);
        };
        more();
      }),
    );
    await expect(under.get(url)).rejects.toMatchObject({ code: 'acme-bad-answer' });
    expect(asked).toBe(1);
    expect(sent).toBeLessThan(20_000_000);
    const largest = await under.answering({ body: 'x'.repeat(1024 * 1024) });
    expect((await under.get(largest.url)).data).toHaveLength(1024 * 1024);
  });
});

describe('a fault of the CA', () => {
  it('is tried again after growing under.pauses', async () => {
    const { url, asked } = await under.answering({ status: 500 }, problem('serverInternal', { status: 500 }), {});
    await expect(under.get(url)).rejects.toMatchObject({ code: 'acme-problem' });
    expect(asked()).toBe(2);
    const passing = await under.answering({ status: 500 }, { status: 503 }, { body: 'at last' });
    expect((await under.get(passing.url)).data).toBe('at last');
    expect(under.pauses).toEqual([500, 500, 2_000]);
  });

  it('that stays is told after four tries', async () => {
    const { url, asked } = await under.answering({ ...problem('serverInternal'), status: 500 });
    await expect(under.get(url)).rejects.toMatchObject({
      code: 'acme-server-error',
      problem: { type: 'urn:ietf:params:acme:error:serverInternal' },
    });
    expect(asked()).toBe(4);
    expect(under.pauses).toEqual([500, 2_000, 5_000]);
  });

  it('with Retry-After is told at once, with the time', async () => {
    const { url, asked } = await under.answering({ status: 503, headers: { 'Retry-After': '120' } });
    await expect(under.get(url)).rejects.toMatchObject({ code: 'acme-server-error', retryAfter: 120 });
    expect(asked()).toBe(1);
  });
});

describe('a rate limit', () => {
  const limited = problem('rateLimited');

  it.each([
    ['120', 120],
    [' 0 ', 0],
    ['soon', undefined],
  ])('with Retry-After %j is never slept through', async (header, seconds) => {
    const { url, asked } = await under.answering({
      ...limited,
      status: 429,
      headers: { ...json, 'Retry-After': header },
    });
    await expect(under.get(url)).rejects.toMatchObject({ code: 'acme-rate-limited', retryAfter: seconds });
    expect(asked()).toBe(1);
    expect(under.pauses).toEqual([]);
  });

  it("with a date is counted by the CA's own clock", async () => {
    const headers = { ...json, Date: 'Fri, 20 Nov 2026 10:00:00 GMT', 'Retry-After': 'Fri, 20 Nov 2026 11:00:01 GMT' };
    const { url } = await under.answering({ ...limited, status: 429, headers });
    await expect(under.get(url)).rejects.toMatchObject({ code: 'acme-rate-limited', retryAfter: 3_601 });
  });

  it('is one by its type or by its status alone', async () => {
    await expect(under.get((await under.answering({ ...limited, status: 403 })).url)).rejects.toMatchObject({
      code: 'acme-rate-limited',
    });
    await expect(under.get((await under.answering({ status: 429, body: 'slow down' })).url)).rejects.toMatchObject({
      code: 'acme-rate-limited',
      problem: undefined,
    });
  });
});

describe('an abort', () => {
  const reason = new Error('SIGINT');

  it('ends a request in mid-flight, with its reason', async () => {
    let closed = false;
    const url = await under.listen(
      createServer((request) => {
        request.socket.once('close', () => (closed = true));
        under.controller.abort(reason);
      }),
    );
    await expect(under.get(url)).rejects.toBe(reason);
    await expect.poll(() => closed).toBe(true);
    expect(under.pauses).toEqual([]);
  });

  it('ends a pause, and lets no request begin', async () => {
    const { url, asked } = await under.answering({ status: 500 });
    const pausing = under.open({
      clock: {
        now: () => 0,
        sleep: async (_, signal) => {
          under.controller.abort(reason);
          signal?.throwIfAborted();
          await Promise.resolve();
        },
      },
    });
    await expect(under.get(url, pausing)).rejects.toBe(reason);
    expect(asked()).toBe(1);
    await expect(under.get(url)).rejects.toBe(reason);
    expect(asked()).toBe(1);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 10, 20, 10);

  it.each([
    [undefined, undefined],
    ['', undefined],
    ['9999999999', undefined],
    ['3', 3],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['Fri, 20 Nov 2026 10:00:30 GMT', 30],
    ['in a while', undefined],
  ])('takes %j for %j', (header, seconds) => {
    expect(parseRetryAfter(header, now)).toBe(seconds);
  });

  it('has no use for a date without the date of the answer', () => {
    expect(parseRetryAfter('Fri, 20 Nov 2026 10:00:30 GMT', NaN)).toBeUndefined();
  });
});
