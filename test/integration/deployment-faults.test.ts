import { once } from 'node:events';
import { linkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { disturbedSocket, type DisturbedSocket, type Disturbance } from '../support/disturbed-socket.js';
import {
  deploy,
  expectMadeGood,
  expectSettled,
  haproxyState,
  refusedAs,
  storeVersion,
} from '../support/faulty-stage.js';
import { jsonReport } from '../support/report.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { stageConfig, startStage, type Stage } from '../support/stage.js';

const name = 'shop.test';
let stage: Stage;

beforeAll(async () => {
  stage = await startStage({
    pebble: { authzReuse: 100 },
    config: (paths) =>
      stageConfig(paths, {
        global: ['user', 'operator'].map((level) => `stats socket ${paths.at(level)} mode 600 level ${level}`),
      }),
  });
  await stage.ordered([name]);
});
afterAll(async () => await stage.stop());

let between: DisturbedSocket | undefined;
afterEach(async () => {
  await between?.stop();
  between = undefined;
});

/** A socket on the way to HAProxy where the first request that begins so meets this. */
async function disturbed(beginning: string, disturbance: Disturbance): Promise<string> {
  let isMet = false;
  between = await disturbedSocket(stage.at('between.sock'), stage.socket, (request) => {
    if (isMet || !request.startsWith(beginning)) return undefined;
    isMet = true;
    return disturbance;
  });
  return between.path;
}

/** A socket file without anybody behind it, as a killed HAProxy leaves it. */
async function leftSocket(): Promise<string> {
  const server = createServer().listen(stage.at('short.sock'));
  await once(server, 'listening');
  rmSync(stage.at('left.sock'), { force: true });
  linkSync(stage.at('short.sock'), stage.at('left.sock'));
  server.close();
  return stage.at('left.sock');
}

const faults: readonly (readonly [what: string, code: string, socket: () => Promise<string> | string])[] = [
  ['is absent', 'runtime-unreachable', () => stage.at('absent.sock')],
  ['has nobody listening', 'runtime-unreachable', leftSocket],
  ['is of level user', 'runtime-denied', () => stage.at('user')],
  ['is of level operator', 'runtime-denied', () => stage.at('operator')],
  ['hangs at once', 'runtime-silent', async () => await disturbed('show proc', { passes: false, answer: 'hang' })],
  [
    'hangs when it is given the certificate',
    'runtime-silent',
    async () => await disturbed('set ssl cert', { passes: true, answer: 'hang' }),
  ],
  [
    'is closed in the middle of an answer',
    'runtime-silent',
    async () => await disturbed('set ssl cert', { passes: true, answer: 'half' }),
  ],
  [
    'is closed before the transaction is committed',
    'runtime-silent',
    async () => await disturbed('commit ssl cert', { passes: false, answer: 'none' }),
  ],
];

describe.each(faults)('a stats socket that %s', (_what, code, makeSocket) => {
  let socket: string;
  const flags = (mode: string): readonly string[] => ['--haproxy-deploy', mode, '--haproxy-socket', socket];

  it(`leaves all as it was at runtime (${code})`, async () => {
    await storeVersion(stage);
    const before = await haproxyState(stage, name);
    socket = await makeSocket();
    const refused = await deploy(stage, flags('runtime'));
    expect(refusedAs(refused), refused.stdout).toBe(code);
    expect(await haproxyState(stage, name)).toEqual(before);
    expect(await runtimeCommand(stage.socket, 'abort ssl cert /dev/null')).toContain('No ongoing transaction!');
    await expectMadeGood(stage, name);
  });

  it('brings one checked reload where nothing is said', async () => {
    await storeVersion(stage);
    socket = await makeSocket();
    const result = await deploy(stage, flags('auto'));
    expect(result, result.stdout).toMatchObject({ code: 0 });
    const { reloads, sockets, notes } = jsonReport(result);
    expect([reloads.length, sockets]).toEqual([1, []]);
    expect(notes.filter((note) => note.includes(socket))).toHaveLength(1);
    await expectSettled(stage, name);
  });
});

it('an answer that is lost after HAProxy has taken the certificate is no failure', async () => {
  await storeVersion(stage);
  const socket = await disturbed('commit ssl cert', { passes: true, answer: 'half' });
  const result = await deploy(stage, ['--haproxy-deploy', 'runtime', '--haproxy-socket', socket]);
  expect(result, result.stdout).toMatchObject({ code: 0 });
  await expectSettled(stage, name);
});
