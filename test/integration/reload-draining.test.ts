import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { familyOf, runningMembers } from '../../src-node/haproxy/family.js';
import { readProcess } from '../../src-node/haproxy/process.js';
import { runOrThrow, startDaemon, until } from '../support/child.js';
import { alive, haproxyBin } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { roundTrip, startReloadStage, type ReloadStage } from '../support/reload-stage.js';
import { temporaryDirectory } from '../support/temporary.js';

/** The time is told to within a second: it is counted in hundredths from what has begun since. */
const tolerance = 1_000;

function expectBetween(time: number | undefined, [from, to]: readonly [number, number]): void {
  expect(time).toBeGreaterThanOrEqual(from - tolerance);
  expect(time).toBeLessThanOrEqual(to + tolerance);
}

async function timed<T>(act: () => Promise<T>): Promise<{ result: T; span: readonly [number, number] }> {
  const start = Date.now();
  const result = await act();
  return { result, span: [start, Date.now()] };
}

/** What serves now: the process of the pidfile, or a master's newest worker. */
const serving = (stage: ReloadStage): number => stage.workers().at(-1) ?? stage.pid();

describe('what still finishes connections', () => {
  it.each([
    ['a process of its own', []],
    ['a master', ['-W']],
    ['a master with a CLI', ['-W', '-S', 'master.sock']],
  ])('after several reloads of %s is told, each with the time when it was told to finish', async (_what, args) => {
    const stage = await startReloadStage({
      args: (at) => args.map((arg) => (arg === 'master.sock' ? at(arg) : arg)),
    });
    const first = serving(stage);
    const client = await stage.hold();
    const once = await timed(async () => await stage.reload({ hardStopAfter: false }));
    expect(once.result.draining.map(({ pid }) => pid)).toEqual([first]);
    expectBetween(once.result.draining[0]?.since, once.span);
    expect(once.result.hints).toHaveLength(1);

    // Longer than what the times are compared by.
    await until('some time passes', () => Date.now() > once.span[1] + 3 * tolerance);
    const [second = 0] = once.result.started;
    await stage.hold();
    const twice = await timed(async () => await stage.reload());
    expect(twice.result.draining.map(({ pid }) => pid)).toEqual([first, second]);
    expectBetween(twice.result.draining[0]?.since, once.span);
    expectBetween(twice.result.draining[1]?.since, twice.span);
    // The configuration that limits them needs no hint.
    expect(twice.result.hints).toEqual([]);

    expect(await roundTrip(client, 'still', false)).toBe('still');
    client.destroy();
    await until('the first ends with its connection', () => !alive(first));
    const { draining, hints } = await stage.reload({ hardStopAfter: false });
    expect(draining.map(({ pid }) => pid)).toEqual([second]);
    expect(hints).toHaveLength(1);
  });

  it('is nothing where the connections end, and needs no limit then', async () => {
    const stage = await startReloadStage();
    expect(await stage.reload({ hardStopAfter: false })).toMatchObject({ draining: [], hints: [] });
  });

  it('is not a zombie', async () => {
    const stage = await startReloadStage();
    // The shell becomes a program that never asks for the end of its child.
    const foreground = `${haproxyBin} -db -f ${stage.cfg} & echo $! >${stage.pidfile}; exec sleep 600`;
    process.kill(stage.pid(), 'SIGKILL');
    await until('HAProxy is gone', () => stage.processes().length === 0);
    const parent = startDaemon('sh', ['-c', foreground]);
    onTestFinished(parent.stop);
    await until('HAProxy serves', async () => (await stage.echo().catch(() => '')) === 'hello');
    const old = stage.pid();
    const report = await stage.reload();
    expect(() => process.kill(old, 0)).not.toThrow();
    expect(report).toEqual({ way: 'successor', started: [stage.pid()], draining: [], hints: [] });
  });

  it('of another HAProxy is not told, nor another one that serves the same configuration', async () => {
    const [stage, other] = [await startReloadStage(), await startReloadStage()];
    await other.hold();
    expect((await other.reload()).draining).toHaveLength(1);
    const twin = stage.at('twin.pid');
    await runOrThrow(haproxyBin, ['-D', '-f', stage.cfg, '-p', twin]);
    // From then on the other is the older one, as those are that finish their connections.
    await stage.reload();
    const report = await stage.reload();
    expect(report).toEqual({ way: 'successor', started: [stage.pid()], draining: [], hints: [] });
    expect(stage.processes()).toContain(Number(readFileSync(twin, 'utf8')));
  });
});

it('a configuration file by a relative path is that of its own directory', async () => {
  const directory = temporaryDirectory();
  const pids: number[] = [];
  onTestFinished(async () => {
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await until('HAProxy is gone', () => !pids.some(alive));
    directory.remove();
  });
  for (const name of ['one', 'two']) {
    const cwd = join(directory.path, name);
    mkdirSync(cwd);
    const timeouts = '  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\n';
    writeFileSync(join(cwd, 'h.cfg'), `defaults\n${timeouts}frontend f\n  bind ${loopback}:${await freePort()}\n`);
    await runOrThrow(haproxyBin, ['-D', '-f', 'h.cfg', '-p', 'pid'], { cwd });
    pids.push(Number(readFileSync(join(cwd, 'pid'), 'utf8')));
  }
  for (const pid of pids) {
    const process = await until('it runs', async () => await readProcess(pid));
    expect((await runningMembers(await familyOf([process]))).map((member) => member.pid)).toEqual([pid]);
  }
});
