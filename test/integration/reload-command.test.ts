import { describe, expect, it } from 'vitest';
import { until } from '../support/child.js';
import { alive, haproxyBin } from '../support/haproxy.js';
import { fastClock, isAtLeast, startReloadStage, type ReloadStage } from '../support/reload-stage.js';

const successor = ({ cfg, pidfile }: ReloadStage): string =>
  `${haproxyBin} -D -f ${cfg} -p ${pidfile} -sf $(cat ${pidfile})`;
const stop = ({ pidfile }: ReloadStage): string =>
  `pid=$(cat ${pidfile}); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done`;

describe("the user's command", () => {
  it('that starts a successor is seen to have reloaded', async () => {
    const stage = await startReloadStage();
    const old = stage.pid();
    const report = await stage.reload({ command: successor(stage), unit: 'ignored', masterSocket: '/ignored' });
    expect(report).toEqual({ way: 'command', started: [stage.pid()], draining: [], hints: [] });
    expect(stage.processes()).toEqual([stage.pid()]);
    expect(stage.pid()).not.toBe(old);
  });

  it('that starts HAProxy again is seen to have reloaded', async () => {
    const stage = await startReloadStage();
    const command = `${stop(stage)}; ${haproxyBin} -D -f ${stage.cfg} -p ${stage.pidfile}`;
    const report = await stage.reload({ command });
    expect(report).toEqual({ way: 'command', started: [stage.pid()], draining: [], hints: [] });
    expect(await stage.echo()).toBe('hello');
  });

  it('that reloads a HAProxy with a master later on is waited for, and its new worker is told', async () => {
    const stage = await startReloadStage({ args: () => ['-W'] });
    const before = stage.workers();
    const report = await stage.reload({ command: `(sleep 0.5; kill -USR2 ${stage.pid()}) >/dev/null 2>&1 &` });
    expect(report).toEqual({ way: 'command', started: stage.workers(), draining: [], hints: [] });
    expect(stage.workers()).not.toEqual(before);
  });

  it('that starts a master in place of a master is seen to have reloaded', async () => {
    const stage = await startReloadStage({ args: () => ['-W'] });
    const command = `${stop(stage)}; ${haproxyBin} -W -D -f ${stage.cfg} -p ${stage.pidfile}`;
    const report = await stage.reload({ command });
    expect(report).toEqual({ way: 'command', started: stage.workers(), draining: [], hints: [] });
    expect(stage.workers()).toHaveLength(1);
  });

  it('counts as it exits where no process can be seen, as with a HAProxy in a container', async () => {
    const stage = await startReloadStage();
    const unseen = { old: [], command: 'exit 0' };
    expect(await stage.reload(unseen)).toEqual({ way: 'command', started: [], draining: [], hints: [] });
    expect((await stage.refused({ ...unseen, command: 'exit 1' })).code).toBe('haproxy-reload-failed');
  });

  it('that fails is told with its last words', async () => {
    const stage = await startReloadStage();
    const words = 'for i in 1 2 3 4 5 6; do echo line $i; done; echo cannot reload >&2; exit 3';
    const { code, details, message } = await stage.refused({ command: words });
    expect(code).toBe('haproxy-reload-failed');
    expect(message).toContain('3');
    expect(details).toEqual(['line 3', 'line 4', 'line 5', 'line 6', 'cannot reload']);
  });

  it('that does nothing, and says all is well, is found out', async () => {
    const stage = await startReloadStage();
    expect((await stage.refused({ command: 'true', clock: fastClock(10) })).code).toBe('haproxy-reload-failed');
  });

  it('that has a master fail is found out by its CLI, with what HAProxy says', async () => {
    const stage = await startReloadStage({ args: (at) => ['-W', '-S', at('master.sock')] });
    stage.addLine('  no-such-keyword');
    const before = Date.now();
    const { code, details } = await stage.refused({ command: `kill -USR2 ${stage.pid()}` });
    // Nothing is waited for in vain.
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(code).toBe('haproxy-reload-failed');
    if (await isAtLeast(2, 7)) expect(details.join()).toContain('no-such-keyword');
  });

  it.each([
    ['and fails', 1],
    ['and says all is well', 0],
  ])('that ends HAProxy %s leaves nothing that serves', async (_what, exit) => {
    const stage = await startReloadStage();
    const old = stage.pid();
    const reload = stage.reload({ command: `${stop(stage)}; exit ${exit}`, clock: fastClock(10) });
    await expect(reload).rejects.toMatchObject({ name: 'DeployError', code: 'haproxy-not-serving' });
    await until('HAProxy is gone', () => !alive(old));
  });
});
