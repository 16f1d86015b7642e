import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Challenge, ChallengePublisher } from '../../src-node/challenge/challenge-publisher.js';
import { spoePublisher } from '../../src-node/challenge/spoe.js';
import { systemClock } from '../../src-node/platform/clock.js';
import { run, until, type RunResult } from '../support/child.js';
import { haproxyBin } from '../support/haproxy.js';
import { documentedBlocks } from '../support/documented.js';
import { freePort, loopback } from '../support/loopback.js';
import { order } from '../support/order.js';
import { errorCodes } from '../support/report.js';
import { scriptedCa, type Reply } from '../support/scripted-ca.js';
import { challengePath, get, spoeConfig, startSpoa, type Spoa } from '../support/spoa.js';
import { startStage, type CommandOptions, type Stage } from '../support/stage.js';

let stage: Stage;
let agent: Spoa;
let address: string;
let control: string;

const start = async (...more: string[]): Promise<Spoa> =>
  await startSpoa(['--listen', address, '--spoe-control', control, '-vv', ...more]);
beforeAll(async () => {
  address = `${loopback}:${await freePort()}`;
  stage = await startStage({ config: (paths) => spoeConfig(paths, address) });
  control = stage.at('run/spoa.sock');
  agent = await start();
  await haproxySeesAgent();
});
afterAll(async () => {
  await agent.stop();
  await stage.stop();
});

/** HAProxy has asked it, and got an answer. */
async function haproxySeesAgent(): Promise<void> {
  const publisher = spoePublisher([control], systemClock);
  const probe = challenge('probe');
  await publisher.publish([probe]);
  await until('HAProxy asks the agent', async () => (await get(stage.httpPort, challengePath('probe'))).status === 200);
  await publisher.withdraw([probe]);
}

function challenge(token: string): Challenge {
  const keyAuthorization = `${token}.${'a'.repeat(43)}`;
  return { type: 'http-01', name: 'a.test', token, keyAuthorization, validation: keyAuthorization };
}

const spoe = async (
  name: string,
  extra: readonly string[] = [],
  options: CommandOptions & { readonly server?: string } = {},
): Promise<RunResult> =>
  await stage.command(
    [
      ...['certonly', '--spoe', '--spoe-control', control, '-n', '--agree-tos', '-d', name],
      ...['--server', options.server ?? stage.pebble.directoryUrl, ...stage.haproxyFlags, ...extra],
    ],
    options,
  );

describe('through an HAProxy without Lua', () => {
  it('a certificate is issued and served, and renewed by what the lineage keeps', async () => {
    expect(readFileSync(stage.cfg, 'utf8')).not.toContain('lua');
    const issued = await spoe('one.test', ['-d', 'two.test']);
    expect(issued, issued.stderr).toMatchObject({ code: 0 });
    expect(await stage.served('two.test')).toBe(stage.stored('one.test'));
    const conf = readFileSync(stage.renewalConf('one.test'), 'utf8');
    expect(conf).toMatch(/^authenticator = spoe$/m);
    expect(conf).toContain(`spoe_control = ${control}`);
    const renewed = await stage.command(['renew', '--force-renewal']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(stage.version('one.test')).toBe(2);
    expect(await stage.served('one.test')).toBe(stage.stored('one.test'));
  });

  it('several lineages are renewed in one run, and nothing is left at the agent', async () => {
    expect(await spoe('three.test')).toMatchObject({ code: 0 });
    const renewed = await stage.command(['renew', '--force-renewal']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(['one.test', 'three.test'].map(stage.version)).toEqual([3, 2]);
    const said = (what: RegExp): number => agent.output().match(what)?.length ?? 0;
    expect(said(/has withdrawn/g)).toBe(said(/has published/g));
    expect(said(/without withdrawing/g)).toBe(0);
  });

  it('no token and no key authorization is in what the agent says', () => {
    expect(agent.output()).toContain('published');
    expect(agent.output()).not.toMatch(/[\w-]{40}/);
  });

  it('the control socket is for its user alone', () => {
    expect([stage.at('run'), control].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
  });
});

describe('an issuance that is killed', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)('by %s leaves nothing at the agent', async (signal) => {
    const name = `${signal.toLowerCase()}.test`;
    const ca = await scriptedCa(stage.pebble, ({ path }): Reply => (path.startsWith('/chalZ/') ? 'silence' : 'pebble'));
    const before = agent.output().length;
    let child: ChildProcess | undefined;
    const result = spoe(name, [], { server: ca.directoryUrl, onStart: (started) => (child = started) });
    await until('the CA is told to look', () => ca.requests.some(({ path }) => path.startsWith('/chalZ/')));
    expect(agent.output().slice(before)).toContain('published 1');
    child?.kill(signal);
    expect(await result).toMatchObject(signal === 'SIGKILL' ? { signal } : { code: 143 });
    await ca.stop();
    const gone = signal === 'SIGKILL' ? 'without withdrawing 1' : 'withdrawn 1';
    await until('the agent has seen it', () => agent.output().slice(before).includes(gone));
    expect(existsSync(stage.renewalConf(name))).toBe(false);
  });
});

describe('an agent that is restarted in mid-challenge', () => {
  /** As `publisher`, but what is published is disturbed before the CA may look. */
  const disturbed = (publisher: ChallengePublisher, act: (token: string) => Promise<void>): ChallengePublisher => ({
    ...publisher,
    publish: async (challenges) => {
      await publisher.publish(challenges);
      await act(challenges[0]?.token ?? '');
    },
  });

  it.each(['kill', 'stop'] as const)('after %s is told again, and the certificate is issued', async (way) => {
    const publisher = disturbed(spoePublisher([control], systemClock), async (token) => {
      const answered = async (): Promise<boolean> => (await get(stage.httpPort, challengePath(token))).status === 200;
      expect(await answered()).toBe(true);
      await agent[way]();
      expect(await get(stage.httpPort, challengePath(token))).toMatchObject({ status: 404 });
      agent = await start();
      await until('the challenge is answered again', answered);
    });
    const leaf = await order(stage.pebble, publisher, [`${way}.test`]);
    expect(leaf.subjectAltName).toBe(`DNS:${way}.test`);
    expect(agent.output()).toContain('withdrawn 1');
  });
});

describe('no agent', () => {
  it('is told before anything is ordered', async () => {
    await agent.stop();
    const orders = stage.orders();
    const result = await spoe('none.test');
    expect(result).toMatchObject({ code: 1 });
    expect(errorCodes(result), result.stderr).toEqual(['agent-unreachable']);
    expect(stage.orders()).toBe(orders);
    expect(existsSync(join(stage.configDir, 'live/none.test'))).toBe(false);
    agent = await start();
  });

  it('nor one for wildcards', async () => {
    const result = await spoe('*.none.test');
    expect(errorCodes(result), result.stderr).toEqual(['name-invalid']);
  });
});

it('the configuration of docs/challenges.md is one that HAProxy takes as it stands', async () => {
  const documented = documentedBlocks('challenges.md').find(({ title }) => title.includes('--spoe'))?.config ?? '';
  expect(documented).toContain('filter spoe');
  writeFileSync(stage.at('documented.cfg'), documented.replaceAll('/etc/haproxy/', `${stage.at('')}/`));
  const checked = await run(haproxyBin, ['-c', '-f', stage.at('documented.cfg')]);
  expect(checked, checked.stderr).toMatchObject({ code: 0 });
  expect(checked.stderr).not.toMatch(/WARNING/);
  // It is the example's, but for what is no matter of challenges.
  const shipped = readFileSync(join(import.meta.dirname, '../../haproxy/examples/spoe/haproxy.cfg'), 'utf8');
  const agent = /^backend acme-agent\n[^]*/m.exec(documented)?.[0] ?? '';
  expect(shipped.replace(/^ *#.*\n/gm, '')).toContain(agent.trimEnd());
});
