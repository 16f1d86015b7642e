import { afterEach, describe, expect, it } from 'vitest';
import { startAgent, type Agent, type AgentEvent, type AgentOptions } from '../../src-node/spoe/agent.js';
import type { AgentEndpoint } from '../../src-node/spoe/listener.js';
import type { Action } from '../../src-node/spoe/payload.js';
import type { TypedValue } from '../../src-node/spoe/typed-data.js';
import { until } from '../support/child.js';
import { alive, haproxyHas } from '../support/haproxy.js';
import { loopback } from '../support/loopback.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import {
  processingTimeout,
  spoeModes,
  startSpoeHaproxy,
  type SpoeAnswer,
  type SpoeHaproxy,
  type SpoeOptions,
} from '../support/spoe-haproxy.js';
import { temporaryDirectory } from '../support/temporary.js';

type Args = ReadonlyMap<string, TypedValue>;
const tcp: AgentEndpoint = { host: loopback, port: 0 };
const ended: (() => Promise<void>)[] = [];
let events: AgentEvent[] = [];

afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function agentOn(listen: AgentEndpoint, options: Partial<AgentOptions> = {}): Promise<Agent> {
  events = [];
  const onEvent = (event: AgentEvent): void => void events.push(event);
  const agent = await startAgent({ listen: [listen], handlers: { ask: told }, onEvent, ...options });
  ended.push(async () => await agent.close());
  return agent;
}

async function haproxyFor(agent: Agent, options: Partial<SpoeOptions> = {}): Promise<SpoeHaproxy> {
  const haproxy = await startSpoeHaproxy({ agent: endpointOf(agent), ...options });
  ended.push(async () => await haproxy.stop());
  return haproxy;
}

function endpointOf(agent: Agent): AgentEndpoint {
  const [endpoint] = agent.endpoints;
  if (endpoint === undefined) throw new Error('the agent listens nowhere');
  return endpoint;
}

/** Every argument, so that a wrong one or another request's shows. */
function told(args: Args): readonly Action[] {
  return [answerOf(listed(args))];
}

function toldTwice(args: Args): readonly Action[] {
  return [answerOf(`${listed(args)} ${listed(args)}`)];
}

function listed(args: Args): string {
  return [...args].map(([name, { type, value }]) => `${name}=${type}:${String(value)}`).join(' ');
}

function answerOf(value: string): Action {
  return { type: 'set-var', scope: 'txn', name: 'answer', value: { type: 'string', value } };
}

const answerTo = (path: string): string => `path=string:${path} host=string:www.example.com src=ipv4:127.0.0.1`;
/** Up to 3.0 HAProxy connects once more while it may, and pipelines only then. */
const onFewConnections = haproxyHas('3.1') ? [] : ['maxconnrate 1'];
const asked = { host: 'www.example.com' };
const answered = (path: string): object => ({
  status: 200,
  body: expect.stringContaining(`path=string:${path} `) as unknown,
});

async function askMany(haproxy: SpoeHaproxy, count: number): Promise<readonly SpoeAnswer[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => await haproxy.ask(`/ask/${index}`, asked)),
  );
}

describe.each(spoeModes)('an agent behind a backend of mode %s', (mode) => {
  it('answers with the arguments of each request, and is not asked about others', async () => {
    const haproxy = await haproxyFor(await agentOn(tcp), { mode });
    const { status, body } = await haproxy.ask('/ask/1?query', asked);
    expect([status, body.replace(/127\.[\d.]+$/, '127.0.0.1')]).toEqual([200, answerTo('/ask/1')]);
    expect(await haproxy.ask('/other', asked)).toMatchObject({ status: 404, body: 'failure ' });
  });

  it('answers over a unix socket', async () => {
    const directory = temporaryDirectory();
    ended.push(async () => {
      directory.remove();
      await Promise.resolve();
    });
    const haproxy = await haproxyFor(await agentOn({ path: `${directory.path}/agent.sock` }), { mode });
    for (let index = 0; index < 20; index += 1) {
      expect(await haproxy.ask(`/ask/${index}`, asked)).toMatchObject(answered(`/ask/${index}`));
    }
  });

  it('has many frames of a connection at work at once, and answers each with its own', async () => {
    let atOnce = true;
    const waiting: (() => void)[] = [];
    const later = async (args: Args): Promise<readonly Action[]> => {
      if (!atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      return told(args);
    };
    const agent = await agentOn(tcp, { handlers: { ask: later } });
    const haproxy = await haproxyFor(agent, { mode, threads: 1, agentLines: onFewConnections });
    // HAProxy shares a connection once HELLO has been exchanged on it.
    expect(await haproxy.ask('/ask/first', asked)).toMatchObject(answered('/ask/first'));
    atOnce = false;
    const answers = askMany(haproxy, 15);
    await until('more frames wait than there are connections', () => waiting.length > agent.connections());
    const frames = waiting.length - agent.connections();
    expect(frames).toBeGreaterThan(0);
    // The last first, and those that come then as they come.
    const release = setInterval(() => waiting.pop()?.(), 1);
    const all = await answers;
    clearInterval(release);
    for (const [index, answer] of all.entries()) expect(answer).toMatchObject(answered(`/ask/${index}`));
  });

  it('passes health checks while it is there', async () => {
    const agent = await agentOn(tcp);
    const haproxy = await haproxyFor(agent, { mode, check: true });
    await until('the check has passed', async () => (await checkOf(haproxy)).startsWith('UP L7OK'));
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'connected', hello: expect.objectContaining({ healthcheck: true }) as unknown }),
    );
    const endpoint = endpointOf(agent);
    await agent.close();
    await until('the check has failed', async () => (await checkOf(haproxy)).startsWith('DOWN'));
    await agentOn(endpoint);
    await until('the check has passed', async () => (await checkOf(haproxy)).startsWith('UP L7OK'));
    expect(await haproxy.ask('/ask/1', asked)).toMatchObject(answered('/ask/1'));
  });

  it('may be started anew under load: no request waits for longer than HAProxy was told', async () => {
    let agent = await agentOn(tcp);
    const endpoint = endpointOf(agent);
    const haproxy = await haproxyFor(agent, { mode });
    const answers: SpoeAnswer[] = [];
    let stop = false;
    const load = Array.from({ length: 8 }, async () => {
      while (!stop) answers.push(await haproxy.ask('/ask/load', asked));
    });
    for (let round = 0; round < 3; round += 1) {
      const before = answers.length;
      await until('requests are answered', () => answers.length > before + 100);
      await agent.close();
      await until('requests go unanswered', () => answers.at(-1)?.status === 404);
      agent = await agentOn(endpoint);
      await until('requests are answered', () => answers.slice(-20).every(({ status }) => status === 200));
    }
    stop = true;
    await Promise.all(load);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 404]));
    const unanswered = answers.filter(({ status }) => status === 404);
    expect(unanswered.filter(({ body }) => !/^failure \d+$/.test(body))).toEqual([]);
    expect(Math.max(...answers.map(({ milliseconds }) => milliseconds))).toBeLessThan(processingTimeout + 2_000);
  });

  it('answers what it was asked before it closes', async () => {
    let release: (() => void) | undefined;
    const later = async (args: Args): Promise<readonly Action[]> => {
      await new Promise<void>((resolve) => (release = resolve));
      return told(args);
    };
    const agent = await agentOn(tcp, { handlers: { ask: later } });
    const haproxy = await haproxyFor(agent, { mode });
    const answer = haproxy.ask('/ask/last', asked);
    await until('the handler is at work', () => release);
    const closed = agent.close();
    release?.();
    await closed;
    expect(await answer).toMatchObject(answered('/ask/last'));
    expect(events.at(-1)).toMatchObject({ kind: 'disconnected', by: 'agent', reason: { status: 0 } });
  });

  it('goes on with the HAProxy that takes over', async () => {
    const agent = await agentOn(tcp);
    const haproxy = await haproxyFor(agent, { mode, daemon: true });
    expect(await haproxy.ask('/ask/old', asked)).toMatchObject(answered('/ask/old'));
    const old = haproxy.haproxy.pid();
    await haproxy.reload();
    expect(haproxy.haproxy.pid()).not.toBe(old);
    expect(await haproxy.ask('/ask/new', asked)).toMatchObject(answered('/ask/new'));
    await until('the old HAProxy is gone', () => !alive(old));
    const last = events.filter(({ kind }) => kind === 'connected').length;
    await until('its connections are', () => events.filter(({ kind }) => kind === 'disconnected').length > 0);
    expect(agent.connections()).toBeLessThan(last);
    expect(await haproxy.ask('/ask/again', asked)).toMatchObject(answered('/ask/again'));
  });

  it.each([
    ['the agent', { limits: { maxFrameSize: 256 } }, []],
    ['HAProxy', {}, ['max-frame-size 256']],
  ] as const)('goes on where %s takes the smallest frames only', async (_who, options, agentLines) => {
    const agent = await agentOn(tcp, { ...options, handlers: { ask: toldTwice } });
    const haproxy = await haproxyFor(agent, { mode, agentLines });
    expect(await haproxy.ask('/ask/short', asked)).toMatchObject(answered('/ask/short'));
    const [agreed] = events.flatMap((event) => (event.kind === 'connected' ? [event.agreed.maxFrameSize] : []));
    expect(agreed).toBe(256);
    // What no frame holds is not asked, and an answer that none holds is not given: the request goes on without. Where the
    // limit is its own, HAProxy up to 3.0 connects again and again until its processing timeout.
    expect(await haproxy.ask(`/ask/${'x'.repeat(300)}`, asked)).toMatchObject({ status: 404 });
    expect(await haproxy.ask(`/ask/${'x'.repeat(100)}`, asked)).toMatchObject({ status: 404 });
    expect(events.filter(({ kind }) => kind === 'answer-failed')).toHaveLength(1);
    expect(await haproxy.ask('/ask/after', asked)).toMatchObject(answered('/ask/after'));
  });

  if (!haproxyHas('3.1')) {
    it('is told by HAProxy that nothing is left to do', async () => {
      const haproxy = await haproxyFor(await agentOn(tcp), { mode, agentLines: ['timeout idle 200ms'] });
      expect(await haproxy.ask('/ask/1', asked)).toMatchObject(answered('/ask/1'));
      const farewell = { kind: 'disconnected', by: 'haproxy', reason: { status: 2 } };
      await until('HAProxy has said so', () => events.find(({ kind }) => kind === 'disconnected'));
      expect(events.at(-1)).toMatchObject(farewell);
    });
  }
});

/** `UP L7OK`: what HAProxy's check thinks of the agent. */
async function checkOf(haproxy: SpoeHaproxy): Promise<string> {
  const [header = '', ...lines] = (await runtimeCommand(haproxy.statsSocket, 'show stat')).trim().split('\n');
  const row = lines.find((line) => line.startsWith('agent,agent,'))?.split(',') ?? [];
  const field = (name: string): string => row[header.replace(/^# /, '').split(',').indexOf(name)] ?? '';
  return `${field('status')} ${field('check_status')}`;
}
