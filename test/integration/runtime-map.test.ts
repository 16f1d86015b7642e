import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Challenge, ChallengePublisher } from '../../src-node/challenge/challenge-publisher.js';
import { runtimeMapPublisher } from '../../src-node/challenge/runtime-map.js';
import { openTokenMaps } from '../../src-node/haproxy/challenge-map.js';
import { systemClock } from '../../src-node/platform/clock.js';
import { startDaemon, until, type Daemon } from '../support/child.js';
import { haproxyBin, rawHttp } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { temporaryDirectory } from '../support/temporary.js';

const token = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const challenge = (differing: Partial<Challenge> = {}): Challenge => {
  const keyAuthorization = `${differing.token ?? token}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`;
  return { type: 'http-01', name: 'a.test', token, keyAuthorization, validation: keyAuthorization, ...differing };
};
const dashed = '-begins-with-a-dash';

/** A HAProxy whose native rule answers from a map. */
interface Stage {
  /** The master, in the foreground. */
  readonly haproxy: Daemon;
  readonly socket: string;
  readonly say: (command: string) => Promise<string>;
  readonly get: (token: string) => Promise<string>;
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** All of a test know the map by one name. */
async function stages(count: number, converter = 'map'): Promise<{ map: string; stages: readonly Stage[] }> {
  const shared = temporaryDirectory();
  const map = join(shared.path, 'tokens.map');
  writeFileSync(map, '');
  cleanups.push(async () => {
    await Promise.resolve();
    shared.remove();
  });
  const started: Stage[] = [];
  for (let index = 0; index < count; index += 1) started.push(await startOne(map, converter));
  return { map, stages: started };
}

async function startOne(map: string, converter: string): Promise<Stage> {
  const directory = temporaryDirectory();
  const [port, socket] = [await freePort(), join(directory.path, 'admin.sock')];
  const configFile = join(directory.path, 'haproxy.cfg');
  writeFileSync(
    configFile,
    `
global
  nbthread 2
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout client 5s
  timeout connect 5s
  timeout server 5s
frontend http
  bind ${loopback}:${port}
  http-request return status 404 unless { path,field(4,/),${converter}(${map}) -m found }
  http-request return status 200 content-type text/plain lf-string "%[path,field(4,/),${converter}(${map})]"
`,
  );
  const haproxy = startDaemon(haproxyBin, ['-W', '-db', '-S', join(directory.path, 'master.sock'), '-f', configFile]);
  cleanups.push(async () => {
    await haproxy.stop();
    directory.remove();
  });
  const say = async (command: string): Promise<string> => (await runtimeCommand(socket, command)).trim();
  await until('HAProxy answers', async () => {
    if (haproxy.exited()) throw new Error(haproxy.output());
    return await say('show info').catch(() => undefined);
  });
  return {
    haproxy,
    socket,
    say,
    get: async (wanted) => {
      const head = `GET /.well-known/acme-challenge/${wanted} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`;
      return (await rawHttp(loopback, port, head)).replace(/^[^]*\r\n\r\n/, '');
    },
  };
}

function publisherOf(map: string, sockets: readonly string[]): ChallengePublisher {
  const place = { sockets, cfg: [], pidfile: '', bin: undefined, clock: systemClock };
  return runtimeMapPublisher(map, { open: async (name) => await openTokenMaps(name, place), clock: systemClock });
}

describe('one HAProxy', () => {
  it('answers from publishing to withdrawing, and a check leaves nothing behind', async () => {
    const { map, stages: all } = await stages(1);
    const [one] = all as [Stage];
    const publisher = publisherOf(map, [one.socket]);
    await publisher.check(['a.test']);
    expect(await one.say(`show map ${map}`)).toBe('');
    const challenges = [challenge(), challenge({ name: 'b.test', token: dashed })];
    await publisher.publish(challenges);
    for (const { token: wanted, keyAuthorization } of challenges) expect(await one.get(wanted)).toBe(keyAuthorization);
    await publisher.withdraw(challenges);
    expect(await one.say(`show map ${map}`)).toBe('');
    await publisher.withdraw(challenges);
  });

  it('takes what a token had before for nothing, and loses every entry of it', async () => {
    const { map, stages: all } = await stages(1);
    const [one] = all as [Stage];
    for (const value of ['one', 'two']) await one.say(`add map ${map} ${token} ${value}`);
    await one.say(`add map ${map} other kept`);
    const publisher = publisherOf(map, [one.socket]);
    await publisher.publish([challenge()]);
    expect(await one.get(token)).toBe(challenge().keyAuthorization);
    await publisher.withdraw([challenge()]);
    expect(await one.get(token)).toBe('');
    expect(await one.get('other')).toBe('kept');
  });

  it('answers again after each reload, until it is withdrawn', async () => {
    const { map, stages: all } = await stages(1);
    const [one] = all as [Stage];
    const publisher = publisherOf(map, [join(one.socket, '../master.sock')]);
    await publisher.publish([challenge()]);
    await publisher.publish([challenge({ token: dashed })]);
    const worker = async (): Promise<string> =>
      /^Pid: (\d+)$/m.exec(await one.say('show info').catch(() => ''))?.[1] ?? '';
    for (let reload = 0; reload < 2; reload += 1) {
      const before = await worker();
      process.kill(one.haproxy.pid, 'SIGUSR2');
      await until('another worker has the challenges', async () => {
        const now = await worker();
        return (
          now !== '' && now !== before && (await one.say(`show map ${map}`).catch(() => '')).split('\n').length === 2
        );
      });
    }
    await publisher.withdraw([challenge()]);
    expect(await one.get(token)).toBe('');
    expect(await one.get(dashed)).not.toBe('');
    await publisher.withdraw([challenge({ token: dashed })]);
    expect(await one.say(`show map ${map}`)).toBe('');
  });

  it('that has gone meanwhile does not fail the withdrawal', async () => {
    const { map, stages: all } = await stages(1);
    const [one] = all as [Stage];
    const publisher = publisherOf(map, [one.socket]);
    await publisher.publish([challenge()]);
    await one.haproxy.stop();
    await publisher.withdraw([challenge()]);
  });

  it('whose map is not for text refuses, and nothing is left', async () => {
    const { map, stages: all } = await stages(1, 'map_ip');
    const [one] = all as [Stage];
    const publisher = publisherOf(map, [one.socket]);
    await expect(publisher.check(['a.test'])).rejects.toMatchObject({ name: 'ChallengeError', code: 'map-refused' });
    const refusal = publisher.publish([challenge()]);
    await expect(refusal).rejects.toMatchObject({ code: 'map-refused' });
    await expect(refusal).rejects.not.toThrow(token);
    expect(await one.say(`show map ${map}`)).toBe('');
  });
});

describe('two HAProxys', () => {
  it('have the same challenges, and lose them together', async () => {
    const { map, stages: all } = await stages(2);
    const publisher = publisherOf(
      map,
      all.map(({ socket }) => socket),
    );
    await publisher.publish([challenge()]);
    for (const each of all) expect(await each.get(token)).toBe(challenge().keyAuthorization);
    await publisher.withdraw([challenge()]);
    for (const each of all) expect(await each.get(token)).toBe('');
  });

  it('keep nothing where one of them does not take it', async () => {
    const { map, stages: all } = await stages(1);
    const [one] = all as [Stage];
    const other = await startOne(map, 'map_ip');
    const publisher = publisherOf(map, [one.socket, other.socket]);
    await expect(publisher.publish([challenge()])).rejects.toMatchObject({ code: 'map-refused' });
    expect(await one.say(`show map ${map}`)).toBe('');
  });

  it('are served on when one of them is gone before the end', async () => {
    const { map, stages: all } = await stages(2);
    const [one, two] = all as [Stage, Stage];
    const publisher = publisherOf(map, [one.socket, two.socket]);
    await publisher.publish([challenge()]);
    await one.haproxy.stop();
    await publisher.withdraw([challenge()]);
    expect(await two.get(token)).toBe('');
  });
});
