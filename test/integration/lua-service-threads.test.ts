import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtLua } from '../support/built-lua.js';
import { haproxyHas, rawHttp } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { parse, startService, type Response, type ServiceUnderTest } from '../support/service-under-test.js';
import { temporaryDirectory } from '../support/temporary.js';

const tokens = 50;
const connections = 8;

let built: { file: string; remove: () => void };
let directory: { path: string; remove: () => void };
let map: string;
beforeAll(async () => {
  built = await builtLua();
  directory = temporaryDirectory();
  map = join(directory.path, 'tokens.map');
  writeFileSync(map, '');
});
afterAll(() => {
  built.remove();
  directory.remove();
});

/** HAProxy with one port for each thread, which alone takes the connections to it and has a Lua state of its own. */
interface Threads {
  readonly service: ServiceUnderTest;
  /** What each thread answers, each over connections of their own, all at once. */
  readonly askAll: (token: string) => Promise<readonly Response[]>;
}

async function withThreads(threads: number, use: (threads: Threads) => Promise<void>): Promise<void> {
  const ports: number[] = [];
  while (ports.length < threads) ports.push(await freePort());
  const keyword = haproxyHas('2.5') ? 'thread' : 'process';
  const service = await startService(
    {
      ...{ lua: built.file, load: 'lua-load-per-thread', threads, settings: { ACME_MAP: map } },
      frontend: ['http-after-response set-header x-thread %[thread]'],
    },
    ports.map((port, index) => `${loopback}:${port} ${keyword} 1/${index + 1}`),
  );
  const ask = async (port: number, token: string): Promise<Response> => {
    const request = `GET /.well-known/acme-challenge/${token} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`;
    return parse(await rawHttp(loopback, port, request));
  };
  const askAll = async (token: string): Promise<readonly Response[]> =>
    await Promise.all(ports.flatMap((port) => Array.from({ length: connections }, async () => await ask(port, token))));
  try {
    await use({ service, askAll });
  } finally {
    await service.stop();
  }
}

const statuses = (responses: readonly Response[]): readonly number[] => [
  ...new Set(responses.map(({ status }) => status)),
];

describe.each([2, 4])('HAProxy with %i threads, each with a Lua state of its own', (threads) => {
  it('answers what was published from the moment the Runtime API has answered, on every thread', async () => {
    await withThreads(threads, async ({ service, askAll }) => {
      for (let number = 0; number < tokens; number += 1) {
        const token = `token-${number}`;
        expect(statuses(await askAll(token))).toEqual([404]);
        await runtimeCommand(service.socket, `add map ${map} ${token} ${token}.thumbprint`);
        const responses = await askAll(token);
        expect(statuses(responses)).toEqual([200]);
        expect(new Set(responses.map(({ body }) => body))).toEqual(new Set([`${token}.thumbprint`]));
        expect(new Set(responses.map(({ headers }) => headers['x-thread'])).size).toBe(threads);
        await runtimeCommand(service.socket, `del map ${map} ${token}`);
        expect(statuses(await askAll(token))).toEqual([404]);
      }
    });
  });
});
