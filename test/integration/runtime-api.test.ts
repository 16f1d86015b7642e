import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../src-node/platform/clock.js';
import { openRuntime, type Runtime } from '../../src-node/haproxy/runtime-api.js';
import { run, until } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { startRuntimeStage, type RuntimeStage } from '../support/runtime-stage.js';
import { scriptedSocket, statsProbe, type ScriptedSocket } from '../support/scripted-socket.js';
import { temporaryDirectory } from '../support/temporary.js';

const code = (wanted: string): unknown => expect.objectContaining({ name: 'DeployError', code: wanted });

describe('with HAProxy', () => {
  let stage: RuntimeStage;
  beforeAll(async () => {
    stage = await startRuntimeStage();
  });
  afterAll(async () => await stage.stop());

  const pidOf = async (runtime: Runtime): Promise<number> =>
    Number(/^Pid: (\d+)$/m.exec(await runtime.command(['show', 'info']))?.[1]);

  it('asks over a unix socket, over TCP and through a master, which it recognises', async () => {
    const addresses = [stage.socket, `unix@${stage.socket}`, stage.tcpAddress, `ipv4@${stage.tcpAddress}`];
    const all = await Promise.all([...addresses, stage.masterSocket].map(async (address) => await stage.open(address)));
    expect(all.map(({ address, kind }) => ({ address, kind }))).toEqual([
      ...addresses.map((address) => ({ address, kind: 'stats' })),
      { address: stage.masterSocket, kind: 'master' },
    ]);
    const pids = await Promise.all(all.map(pidOf));
    expect(new Set(pids).size).toBe(1);
    expect(pids).not.toContain(stage.masterPid);
  });

  it('returns an answer of many buffers whole', async () => {
    const runtime = await stage.open();
    const names = Array.from(
      { length: 100 },
      (_, index) => `${String(index).padStart(4, '0')}-${'x'.repeat(1_000)}.pem`,
    );
    for (const name of names) await runtime.command(['new', 'ssl', 'cert', name]);
    const answer = await runtime.command(['show', 'ssl', 'cert']);
    expect(answer.split('\n')).toEqual(['# filename', stage.at('default.pem'), ...names].sort());
    for (const name of names) await runtime.command(['del', 'ssl', 'cert', name]);
  });

  it('is denied what the level of the socket does not permit', async () => {
    const operator = await stage.open(stage.operatorSocket);
    await expect(operator.command(['new', 'ssl', 'cert', 'x.pem'])).rejects.toThrow(code('runtime-denied'));
    await expect(operator.command(['set', 'ssl', 'cert', 'x.pem'], 'x\n')).rejects.toThrow(code('runtime-denied'));
    expect(await operator.command(['show', 'ssl', 'cert'])).toContain(stage.at('default.pem'));
    // There HAProxy speaks of memory.
    const user = await stage.open(stage.userSocket);
    await expect(user.command(['show', 'ssl', 'cert'])).rejects.toThrow(code('runtime-denied'));
  });

  it('gives each word as it is', async () => {
    const names = [
      'with space.pem',
      'a;b.pem',
      String.raw`back\slash.pem`,
      'tab\t.pem',
      '<<',
      'end<<',
      '*.pem',
      'ü#"\'&',
    ];
    for (const runtime of [await stage.open(), await stage.open(stage.masterSocket)]) {
      for (const name of names) await runtime.command(['new', 'ssl', 'cert', name]);
      const listed = (await runtime.command(['show', 'ssl', 'cert'])).split('\n');
      for (const name of names) expect(listed).toContain(name);
      for (const name of names) {
        expect(await runtime.command(['del', 'ssl', 'cert', name])).toBe(`Certificate '${name}' deleted!`);
      }
    }
  });

  it('sends no word that would be a second command', async () => {
    const runtime = await stage.open();
    for (const name of ['x\nshow info', 'x\r', 'x\0', '']) {
      await expect(runtime.command(['new', 'ssl', 'cert', name])).rejects.toThrow(code('runtime-rejected'));
    }
  });

  it('takes blank lines and CR out of a payload, of which else the rest would be commands', async () => {
    for (const runtime of [await stage.open(), await stage.open(stage.masterSocket)]) {
      const name = stage.at('default.pem');
      const pem = readFileSync(name, 'utf8').replaceAll('\n', '\r\n').replaceAll('-----BEGIN', '\r\n \n\n-----BEGIN');
      expect(await runtime.command(['set', 'ssl', 'cert', name], pem)).toContain(`created for certificate ${name}!`);
      expect(await runtime.command(['commit', 'ssl', 'cert', name])).toContain('Success!');
    }
  });

  it('leaves out the level that severity-output puts before a message', async () => {
    const runtime = await stage.open(stage.severitySocket);
    expect(runtime.kind).toBe('stats');
    expect(await runtime.command(['abort', 'ssl', 'cert', 'x.pem'])).toBe('No ongoing transaction!');
  });

  it('goes on through a reload of the master, with the new worker', async () => {
    const runtime = await stage.open(stage.masterSocket);
    const before = await pidOf(runtime);
    process.kill(stage.masterPid, 'SIGUSR2');
    await until('the new worker answers', async () => (await pidOf(runtime)) !== before);
  });
});

describe('without an answer', () => {
  let socket: ScriptedSocket | undefined;
  afterEach(async () => {
    await socket?.stop();
    socket = undefined;
  });
  const open = async (address: string): Promise<Runtime> =>
    await openRuntime(address, { timeout: 300, clock: systemClock });

  it.each<[string, string | undefined]>([
    ['a HAProxy that hangs', undefined],
    ['a connection closed at once', ''],
    ['a connection closed in the middle of the answer', '# filename\n/etc/haproxy/certs/a.pem\n'],
    ['an answer without an end', `${'x'.repeat(65 * 1024 * 1024)}\n\n`],
  ])('%s is silent, and the error tells no key', async (_, answer) => {
    socket = await scriptedSocket((request, connection) => {
      if (request === 'show proc\n') connection.end(statsProbe);
      else if (answer !== undefined) connection.end(answer);
    });
    const runtime = await openRuntime(socket.path, {
      timeout: answer === undefined ? 300 : 20_000,
      clock: systemClock,
    });
    const key = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg';
    const error: unknown = await runtime.command(['set', 'ssl', 'cert', 'a.pem'], `${key}\n`).catch((e: unknown) => e);
    expect(error).toEqual(code('runtime-silent'));
    expect(JSON.stringify([error, String(error), (error as Error).cause])).not.toContain(key);
    expect(socket.requests.at(-1)).toContain(key);
  });

  it('a master whose worker does not come is unreachable', async () => {
    socket = await scriptedSocket((request, connection) =>
      connection.end(
        request === 'show proc\n'
          ? '#<PID> <type>\n1 master\n\n'
          : "Can't find the target PID matching the prefix '@1'\n",
      ),
    );
    let now = 0;
    const hasty: Clock = {
      now: () => (now += 5_000),
      sleep: async (time, signal) => await systemClock.sleep(time, signal),
    };
    const runtime = await openRuntime(socket.path, { timeout: 5_000, clock: hasty });
    await expect(runtime.command(['show', 'info'])).rejects.toThrow(code('runtime-unreachable'));
    expect(socket.requests.filter((request) => request === '@1 show info\n').length).toBeGreaterThan(3);
  });

  it('a master that drops the connection is asked once more', async () => {
    const dropped = new Set<string>();
    socket = await scriptedSocket((request, connection) => {
      if (request === 'show proc\n') connection.end('#<PID> <type>\n1 master\n\n');
      else if (request === '@1 show info\n' && dropped.has(request)) connection.end('answer\n\n');
      else connection.end();
      dropped.add(request);
    });
    const runtime = await open(socket.path);
    expect(await runtime.command(['show', 'info'])).toBe('answer');
    await expect(runtime.command(['silent'])).rejects.toThrow(code('runtime-silent'));
    expect(socket.requests).toEqual([
      'show proc\n',
      ...['@1 show info\n', '@1 silent\n'].flatMap((sent) => [sent, sent]),
    ]);
  });

  it('a socket that is not there, of nobody, or of another program is unreachable', async () => {
    const directory = temporaryDirectory();
    try {
      await expect(open(join(directory.path, 'none.sock'))).rejects.toThrow(code('runtime-unreachable'));
      await expect(open(`${loopback}:${await freePort()}`)).rejects.toThrow(code('runtime-unreachable'));
      await expect(open(`no-such-host.invalid:9999`)).rejects.toThrow(code('runtime-unreachable'));
      const left = join(directory.path, 'left.sock');
      await run(process.execPath, [
        '-e',
        `require('net').createServer().listen('${left}', () => process.kill(process.pid, 9))`,
      ]);
      await expect(open(left)).rejects.toThrow(code('runtime-unreachable'));
      writeFileSync(join(directory.path, 'file'), '');
      await expect(open(join(directory.path, 'file'))).rejects.toThrow(code('runtime-unreachable'));
      socket = await scriptedSocket((_, connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n<html>\n\n'));
      await expect(open(socket.path)).rejects.toThrow(code('runtime-unreachable'));
    } finally {
      directory.remove();
    }
  });

  it('waits for a socket that listens again a moment later', async () => {
    const port = await freePort();
    const server = createServer({ allowHalfOpen: true }, (connection) => {
      connection.on('data', () => connection.end(statsProbe));
    });
    const clock: Clock = {
      now: () => systemClock.now(),
      sleep: async (time, signal) => {
        // The first pause is after an attempt that was refused.
        if (signal === undefined && !server.listening) server.listen(port, loopback);
        await systemClock.sleep(time, signal);
      },
    };
    try {
      expect((await openRuntime(`${loopback}:${port}`, { timeout: 5_000, clock })).kind).toBe('stats');
      expect(server.listening).toBe(true);
    } finally {
      server.close();
    }
  });
});
