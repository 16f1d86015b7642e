import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtLua } from '../support/built-lua.js';
import { until } from '../support/child.js';
import { rawHttp } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { challengeDirectory } from '../support/lua-service.js';
import { startReloadStage } from '../support/reload-stage.js';
import { loadedService, parse } from '../support/service-under-test.js';
import { temporaryDirectory } from '../support/temporary.js';

const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';
const reloads = 3;
const clients = 4;

let built: { file: string; remove: () => void };
let directory: { path: string; remove: () => void };
beforeAll(async () => {
  built = await builtLua();
  directory = temporaryDirectory();
  mkdirSync(challengeDirectory(directory.path), { recursive: true });
  writeFileSync(join(challengeDirectory(directory.path), 'filed'), 'filed.webroot');
});
afterAll(() => {
  built.remove();
  directory.remove();
});

const answers: Readonly<Record<string, string>> = { filed: 'filed.webroot', unfiled: `unfiled.${thumbprint}` };

/** Challenges asked by several clients at once, each over a connection of its own, as a CA does. */
interface Asking {
  readonly asked: () => number;
  readonly wrong: readonly string[];
  readonly stop: () => Promise<void>;
}

function askContinuously(port: number): Asking {
  let [asked, running] = [0, true];
  const wrong: string[] = [];
  const ask = async (token: string, expected: string): Promise<void> => {
    const request = `GET /.well-known/acme-challenge/${token} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`;
    const text = await rawHttp(loopback, port, request).catch((error: unknown) => String(error));
    asked += 1;
    const { status, body } = parse(text);
    if (status !== 200 || body !== expected) wrong.push(`${token}: ${text}`);
  };
  const client = async (): Promise<void> => {
    while (running) for (const [token, expected] of Object.entries(answers)) await ask(token, expected);
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  const stop = async (): Promise<void> => {
    running = false;
    await all;
  };
  return { asked: () => asked, wrong, stop };
}

describe.each([
  ['-sf and -x', []],
  ['a master', ['-W']],
] as const)('reloads by %s in the middle of challenges', { timeout: 180_000 }, (_way, args) => {
  it('leave no challenge of the webroot or the thumbprint without its answer', async () => {
    const port = await freePort();
    const settings = { ACME_WEBROOT: directory.path, ACME_THUMBPRINT: thumbprint };
    const stage = await startReloadStage({
      args: () => args,
      global: (at) => [
        `stats socket ${at('stats.sock')} mode 600 level admin expose-fd listeners`,
        ...['nbthread 2', ...loadedService({ lua: built.file, settings })],
      ],
      sections: `frontend challenges\n  mode http\n  bind ${loopback}:${port}\n  http-request use-service lua.acme-http01\n`,
    });
    const asking = askContinuously(port);
    const more = async (): Promise<void> => {
      const before = asking.asked();
      await until('more was asked', () => asking.asked() > before + 2 * clients);
    };
    try {
      for (let number = 0; number < reloads; number += 1) {
        await more();
        const before = stage.processes();
        await stage.reload();
        expect(stage.processes()).not.toEqual(before);
        await more();
      }
    } finally {
      await asking.stop();
    }
    expect(asking.wrong).toEqual([]);
  });
});
