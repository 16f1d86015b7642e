import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtLua } from '../support/built-lua.js';
import { until } from '../support/child.js';
import { drip, flood, residentMemory, type Flood } from '../support/flood.js';
import { rawHttp } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { startLogTarget, type LogTarget } from '../support/log-target.js';
import { startService, type ServiceUnderTest } from '../support/service-under-test.js';
import { temporaryDirectory } from '../support/temporary.js';

const prefix = '/.well-known/acme-challenge/';
const threads = 2;
/** Bytes from the most after three floods to the middle one after the next three. */
const growth = 1 << 20;
/** Floods of one kind. */
const most = 15;
/** Of each thread: ten lines a minute, and one that counts the others, over the two minutes that a test may touch. */
const servedLines = threads * 2 * 11;

let built: { file: string; remove: () => void };
let directory: { path: string; remove: () => void };
let log: LogTarget;
let service: ServiceUnderTest;
let lastPort: number;
beforeAll(async () => {
  built = await builtLua();
  directory = temporaryDirectory();
  const map = join(directory.path, 'tokens.map');
  writeFileSync(map, 'good good.thumbprint\n');
  log = await startLogTarget();
  lastPort = await freePort();
  const target = `log ${log.address} format raw local0`;
  service = await startService({
    ...{ lua: built.file, threads, settings: { ACME_MAP: map } },
    global: [target, 'maxconn 2000'],
    sections: `frontend last\n bind ${loopback}:${lastPort}\n ${target}\n log-format "asked %HU"\n http-request return status 204\n`,
  });
});
afterAll(async () => {
  await service.stop();
  log.stop();
  built.remove();
  directory.remove();
});

/** What was asked for a good challenge while `work` went on, each time over a connection of its own; all must be answered. */
async function answeringDuring(work: () => Promise<void>): Promise<number> {
  let [asked, running] = [0, true];
  const asking = (async (): Promise<void> => {
    while (running) {
      const { status, body } = await service.ask('GET', `${prefix}good`);
      expect({ asked, status, body }).toEqual({ asked, status: 200, body: 'good.thumbprint' });
      asked += 1;
    }
  })();
  await Promise.all([work().finally(() => (running = false)), asking]);
  return asked;
}

/** The lines that the service has written: once HAProxy's own line about a last request is there, so are all before it. */
async function serviceLines(): Promise<readonly string[]> {
  const last = `/last-${log.lines.length}`;
  await rawHttp(loopback, lastPort, `GET ${last} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  await until('the line of the last request', () => log.lines.some((line) => line.endsWith(last)));
  return log.lines.filter((line) => !line.includes('asked /last-'));
}

/**
 * Floods until the middle one of three in a row leaves no more memory in use than the most of the three before: pools and
 * allocator may grow first, to what the most requests at one time need, and go up and down. What grows with each request does not end.
 */
async function bounded(once: () => Promise<void>): Promise<void> {
  const pid = service.haproxy.pid();
  const before = (await serviceLines()).length;
  const memory: number[] = [];
  const settled = (): boolean => {
    const [before, [, middle = Number.NaN]] = [memory.slice(-6, -3), memory.slice(-3).sort((a, b) => a - b)];
    return before.length === 3 && middle - Math.max(...before) <= growth;
  };
  const asked = await answeringDuring(async () => {
    while (!settled() && memory.length < most) {
      await once();
      memory.push(residentMemory(pid));
    }
  });
  expect(asked).toBeGreaterThan(0);
  expect({ memory, settled: settled() }).toEqual({ memory, settled: true });
  const lines = await serviceLines();
  expect(lines.filter((line) => !/: map: good$|left out$|answers from/.test(line))).toEqual([]);
  expect(lines.length).toBeLessThanOrEqual(before + servedLines);
  expect(service.haproxy.output()).not.toMatch(/runtime error|traceback/i);
}

const long = 'x'.repeat(8_500);
const floods: readonly (readonly [what: string, flood: Omit<Flood, 'url'>, path: string, statuses: string])[] = [
  ['tokens that are none', { requests: 20_000 }, `${prefix}bad.token`, '4xx'],
  ['unknown tokens', { requests: 20_000 }, `${prefix}unknown`, '4xx'],
  ['good tokens', { requests: 20_000 }, `${prefix}good`, '2xx'],
  ['paths of 8,500 characters', { requests: 5_000 }, prefix + long, '4xx'],
  ['tokens that are none over HTTP/2', { requests: 20_000, http2: true }, `${prefix}bad.token`, '4xx'],
  ['HEAD over HTTP/2', { requests: 20_000, http2: true, method: 'HEAD' }, `${prefix}good`, '2xx'],
  ['paths of 8,500 characters over HTTP/2', { requests: 5_000, http2: true }, prefix + long, '4xx'],
];

describe(
  'a flood of the challenge path leaves memory and log bounded, and challenges answered',
  { timeout: 180_000 },
  () => {
    it.each(floods)('%s', async (_what, options, path, status) => {
      const port = options.http2 === true ? service.http2Port : service.port;
      await bounded(async () => {
        const counts = await flood({ ...options, url: `http://${loopback}:${port}${path}` });
        expect(counts).toEqual({ [status]: options.requests });
      });
    });

    it.each([
      ['HTTP/1.1', false],
      ['HTTP/2', true],
    ])('POST of 200 kB over %s', async (_version, http2) => {
      const body = join(directory.path, 'body');
      writeFileSync(body, 'x'.repeat(200_000));
      const url = `http://${loopback}:${http2 ? service.http2Port : service.port}${prefix}good`;
      await bounded(async () => {
        expect(await flood({ url, requests: 1_000, http2, body })).toEqual({ '4xx': 1_000 });
      });
    });

    it('HEAD, many in one write', async () => {
      const requests = `HEAD ${prefix}unknown HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(500);
      await bounded(async () => {
        const clients = Array.from(
          { length: 8 },
          async () => await service.raw(`${requests}HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
        );
        for (const answer of await Promise.all(clients)) expect(answer.split('HTTP/1.1 404').length - 1).toBe(501);
      });
    });

    it('bodies that come one byte at a time', async () => {
      const head = (method: string): string =>
        `${method} ${prefix}unknown HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n`;
      await bounded(async () => {
        const clients = Array.from({ length: 200 }, (_none, index) =>
          drip(loopback, service.port, head(index % 2 === 0 ? 'POST' : 'GET')),
        );
        try {
          const statuses = (): (string | undefined)[] =>
            clients.map(({ answer }) => /^HTTP\/1\.1 (\d+)/.exec(answer())?.[1]);
          await until('every client has its answer', () => !statuses().includes(undefined));
          expect(new Set(statuses())).toEqual(new Set(['404', '405']));
        } finally {
          for (const { stop } of clients) stop();
        }
      });
    });
  },
);
