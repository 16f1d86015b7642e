import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { AgentError } from '../../../src-node/spoe/agent-error.js';
import { startAgent, type Agent } from '../../../src-node/spoe/agent.js';
import type { AgentLimits } from '../../../src-node/spoe/agent-limits.js';
import type { AgentEndpoint } from '../../../src-node/spoe/listener.js';
import { runOrThrow } from '../../support/child.js';
import { connectPeer, hello } from '../../support/spop-peer.js';
import { temporaryDirectory } from '../../support/temporary.js';

const directory = temporaryDirectory();
const path = `${directory.path}/agent.sock`;
const agents: Agent[] = [];

async function start(listen: readonly AgentEndpoint[], limits: Partial<AgentLimits> = {}): Promise<Agent> {
  const agent = await startAgent({ listen, handlers: {}, limits });
  agents.push(agent);
  return agent;
}

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
});
afterAll(() => directory.remove());

/** A socket's file whose program was killed. */
async function leaveStale(): Promise<void> {
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await expect(runOrThrow(process.execPath, ['-e', program])).rejects.toThrow('SIGKILL');
  expect(statSync(path).isSocket()).toBe(true);
}

async function expectGreeted(endpoint: AgentEndpoint | undefined): Promise<void> {
  const peer = await connectPeer(endpoint);
  peer.send(hello());
  await peer.frame(1);
  peer.socket.destroy();
}

describe('an agent', () => {
  it('listens on ports and paths at once, and tells the real port', async () => {
    const agent = await start([
      { host: '127.0.0.1', port: 0 },
      { path, mode: 0o640 },
      { host: '::1', port: 0 },
    ]);
    expect(agent.endpoints[1]).toEqual({ path, mode: 0o640 });
    expect(statSync(path).mode & 0o777).toBe(0o640);
    for (const endpoint of agent.endpoints) {
      if ('port' in endpoint) expect(endpoint.port).toBeGreaterThan(0);
      await expectGreeted(endpoint);
    }
  });

  it('takes the file of its socket away at the end', async () => {
    const agent = await start([{ path }]);
    expect(existsSync(path)).toBe(true);
    await agent.close();
    expect(existsSync(path)).toBe(false);
  });

  it('leaves the file at the end that another agent has put there', async () => {
    const first = await start([{ path }]);
    rmSync(path);
    const second = await start([{ path }]);
    await first.close();
    await expectGreeted(second.endpoints[0]);
  });

  it('leaves nothing beside its socket', async () => {
    const before = readdirSync(directory.path);
    const agent = await start([{ path }]);
    expect(readdirSync(directory.path).sort()).toEqual([...before, 'agent.sock'].sort());
    await agent.close();
    expect(readdirSync(directory.path)).toEqual(before);
  });

  it('has a socket as the umask leaves it, unless told', async () => {
    const before = process.umask(0o027);
    await start([{ path }]).finally(() => process.umask(before));
    expect(statSync(path).mode & 0o777).toBe(0o750);
  });

  it('takes over the socket of an agent that was killed', async () => {
    await leaveStale();
    const agent = await start([{ path }]);
    await expectGreeted(agent.endpoints[0]);
  });

  it('is one of several that start at once on such a socket', async () => {
    for (let round = 0; round < 20; round += 1) {
      await leaveStale();
      const started = await Promise.allSettled([start([{ path }]), start([{ path }]), start([{ path }])]);
      expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const codes = started.flatMap((each) => (each.status === 'rejected' ? [(each.reason as AgentError).code] : []));
      expect(codes).toEqual(['spoe-address-in-use', 'spoe-address-in-use']);
      await expectGreeted({ path });
      for (const agent of agents.splice(0)) await agent.close();
    }
  });

  it('leaves a living one alone', async () => {
    await start([{ path }]);
    await expect(start([{ path }])).rejects.toMatchObject({ code: 'spoe-address-in-use' });
    await expectGreeted({ path });
  });

  it('leaves a file alone that is no socket', async () => {
    const file = `${directory.path}/file`;
    writeFileSync(file, 'text');
    await expect(start([{ path: file }])).rejects.toMatchObject({ code: 'spoe-address-in-use' });
    expect(readFileSync(file, 'utf8')).toBe('text');
  });

  it('says that a port is another program’s', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start([{ host: '127.0.0.1', port }])).rejects.toMatchObject({ code: 'spoe-address-in-use' });
    other.close();
  });

  it.each([
    ['a directory that is not there', { path: `${directory.path}/none/agent.sock` }],
    ['a path too long for a socket', { path: `${directory.path}/${'x'.repeat(120)}` }],
    ['an address of another machine', { host: '192.0.2.1', port: 0 }],
    ['a port that is none', { host: '127.0.0.1', port: 70_000 }],
  ] as const)('says that %s is not available', async (_what, endpoint) => {
    await expect(start([endpoint])).rejects.toMatchObject({ code: 'spoe-address-unavailable' });
  });

  it('listens nowhere if it cannot everywhere', async () => {
    const never = { path: `${directory.path}/none/agent.sock` };
    await expect(start([{ path }, never])).rejects.toMatchObject({ code: 'spoe-address-unavailable' });
    expect(existsSync(path)).toBe(false);
  });

  it.each([{ maxFrameSize: 255 }, { connections: 0 }, { framesInFlight: 0.5 }, { idleTimeout: Number.NaN }])(
    'refuses the limits %j',
    async (limits) => {
      await expect(start([{ path }], limits)).rejects.toThrow(RangeError);
    },
  );
});
