import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startConnectProxy, type ConnectProxy } from '../support/connect-proxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
let proxy: ConnectProxy;

beforeAll(async () => {
  [stage, proxy] = await Promise.all([startStage(), startConnectProxy({ credentials: 'user:s3cret' })]);
});
afterAll(async () => {
  proxy.stop();
  await stage.stop();
});

const withUser = (): string => proxy.url.replace('://', '://user:s3cret@');

it('leads to the CA, and its password is told nowhere', async () => {
  const result = await stage.order(['proxied.test'], [], { env: { HTTPS_PROXY: withUser() } });
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${new URL(stage.pebble.directoryUrl).host}`]));
  const logs = readdirSync(stage.at('logs')).map((name) => readFileSync(join(stage.at('logs'), name), 'utf8'));
  expect([result.stdout, result.stderr, ...logs].join('\n')).not.toContain('s3cret');
});

it('is not asked for what NO_PROXY names', async () => {
  const before = proxy.asked.length;
  const env = { https_proxy: withUser(), no_proxy: loopback };
  const result = await stage.order(['direct.test'], [], { env });
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(proxy.asked).toHaveLength(before);
});

it('that wants another password, or is not there, ends the run with its reason', async () => {
  const wrong = await stage.order(['wrong.test'], [], { env: { https_proxy: proxy.url } });
  expect(wrong.code).toBe(1);
  expect(errorCodes(wrong)).toEqual(['acme-proxy']);
  expect(wrong.stderr).toContain(proxy.url);
  const gone = `http://user:s3cret@${loopback}:${await freePort()}`;
  const absent = await stage.order(['absent.test'], [], { env: { HTTPS_PROXY: gone } });
  expect(errorCodes(absent)).toEqual(['acme-proxy-unreachable']);
  expect(absent.stderr).not.toContain('s3cret');
});
