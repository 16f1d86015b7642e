import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Challenge } from '../../../../src-node/challenge/challenge-publisher.js';
import {
  selfCheck,
  type SelfCheckReport,
  type SelfCheckSurroundings,
} from '../../../../src-node/challenge/self-check/self-check.js';
import { freePort, loopback } from '../../../support/loopback.js';

const challengeOf = (name: string): Challenge => {
  const keyAuthorization = `${'t'.repeat(30)}${name}.${'k'.repeat(43)}`.replace('.test', '-test');
  const [token = ''] = keyAuthorization.split('.');
  return { type: 'http-01', name, token, keyAuthorization, validation: keyAuthorization };
};

let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer(({ url = '', headers }, response) => {
    if (headers.host === 'silent.test') return void server.emit('silence');
    const isWrong = headers.host?.startsWith('wrong') === true;
    response.end(isWrong ? '<html>' : `${url.split('/').at(-1) ?? ''}.${'k'.repeat(43)}`);
  });
  port = await freePort();
  await once(server.listen(port, loopback), 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function check(
  challenges: readonly Challenge[],
  differing: Partial<SelfCheckSurroundings> = {},
): Promise<SelfCheckReport> {
  const settings = { selfCheckPort: port, selfCheckHttpsPort: undefined, selfCheckResolver: undefined };
  return await selfCheck(
    challenges,
    { ...settings, selfCheckAddress: loopback },
    {
      ...{ mode: 'require', authenticator: 'webroot', machine: { addresses: [] }, userAgent: 'test/1' },
      signal: new AbortController().signal,
      ...differing,
    },
  );
}

it('a hundred names are looked at together, and the system has nothing to warn of', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const names = Array.from({ length: 100 }, (_, index) => `n${index}.test`);
  const report = await check(names.map(challengeOf));
  // Warnings come in a turn of their own.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(warnings).toEqual([]);
  expect([...report.passed].sort()).toEqual([...names].sort());
  expect(report).toMatchObject({ refusal: undefined, warnings: [] });
});

it('names that fail are told one by one, and those that pass are known', async () => {
  const { passed, refusal, warnings } = await check(['wrong1.test', 'right.test', 'wrong2.test'].map(challengeOf));
  expect([passed, warnings]).toEqual([['right.test'], []]);
  expect(refusal?.failures.map(({ name }) => name).sort()).toEqual(['wrong1.test', 'wrong2.test']);
  expect(refusal?.error).toMatchObject({ code: 'self-check-failed', details: { length: 2 } });
});

it('warn refuses nothing', async () => {
  const { passed, refusal, warnings } = await check([challengeOf('wrong.test')], { mode: 'warn' });
  expect([passed, refusal, warnings.length]).toEqual([[], undefined, 1]);
});

it('dns-01 is not looked at', async () => {
  const report = await check([{ ...challengeOf('wrong.test'), type: 'dns-01' }]);
  expect(report).toEqual({ passed: [], refusal: undefined, warnings: [] });
});

it('ends at once with the run', async () => {
  const controller = new AbortController();
  const asked = once(server, 'silence');
  const looking = check([challengeOf('silent.test')], { signal: controller.signal });
  await asked;
  const [start, reason] = [performance.now(), new Error('stop')];
  controller.abort(reason);
  await expect(looking).rejects.toBe(reason);
  expect(performance.now() - start).toBeLessThan(5_000);
});

it('ends at once with the run where the DNS is silent, however many names are left', async () => {
  const dns = createSocket('udp4');
  await new Promise<void>((resolve) => dns.bind(0, loopback, resolve));
  try {
    const controller = new AbortController();
    const asked = once(dns, 'message');
    const names = Array.from({ length: 100 }, (_, index) => `n${index}.test`);
    const ports = { selfCheckPort: port, selfCheckHttpsPort: undefined };
    const looking = selfCheck(
      names.map(challengeOf),
      { ...ports, selfCheckAddress: undefined, selfCheckResolver: `${loopback}:${dns.address().port}` },
      {
        ...{ mode: 'require', authenticator: 'webroot', machine: { addresses: [] }, userAgent: 'test/1' },
        signal: controller.signal,
      },
    );
    await asked;
    const [start, reason] = [performance.now(), new Error('stop')];
    controller.abort(reason);
    await expect(looking).rejects.toBe(reason);
    expect(performance.now() - start).toBeLessThan(2_000);
  } finally {
    dns.close();
  }
}, 60_000);
