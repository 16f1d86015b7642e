import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { challengePath, get, spoeConfig, startSpoa, type HttpAnswer, type Spoa } from '../support/spoa.js';
import { startStage, type Stage } from '../support/stage.js';

/** Of haproxy/spoe-acme.conf, and what a loaded machine may add. Milliseconds. */
const [processing, grace] = [500, 1_500];

let stage: Stage;
let port: number;
beforeAll(async () => {
  port = await freePort();
  stage = await startStage({ config: (paths) => spoeConfig(paths, `${loopback}:${port}`) });
});
afterAll(async () => await stage.stop());

const challenge = async (): Promise<HttpAnswer> => await get(stage.httpPort, challengePath('tok'));

interface Measured {
  /** The median of ordinary requests while challenges are asked for. Milliseconds. */
  readonly ordinary: number;
  readonly challenges: readonly HttpAnswer[];
}

/** Ordinary requests one after the other, beside challenges. */
async function measure(): Promise<Measured> {
  const challenges = Promise.all(Array.from({ length: 20 }, challenge));
  const times: number[] = [];
  for (let count = 0; count < 100; count += 1) {
    const { status, took } = await get(stage.httpPort, '/');
    expect(status).toBe(301);
    times.push(took);
  }
  const ordinary = times.sort((one, other) => one - other)[times.length >> 1] ?? 0;
  return { ordinary, challenges: await challenges };
}

/** Takes connections and never answers. */
async function startHung(): Promise<{ readonly server: Server; readonly stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(port, loopback);
  await once(server, 'listening');
  return {
    server,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const startAgent = async (): Promise<Spoa> =>
  await startSpoa([
    ...['--listen', `${loopback}:${port}`, '--spoe-control', stage.at('run/spoa.sock')],
    ...['--thumbprint', 'a'.repeat(43)],
  ]);

describe('whatever the agent does', () => {
  const ordinary: Record<string, number> = {};
  const expectNoAnswer = ({ challenges }: Measured): void => {
    for (const { status, took } of challenges) {
      expect(status).toBe(404);
      expect(took).toBeLessThan(processing + grace);
    }
  };

  it('a challenge is answered while it is there', async () => {
    const agent = await startAgent();
    await until('HAProxy asks it', async () => (await challenge()).status === 200);
    const measured = await measure();
    expect(new Set(measured.challenges.map(({ status, body }) => `${status} ${body}`))).toEqual(
      new Set([`200 tok.${'a'.repeat(43)}`]),
    );
    ordinary['up'] = measured.ordinary;
    await agent.stop();
  });

  it('a challenge gets 404 within the time for it where nobody listens', async () => {
    const measured = await measure();
    expectNoAnswer(measured);
    ordinary['down'] = measured.ordinary;
  });

  it('and where somebody listens who never answers', async () => {
    const hung = await startHung();
    const measured = await measure();
    expectNoAnswer(measured);
    // It was asked, and not just away.
    for (const { took } of measured.challenges) expect(took).toBeGreaterThan(processing * 0.9);
    ordinary['hung'] = measured.ordinary;
    await hung.stop();
  });

  it('and where the agent hangs that was there', async () => {
    const agent = await startAgent();
    await until('HAProxy asks it', async () => (await challenge()).status === 200);
    process.kill(agent.pid, 'SIGSTOP');
    const measured = await measure();
    expectNoAnswer(measured);
    ordinary['stopped'] = measured.ordinary;
    process.kill(agent.pid, 'SIGCONT');
    await until('HAProxy asks it again', async () => (await challenge()).status === 200);
    await agent.stop();
  });

  it('ordinary requests are not delayed', () => {
    const medians = Object.values(ordinary);
    expect(medians).toHaveLength(4);
    // A request that had waited for the agent would have taken half a second.
    for (const median of medians) expect(median).toBeLessThan(processing / 5);
  });
});
