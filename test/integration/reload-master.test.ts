import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src-node/platform/clock.js';
import { until } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { isAtLeast, startReloadStage, type ReloadStage, type ReloadStageOptions } from '../support/reload-stage.js';

const bySignal: ReloadStageOptions = { args: () => ['-W'] };
const byCli: ReloadStageOptions = { args: (at) => ['-W', '-S', at('master.sock')] };

/** A reload that must give the same master another worker. */
async function reloaded(
  stage: ReloadStage,
  way: string,
  changes?: Parameters<ReloadStage['reload']>[0],
): Promise<readonly string[]> {
  const [master, before] = [stage.pid(), stage.workers()];
  const { hints, ...report } = await stage.reload(changes);
  expect(report).toEqual({ way, started: stage.workers(), draining: [] });
  expect(stage.pid()).toBe(master);
  expect(stage.workers()).toHaveLength(1);
  expect(stage.workers()).not.toEqual(before);
  expect(await stage.echo()).toBe('hello');
  return hints;
}

/** A master that has started its worker executes itself anew, and makes its socket anew. */
async function answering(stage: ReloadStage): Promise<void> {
  await until('the master answers', async () => {
    const answer = await runtimeCommand(stage.at('master.sock'), 'show proc').catch(() => '');
    return answer !== '';
  });
}

describe.each([
  ['master-signal', bySignal],
  ['master-cli', byCli],
] as const)('a master told by %s', (way, options) => {
  it('starts a new worker, again and again', async () => {
    const stage = await startReloadStage(options);
    for (let reloads = 0; reloads < 3; reloads += 1) expect(await reloaded(stage, way)).toEqual([]);
  });

  it('that cannot read its configuration keeps its worker, and takes a new one once it can', async () => {
    const stage = await startReloadStage(options);
    const repair = stage.addLine('  no-such-keyword');
    const before = systemClock.now();
    const { code, details } = await stage.refused();
    expect(code).toBe('haproxy-reload-failed');
    if (way === 'master-cli') {
      // It says so itself: nothing is waited for.
      expect(systemClock.now() - before).toBeLessThan(10_000);
      if (await isAtLeast(2, 7)) expect(details.join()).toContain('no-such-keyword');
    }
    repair();
    expect(await reloaded(stage, way)).toEqual([]);
  });

  it('that finds a port in use keeps its worker', async () => {
    const stage = await startReloadStage(options);
    await stage.portConflict();
    expect((await stage.refused()).code).toBe('haproxy-reload-failed');
    // What failed before does not hide that it fails again.
    if (way === 'master-cli') expect((await stage.refused()).code).toBe('haproxy-reload-failed');
  });
});

describe('a master CLI', () => {
  it('is found by a path that is relative to the directory of the master, or given', async () => {
    const stage = await startReloadStage({
      args: (at) => ['-W', '-C', at('.'), '-S', 'unix@master.sock,level,operator'],
    });
    await reloaded(stage, 'master-cli');
    await reloaded(stage, 'master-cli', { masterSocket: `unix@${stage.at('master.sock')}` });
  });

  it('on TCP is taken too', async () => {
    const address = `${loopback}:${await freePort()}`;
    const stage = await startReloadStage({ args: () => ['-W', '-S', address] });
    await reloaded(stage, 'master-cli');
  });

  it.each([
    ['whose file is gone', (stage: ReloadStage) => rmSync(stage.at('master.sock'))],
    ['that may not reload', () => undefined, 'level,user'],
  ])('%s gives way to SIGUSR2, which is told', async (_what, spoil, level = 'level,admin') => {
    const stage = await startReloadStage({ args: (at) => ['-W', '-S', `${at('master.sock')},${level}`] });
    await answering(stage);
    spoil(stage);
    const [hint, ...more] = await reloaded(stage, 'master-signal');
    expect(hint).toContain(stage.at('master.sock'));
    expect(more).toEqual([]);
  });

  it('of another HAProxy is not told to reload it', async () => {
    const [stage, other] = [await startReloadStage(byCli), await startReloadStage(byCli)];
    const workers = other.workers();
    const [hint] = await reloaded(stage, 'master-signal', { masterSocket: other.at('master.sock') });
    expect(hint).toContain(String(other.pid()));
    expect(other.workers()).toEqual(workers);
  });

  it('that is a stats socket gives way to SIGUSR2', async () => {
    const stage = await startReloadStage(bySignal);
    expect(await reloaded(stage, 'master-signal', { masterSocket: stage.socket })).toHaveLength(1);
  });

  it('that refuses while another reload is under way is waited for', async () => {
    const stage = await startReloadStage(byCli);
    const first = stage.workers();
    await answering(stage);
    process.kill(stage.pid(), 'SIGUSR2');
    await stage.reload();
    await until('one worker is left', () => stage.workers().length === 1);
    expect(stage.workers()).not.toEqual(first);
  });
});
