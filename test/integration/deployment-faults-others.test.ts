import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/child.js';
import { disturbedSocket, type DisturbedSocket } from '../support/disturbed-socket.js';
import {
  deploy,
  expectMadeGood,
  expectSettled,
  haproxyState,
  refusedAs,
  storeVersion,
} from '../support/faulty-stage.js';
import { servedCertificate, startHaproxyDaemon, type Haproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { jsonReport } from '../support/report.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { selfSigned } from '../support/self-signed.js';
import { startHaproxy, startStage, type Stage } from '../support/stage.js';

const name = 'shop.test';
let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ pebble: { authzReuse: 100 } });
  await stage.ordered([name]);
});
afterAll(async () => await stage.stop());
beforeEach(async () => await storeVersion(stage));

describe("another tool's open transaction", () => {
  let others: string;
  const open = async (): Promise<void> => {
    const { bundleFile } = await selfSigned(stage.at(''), 'others', ['DNS:others.test']);
    others = stage.at('default.pem');
    const pem = readFileSync(bundleFile, 'utf8').replaceAll(/\n+/g, '\n');
    expect(await runtimeCommand(stage.socket, `set ssl cert ${others} <<\n${pem}`)).toContain('Transaction created');
  };
  const shown = async (): Promise<string> => await runtimeCommand(stage.socket, `show ssl cert *${others}`);

  it('is left as it is, and at runtime nothing is changed', async () => {
    await open();
    const [before, theirs] = [await haproxyState(stage, name), await shown()];
    expect(theirs).toContain('others.test');
    const result = await deploy(stage, ['--haproxy-deploy', 'runtime']);
    expect(refusedAs(result), result.stdout).toBe('runtime-busy');
    expect(await shown()).toBe(theirs);
    expect(await haproxyState(stage, name)).toEqual(before);
    expect(await runtimeCommand(stage.socket, `commit ssl cert ${others}`)).toContain('Success!');
    await expectMadeGood(stage, name);
  });

  it('that ends meanwhile is waited for', async () => {
    await open();
    let looks = 0;
    const between = await disturbedSocket(stage.at('between.sock'), stage.socket, async (request) => {
      if (request.startsWith('abort')) looks += 1;
      if (looks === 2) await runtimeCommand(stage.socket, `abort ssl cert ${others}`);
      return undefined;
    });
    const result = await deploy(stage, ['--haproxy-deploy', 'runtime', '--haproxy-socket', between.path]);
    await between.stop();
    expect(looks).toBe(2);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    await expectSettled(stage, name);
  });

  it('brings a reload where nothing is said, which ends it as any reload does', async () => {
    await open();
    const result = await deploy(stage, []);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    const { reloads, sockets, notes } = jsonReport(result);
    expect([reloads.length, sockets, notes.length]).toEqual([1, [], 1]);
    expect(notes[0]).toContain(others);
    await expectSettled(stage, name);
  });
});

describe('HAProxy, killed before it commits', () => {
  let between: DisturbedSocket;
  const start = async (): Promise<void> => {
    await startHaproxy(stage.cfg, stage.pidfile);
    await until('HAProxy serves', async () => await stage.served(name).catch(() => undefined));
  };
  const killAtCommit = async (then: () => Promise<void>): Promise<readonly string[]> => {
    let isKilled = false;
    between = await disturbedSocket(stage.at('between.sock'), stage.socket, async (request) => {
      if (isKilled || !request.startsWith('commit')) return undefined;
      isKilled = true;
      for (const pid of stage.processes()) process.kill(pid, 'SIGKILL');
      await until('HAProxy is gone', () => stage.processes().length === 0);
      await then();
      return { passes: false, answer: 'none' };
    });
    return ['--haproxy-socket', between.path];
  };
  afterEach(async () => await between.stop());

  it.each(['runtime', 'auto'])('and started again serves the new one in the end (%s)', async (mode) => {
    const flags = await killAtCommit(start);
    const result = await deploy(stage, ['--haproxy-deploy', mode, ...flags]);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    await expectSettled(stage, name);
  });

  it('and not started again finds the old one on disk, and the next run makes it good', async () => {
    const before = await haproxyState(stage, name);
    const flags = await killAtCommit(async () => await Promise.resolve());
    const result = await deploy(stage, ['--haproxy-deploy', 'runtime', ...flags]);
    expect(refusedAs(result), result.stdout).toBe('runtime-silent');
    await start();
    expect(await haproxyState(stage, name)).toEqual(before);
    await expectMadeGood(stage, name);
  });

  it('and not started again finds the new one on disk where a reload was to help', async () => {
    const flags = await killAtCommit(async () => await Promise.resolve());
    const result = await deploy(stage, flags);
    expect(refusedAs(result), result.stdout).toBe('haproxy-not-running');
    await start();
    expect(await stage.served(name)).toBe(stage.stored(name));
    await expectMadeGood(stage, name);
  });
});

describe('of two HAProxys', () => {
  let second: Haproxy;
  let port: number;
  const at = (file: string): string => join(stage.at('second'), file);
  const bothServe = async (): Promise<readonly string[]> => [
    await stage.served(name),
    (await servedCertificate(loopback, port, name)).fingerprint,
  ];
  beforeEach(async () => {
    mkdirSync(at(''), { recursive: true });
    port = await freePort();
    const config = `
global
  stats socket ${at('admin.sock')} mode 600 level admin
  stats socket ${at('operator.sock')} mode 600 level operator
defaults
  mode http
  timeout client 5s
frontend https
  bind ${loopback}:${port} ssl crt ${stage.certDir}
`;
    second = await startHaproxyDaemon(at(''), config);
  });
  afterEach(async () => await second.stop());

  it.each([
    ['denies it', 'runtime-denied', 'operator.sock'],
    ['is not there', 'runtime-unreachable', 'absent.sock'],
  ])('one %s: the other has the old one too, and is not reloaded', async (_what, code, socket) => {
    const [before, served, pid] = [await haproxyState(stage, name), await bothServe(), stage.pid()];
    const result = await deploy(stage, ['--haproxy-socket', stage.socket, '--haproxy-socket', at(socket)]);
    expect(refusedAs(result), result.stdout).toBe(code);
    expect(await haproxyState(stage, name)).toEqual(before);
    expect(await bothServe()).toEqual(served);
    expect(stage.pid()).toBe(pid);
    const sockets = ['--haproxy-socket', stage.socket, '--haproxy-socket', at('admin.sock')];
    const again = await deploy(stage, sockets);
    expect(again, again.stdout).toMatchObject({ code: 0 });
    expect(await bothServe()).toEqual([stage.stored(name), stage.stored(name)]);
    await expectSettled(stage, name);
  });
});
