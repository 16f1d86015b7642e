import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Challenge, ChallengePublisher } from '../../../src-node/challenge/challenge-publisher.js';
import {
  startControlServer,
  type ControlEvent,
  type ControlServer,
} from '../../../src-node/challenge/control-server.js';
import { createLeases, type Leases } from '../../../src-node/challenge/leases.js';
import { spoePublisher } from '../../../src-node/challenge/spoe.js';
import { systemClock, type Clock } from '../../../src-node/platform/clock.js';
import { run, until } from '../../support/child.js';
import { isRoot } from '../../support/stage.js';
import { temporaryDirectory } from '../../support/temporary.js';

const challenge = (token: string): Challenge => {
  const keyAuthorization = `${token}.${'a'.repeat(43)}`;
  return { type: 'http-01', name: 'a.example', token, keyAuthorization, validation: keyAuthorization };
};
const code = (wanted: string): unknown => expect.objectContaining({ name: 'ChallengeError', code: wanted });

interface Agent extends ControlServer {
  readonly path: string;
  readonly leases: Leases;
  readonly events: ControlEvent[];
}

let directory: ReturnType<typeof temporaryDirectory>;
let agents: { close: () => Promise<unknown> }[];
let publisher: ChallengePublisher;
let path: string;
beforeEach(() => {
  directory = temporaryDirectory();
  agents = [];
  path = join(directory.path, 'run/spoa.sock');
  publisher = spoePublisher([path], systemClock);
});
afterEach(async () => {
  await publisher.withdraw(['one', 'two'].map(challenge));
  for (const agent of agents) await agent.close();
  directory.remove();
});

async function startAgent(at = path, most = 10_000): Promise<Agent> {
  const [leases, events]: [Leases, ControlEvent[]] = [createLeases(most), []];
  const server = await startControlServer({
    path: at,
    leases,
    clock: systemClock,
    onEvent: (event) => events.push(event),
  });
  agents.push(server);
  return { ...server, path: at, leases, events };
}

/** Of which ten seconds are one. */
function hurried(): Clock {
  let ahead = 0;
  const sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    await systemClock.sleep(milliseconds / 10, signal);
    ahead += milliseconds;
  };
  return { now: () => systemClock.now() + ahead, sleep };
}

/** Something else that listens at the agent's socket. */
async function startOther(onConnection: (socket: Socket) => void): Promise<Server> {
  mkdirSync(join(directory.path, 'run'));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    onConnection(socket);
  }).listen(path);
  await once(server, 'listening');
  agents.push({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return server;
}

/** What an agent says to a text, until it closes or has said a line. */
async function say(text: string, isOver = (answer: string): boolean => answer.endsWith('\n')): Promise<string> {
  const socket = connect(path);
  let answer = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (answer += piece));
  const closed = once(socket, 'close');
  socket.write(text);
  await until('it is answered', () => socket.closed || isOver(answer));
  socket.destroy();
  await closed;
  return answer;
}

describe('publishing at an agent', () => {
  it('is done once the agent knows the challenges, and undone by withdrawing', async () => {
    const { leases } = await startAgent();
    await publisher.check(['a.example']);
    await publisher.publish([challenge('one'), challenge('two')]);
    expect([leases.find('one'), leases.find('two')]).toEqual(['one', 'two'].map((each) => challenge(each).validation));
    await publisher.withdraw([challenge('one')]);
    expect([leases.find('one'), leases.size()]).toEqual([undefined, 1]);
    await publisher.withdraw([challenge('two'), challenge('never')]);
    expect(leases.size()).toBe(0);
  });

  it('is done at every agent, and at none where one is not there', async () => {
    const [one, two] = [await startAgent(), await startAgent(join(directory.path, 'two/spoa.sock'))];
    const both = spoePublisher([one.path, two.path], hurried());
    await both.check(['a.example']);
    await both.publish([challenge('one')]);
    expect([one, two].map(({ leases }) => leases.size())).toEqual([1, 1]);
    await both.withdraw([challenge('one')]);
    await two.close();
    await expect(both.check(['a.example'])).rejects.toEqual(code('agent-unreachable'));
    await expect(both.publish([challenge('one')])).rejects.toEqual(code('agent-unreachable'));
    await until('nothing is left', () => one.leases.size() === 0);
  }, 20_000);

  it('takes more than one request may have', async () => {
    const { leases } = await startAgent();
    const many = Array.from({ length: 250 }, (_, index) => challenge(`t${index}`));
    await publisher.publish(many);
    expect(leases.size()).toBe(250);
    await publisher.withdraw(many);
    expect(leases.size()).toBe(0);
  });

  it('by orders at the same time shares a connection, which ends with the last', async () => {
    const { leases, events } = await startAgent();
    await Promise.all(['one', 'two', 'three'].map(async (token) => await publisher.publish([challenge(token)])));
    expect(leases.size()).toBe(3);
    await Promise.all(['one', 'three'].map(async (token) => await publisher.withdraw([challenge(token)])));
    expect(leases.find('two')).toBeDefined();
    await publisher.withdraw([challenge('two')]);
    expect(events.filter(({ kind }) => kind === 'dropped')).toEqual([]);
  });

  it('is done again at an agent that was restarted, however often', async () => {
    let agent = await startAgent();
    await publisher.publish([challenge('one')]);
    for (let restart = 0; restart < 3; restart += 1) {
      await agent.close();
      agent = await startAgent();
      await until('it is there again', () => agent.leases.find('one') !== undefined);
    }
    await publisher.withdraw([challenge('one')]);
    expect(agent.leases.size()).toBe(0);
  });

  it('waits for an agent that is being restarted', async () => {
    const published = publisher.publish([challenge('one')]);
    const { leases } = await startAgent();
    await published;
    expect(leases.find('one')).toBe(challenge('one').validation);
  });

  it('is begun where an agent is only being restarted', async () => {
    const checked = publisher.check(['a.example']);
    await startAgent();
    await checked;
  });

  it('ends with the process, also where that is killed', async () => {
    const { leases, events } = await startAgent();
    const program = `
import { spoePublisher } from ${JSON.stringify(join(import.meta.dirname, '../../../src-node/challenge/spoe.ts'))};
import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../../src-node/platform/clock.ts'))};
await spoePublisher([${JSON.stringify(path)}], systemClock).publish([${JSON.stringify(challenge('one'))}]);`;
    const done = run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      onStart: (child) => {
        void until('it has published', () => leases.size() === 1).then(() => child.kill('SIGKILL'));
      },
    });
    expect(await done).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    await until('it is gone', () => leases.find('one') === undefined);
    expect(events.at(-1)).toEqual({ kind: 'dropped', count: 1 });
  });
});

describe('no agent', () => {
  it('is told before anything is ordered, whatever is in its place', async () => {
    const start = systemClock.now();
    await expect(publisher.check(['a.example'])).rejects.toEqual(code('agent-unreachable'));
    expect(systemClock.now() - start).toBeLessThan(6_000);
    mkdirSync(join(directory.path, 'run'));
    writeFileSync(path, '');
    await expect(spoePublisher([path], hurried()).check(['a.example'])).rejects.toEqual(code('agent-unreachable'));
  });

  // Only root can become another user.
  it.runIf(isRoot)('answers another user', async () => {
    await startAgent();
    for (const each of [directory.path, join(directory.path, 'run')]) chmodSync(each, 0o755);
    const program = `require('net').connect(${JSON.stringify(path)}, () => console.log('connected')).on('error', (e) => console.log(e.code)).unref()`;
    const other = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', program];
    expect(await run('setpriv', other)).toMatchObject({ stdout: 'EACCES\n', stderr: '' });
  });

  it.each([
    ['closes at once', (socket: Socket) => socket.destroy(), 'agent-unreachable'],
    ['is a web server', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'agent-refused'],
    ['talks without an end', (socket: Socket) => socket.write('x'.repeat(100_000)), 'agent-refused'],
    [
      'answers what was not asked',
      (socket: Socket) => socket.write('{"version":1,"id":9,"result":"done"}\n'),
      'agent-refused',
    ],
    [
      'is of another version',
      (socket: Socket) => socket.end('{"version":2,"id":1,"result":"refused","reason":"version"}\n'),
      'agent-refused',
    ],
  ])('where what listens %s', async (_, act, wanted) => {
    await startOther((socket) => socket.once('data', () => void act(socket)));
    await expect(spoePublisher([path], hurried()).check(['a.example'])).rejects.toEqual(code(wanted));
  });

  it('where what listens never answers', async () => {
    await startOther(() => undefined);
    await expect(spoePublisher([path], hurried()).check(['a.example'])).rejects.toEqual(code('agent-unreachable'));
  });

  it('answers wildcards', async () => {
    await startAgent();
    await expect(publisher.check(['*.a.example'])).rejects.toEqual(code('wildcard-needs-dns'));
  });

  it('that is full takes nothing, and the rest stays', async () => {
    const { leases } = await startAgent(path, 1);
    await publisher.publish([challenge('one')]);
    await expect(publisher.publish([challenge('two')])).rejects.toEqual(code('agent-refused'));
    expect([leases.find('one') === undefined, leases.size()]).toEqual([false, 1]);
  });
});

describe('the control socket', () => {
  it('is for its user alone, in a directory that is made so', async () => {
    const agent = await startAgent(join(directory.path, 'some/where/spoa.sock'));
    const mode = (name: string): number => statSync(join(directory.path, name)).mode & 0o7777;
    expect(['some', 'some/where', 'some/where/spoa.sock'].map(mode)).toEqual([0o700, 0o700, 0o600]);
    expect(readdirSync(join(directory.path, 'some/where'))).toEqual(['spoa.sock']);
    await agent.close();
    expect(readdirSync(join(directory.path, 'some/where'))).toEqual([]);
  });

  it('of an agent that was killed gives way, that of one that runs does not', async () => {
    mkdirSync(join(directory.path, 'run'));
    const left = `const s = require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await run(process.execPath, ['-e', left]);
    expect(existsSync(path)).toBe(true);
    const { leases } = await startAgent();
    await expect(startAgent()).rejects.toEqual(code('control-in-use'));
    await publisher.publish([challenge('one')]);
    expect(leases.size()).toBe(1);
    expect(readdirSync(join(directory.path, 'run'))).toEqual(['spoa.sock']);
  });

  it('is that of one, where several try at once', async () => {
    mkdirSync(join(directory.path, 'run'));
    const left = `const s = require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    // What has to be met is a moment between two steps of another.
    for (let round = 0; round < 8; round += 1) {
      await run(process.execPath, ['-e', left]);
      const tried = await Promise.allSettled(Array.from({ length: 12 }, async () => await startAgent()));
      expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of tried) {
        if (result.status === 'rejected') expect(result.reason).toEqual(code('control-in-use'));
      }
      await publisher.check(['a.example']);
      expect(readdirSync(join(directory.path, 'run'))).toEqual(['spoa.sock']);
      for (const agent of agents.splice(0)) await agent.close();
    }
  }, 20_000);

  it('is not made in place of a file, in one, or with a path that would be cut', async () => {
    mkdirSync(join(directory.path, 'run'));
    writeFileSync(path, 'precious');
    await expect(startAgent()).rejects.toEqual(code('control-unusable'));
    await expect(startAgent(join(path, 'spoa.sock'))).rejects.toEqual(code('control-unusable'));
    await expect(startAgent(join(directory.path, 'x'.repeat(100)))).rejects.toEqual(code('control-unusable'));
    expect(readdirSync(directory.path)).toEqual(['run']);
    expect(readdirSync(join(directory.path, 'run'))).toEqual(['spoa.sock']);
  });

  it.each([
    ['what is no request', 'GET / HTTP/1.1\r\n\r\n', 'malformed'],
    ['a line that does not end', 'x'.repeat(70_000), 'malformed'],
    ['another version', '{"version":9,"id":1,"command":"hello"}\n{"version":1,"id":2,"command":"hello"}\n', 'version'],
  ])('answers %s by an error, and closes', async (_, text, reason) => {
    const { events } = await startAgent();
    const answer = await say(text, () => false);
    expect(answer.split('\n')).toHaveLength(2);
    expect(JSON.parse(answer)).toMatchObject({ version: 1, result: 'refused', reason });
    expect(events).toEqual([{ kind: 'refused', reason }]);
    await publisher.check(['a.example']);
  });

  it('has so many connections and no more', async () => {
    await startAgent();
    const idle = Array.from({ length: 100 }, () => connect(path).on('error', () => undefined));
    await Promise.all(idle.map(async (socket): Promise<unknown> => await once(socket, 'connect')));
    await until('they are counted', async () => (await say('', () => false)).includes('"busy"'));
    await expect(publisher.check(['a.example'])).rejects.toEqual(code('agent-refused'));
    for (const socket of idle) socket.destroy();
    await until(
      'there is room again',
      async () =>
        await publisher.check(['a.example']).then(
          () => true,
          () => false,
        ),
    );
  });
});
