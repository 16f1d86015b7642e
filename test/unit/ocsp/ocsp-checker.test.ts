import { Agent, createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkAll, checkRevocation, type OcspOptions, type OcspState } from '../../../src-node/ocsp/ocsp-checker.js';
import { systemClock } from '../../../src-node/platform/clock.js';
import { until } from '../../support/child.js';
import { freePort, loopback } from '../../support/loopback.js';
import {
  ocspAuthority,
  revokedAt,
  startOcspResponder,
  type IssueOptions,
  type OcspAuthority,
} from '../../support/ocsp-authority.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { day } from '../../support/test-certificate.js';

let directory: ReturnType<typeof temporaryDirectory>;
let ca: OcspAuthority;
beforeAll(async () => {
  directory = temporaryDirectory();
  ca = await ocspAuthority(directory.path, 'ca');
});
afterAll(() => directory.remove());
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const options = (more: Partial<OcspOptions> = {}): OcspOptions => ({
  clock: systemClock,
  signal: new AbortController().signal,
  ...more,
});

async function issue(url: string | undefined, status: IssueOptions['status'] = 'good'): Promise<string> {
  return await ca.issue({ status, ...(url === undefined ? {} : { access: `OCSP;URI:${url}` }) });
}

/** A server of HTTP, with the requests that it was sent whole. */
async function serve(listener: (body: Buffer, ...args: Parameters<RequestListener>) => void | Promise<void>) {
  const seen: { method: string | undefined; type: string | undefined; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      seen.push({ method: request.method, type: request.headers['content-type'], body });
      void listener(body, request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://${loopback}:${(server.address() as AddressInfo).port}`, seen };
}

async function check(certificate: string, more?: Partial<OcspOptions>): Promise<OcspState> {
  return await checkRevocation({ certificate, issuer: ca.certificate }, options(more));
}

describe('a certificate whose CA runs `openssl ocsp`', () => {
  it('is good, revoked or unknown', async () => {
    const port = await freePort('0.0.0.0');
    const url = `http://${loopback}:${port}/`;
    const certificates = [
      await issue(url),
      await issue(url, 'revoked,keyCompromise'),
      await issue(url, 'unknown'),
      await issue(url, 'revoked'),
    ];
    const responder = await startOcspResponder(ca, join(directory.path, 'ca.index'), port);
    stops.push(async () => await responder.stop());
    const states = [
      { kind: 'good' },
      { kind: 'revoked', revokedAt, reason: 'keyCompromise' },
      { kind: 'unknown' },
      { kind: 'revoked', revokedAt, reason: undefined },
    ];
    for (const [index, certificate] of certificates.entries()) {
      expect(await check(certificate)).toEqual(states[index]);
    }
    const several = certificates.map((certificate) => ({ certificate, issuer: ca.certificate }));
    expect(await checkAll(several, options())).toEqual(states);
    const later = { ...systemClock, now: () => Date.now() + 8 * day };
    expect(await check(certificates[1] ?? '', { clock: later })).toMatchObject({ reason: 'stale' });
  });
});

describe('nobody is asked', () => {
  it.each<[string, (url: string) => Promise<Parameters<typeof checkRevocation>[0]>, number]>([
    ['no-url', async () => ({ certificate: await issue(undefined), issuer: ca.certificate }), 0],
    ['expired', async (url) => ({ certificate: await issue(url), issuer: ca.certificate }), 91 * day],
    ['no-issuer', async (url) => ({ certificate: await issue(url), issuer: undefined }), 0],
    ['no-issuer', async (url) => ({ certificate: await issue(url), issuer: '' }), 0],
    ['no-issuer', async (url) => ({ certificate: await issue(url), issuer: await issue(url) }), 0],
    ['no-issuer', async (url) => ({ certificate: await issue(url), issuer: await namesake() }), 0],
    ['no-issuer', async (url) => ({ certificate: await issue(`${url}\n${unkeyed}`), issuer: await namesake() }), 0],
    ['unreadable', async () => await Promise.resolve({ certificate: 'no PEM', issuer: ca.certificate }), 0],
    ['unreadable', async (url) => ({ certificate: await issue(url), issuer: notCertificate }), 0],
  ])('%s', async (reason, make, later) => {
    const server = await serve((_, __, response) => void response.end());
    const clock = { ...systemClock, now: () => Date.now() + later };
    const state = await checkRevocation(await make(server.url), options({ clock }));
    expect(state).toMatchObject({ kind: 'not-checked', reason });
    expect(server.seen).toEqual([]);
  });

  /** Without it, only the signature tells a CA from another of its name. */
  const unkeyed = 'authorityKeyIdentifier=none';
  const notCertificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const namesake = async (): Promise<string> =>
    (await ocspAuthority(directory.path, 'namesake', { subject: '/CN=ca' })).certificate;
});

describe('a responder', () => {
  it('is asked by POST, for a chain in any order', async () => {
    const server = await serve(async (body, _, response) => void response.end(await ca.respond(body)));
    const certificate = await issue(`${server.url}/`, 'revoked');
    const issuer = (await issue(undefined)) + ca.certificate;
    expect(await checkRevocation({ certificate, issuer }, options())).toMatchObject({ kind: 'revoked' });
    expect(server.seen).toMatchObject([{ method: 'POST', type: 'application/ocsp-request' }]);
  });

  it('may be reached by an agent of one own', async () => {
    const server = await serve(async (body, _, response) => void response.end(await ca.respond(body)));
    const { port } = new URL(server.url);
    const certificate = await issue(`http://ocsp.invalid:${port}/`);
    expect(await check(certificate)).toMatchObject({ reason: 'unreachable' });
    expect(await check(certificate, { agentFor: () => new Agent({ host: loopback }) })).toEqual({ kind: 'good' });
  });

  it.each<[string, string, RequestListener]>([
    ['fails', 'refused', (_, response) => void response.writeHead(500).end('no')],
    ['is not there', 'refused', (_, response) => void response.writeHead(404).end()],
    ['answers with nothing', 'refused', (_, response) => void response.writeHead(204).end()],
    ['wants to be asked later', 'refused', (_, response) => void response.end(Buffer.from('30030a0103', 'hex'))],
    ['answers with an empty body', 'bad-answer', (_, response) => void response.end()],
    ['answers with a page', 'bad-answer', (_, response) => void response.end('<html>Please log in</html>')],
    ['answers with much', 'bad-answer', (_, response) => void response.end(Buffer.alloc(64 * 1024 + 1))],
    ['answers without end', 'bad-answer', (_, response) => endless(response)],
    ['hangs up', 'unreachable', (request) => void request.socket.destroy()],
    ['hangs up amid', 'unreachable', (request, response) => hangUp(request, response)],
    ['leads to a file', 'bad-answer', (_, response) => redirect(response, 'file:///etc/passwd')],
    ['leads to nowhere', 'bad-answer', (_, response) => redirect(response, 'http://')],
    ['leads in a circle', 'bad-answer', (request, response) => redirect(response, `${request.url ?? ''}x`)],
    ['leads on without saying where', 'refused', (_, response) => void response.writeHead(302).end()],
  ])('that %s is passed over (%s)', async (_, reason, behave) => {
    const server = await serve((__, request, response) => behave(request, response));
    expect(await check(await issue(server.url))).toMatchObject({ kind: 'not-checked', reason });
    expect(server.seen.length).toBeLessThanOrEqual(4);
  });

  it('that leads on three times is followed, with the same question', async () => {
    const server = await serve(async (body, request, response) => {
      if (request.url === '/xxx') response.end(await ca.respond(body));
      else redirect(response, `${request.url ?? ''}x`);
    });
    expect(await check(await issue(`${server.url}/`))).toEqual({ kind: 'good' });
    expect(new Set(server.seen.map(({ method, body }) => `${String(method)} ${body.toString('hex')}`)).size).toBe(1);
    expect(server.seen).toHaveLength(4);
  });

  it('that does not listen is passed over', async () => {
    const url = `http://${loopback}:${await freePort()}/`;
    expect(await check(await issue(url))).toMatchObject({ kind: 'not-checked', reason: 'unreachable' });
  });

  it('that is silent, or drips, is left after the timeout', async () => {
    const silent = await serve(() => undefined);
    const dripping = await serve((_, __, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(drip));
    });
    for (const { url } of [silent, dripping]) {
      const start = performance.now();
      expect(await check(await issue(url), { timeout: 200 })).toMatchObject({ reason: 'silent' });
      expect(performance.now() - start).toBeLessThan(5_000);
    }
  });

  it('is left at once when the run is interrupted', async () => {
    const server = await serve(() => undefined);
    const controller = new AbortController();
    const state = check(await issue(server.url), { signal: controller.signal });
    await until('the question is there', () => server.seen.length === 1);
    controller.abort();
    expect(await state).toMatchObject({ kind: 'not-checked', reason: 'interrupted' });
    expect(await check(await issue(server.url), { signal: controller.signal })).toMatchObject({
      reason: 'interrupted',
    });
  });
});

describe('several certificates', () => {
  it('are asked for four at once, and told in their order', async () => {
    let [open, most] = [0, 0];
    const waiting: (() => void)[] = [];
    const server = await serve(async (body, _, response) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise<void>((resolve) => waiting.push(resolve));
      open -= 1;
      response.end(await ca.respond(body));
    });
    const certificates: string[] = [];
    for (let count = 0; count < 9; count += 1) {
      certificates.push(await issue(server.url, count % 2 === 0 ? 'good' : 'revoked'));
    }
    const states = checkAll(
      certificates.map((certificate) => ({ certificate, issuer: ca.certificate })),
      options(),
    );
    await until('four wait', () => waiting.length === 4);
    for (let answered = 0; answered < 9; answered += 1) {
      await until('one waits', () => waiting.length > 0);
      waiting.shift()?.();
    }
    const kinds = (await states).map(({ kind }) => kind);
    expect(kinds).toEqual(certificates.map((_, index) => (index % 2 === 0 ? 'good' : 'revoked')));
    expect(most).toBe(4);
  });

  it('wait for a silent responder together, not one after the other', async () => {
    const silent = await serve(() => undefined);
    const alive = await serve(async (body, _, response) => void response.end(await ca.respond(body)));
    const certificates = await Promise.all([...Array<string>(9).fill(silent.url), alive.url].map((url) => issue(url)));
    const states = await checkAll(
      certificates.map((certificate) => ({ certificate, issuer: ca.certificate })),
      options({ timeout: 300 }),
    );
    expect(states.slice(0, 9).map((state) => 'reason' in state && state.reason)).toEqual(Array(9).fill('silent'));
    expect(states[9]).toEqual({ kind: 'good' });
    expect(silent.seen).toHaveLength(4);
  });

  it('may be none', async () => {
    expect(await checkAll([], options())).toEqual([]);
  });
});

function redirect(response: Parameters<RequestListener>[1], location: string): void {
  response.writeHead(302, { Location: location }).end();
}

function endless(response: Parameters<RequestListener>[1]): void {
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(16_384)));
  };
  response.on('drain', more);
  more();
}

function hangUp(request: Parameters<RequestListener>[0], response: Parameters<RequestListener>[1]): void {
  response.writeHead(200, { 'Content-Length': 1000 });
  response.write('half', () => request.socket.destroy());
}
