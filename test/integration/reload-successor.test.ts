import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { alive } from '../support/haproxy.js';
import { argsOf, startReloadStage } from '../support/reload-stage.js';
import { runtimeCommand } from '../support/runtime-socket.js';

describe('a successor (-sf)', () => {
  it('serves in place of the old process, which ends', async () => {
    const stage = await startReloadStage();
    const old = stage.pid();
    expect(await stage.reload()).toEqual({ way: 'successor', started: [stage.pid()], draining: [], hints: [] });
    expect(stage.pid()).not.toBe(old);
    expect(stage.processes()).toEqual([stage.pid()]);
    expect(await stage.echo()).toBe('hello');
  });

  it("waits for the workers of one that is a master by 'master-worker' in its new configuration", async () => {
    const stage = await startReloadStage();
    const old = stage.pid();
    writeFileSync(stage.cfg, readFileSync(stage.cfg, 'utf8').replace('global\n', 'global\n  master-worker\n'));
    const report = await stage.reload();
    expect(report).toEqual({ way: 'successor', started: [stage.pid()], draining: [], hints: [] });
    expect(alive(old)).toBe(false);
    expect(stage.workers()).toHaveLength(1);
    // And is told as a master from then on.
    expect(await stage.reload()).toMatchObject({ way: 'master-signal', draining: [] });
  });

  it('keeps the options that the old process had, once, reload after reload', async () => {
    const own = ['-L', 'lb1', '-n', '77', '-dr', '-q'];
    const stage = await startReloadStage({ args: () => own });
    for (let reloads = 0; reloads < 2; reloads += 1) {
      const old = stage.pid();
      await stage.reload({ sockets: [stage.socket] });
      expect((await argsOf(stage.pid())).slice(1)).toEqual([
        ...['-D', '-L', 'lb1', '-n', '77', '-dr', '-f', stage.cfg, '-p', stage.pidfile],
        ...['-x', stage.socket, '-sf', String(old)],
      ]);
    }
    expect(await runtimeCommand(stage.socket, 'show info')).toMatch(/^Maxconn: 77$/m);
  });

  it.each([
    ['a configuration that is broken', 'keyword'],
    ['a port in use', 'port'],
  ])('does not come up with %s: the old process serves on', async (_what, kind) => {
    const stage = await startReloadStage();
    const pidfile = readFileSync(stage.pidfile, 'utf8');
    if (kind === 'port') await stage.portConflict();
    else stage.addLine('  no-such-keyword');
    const { code, details } = await stage.refused({ sockets: [stage.socket] });
    expect(code).toBe('haproxy-reload-failed');
    expect(details.join('\n')).toContain(kind === 'port' ? '127.' : 'no-such-keyword');
    expect(readFileSync(stage.pidfile, 'utf8')).toBe(pidfile);
  });
});

describe('the listeners of the old process (-x)', () => {
  const sockets = (at: (path: string) => string): readonly string[] => [
    `stats socket ${at('plain.sock')} mode 600 level admin`,
    `stats socket ${at('stats.sock')} mode 600 level admin expose-fd listeners`,
  ];
  const handedOver = async (pid: number): Promise<string | undefined> => {
    const args = await argsOf(pid);
    return args.includes('-x') ? args[args.indexOf('-x') + 1] : undefined;
  };

  it('are taken from the first socket that gives them', async () => {
    const stage = await startReloadStage({ global: sockets });
    const others = [stage.at('none.sock'), '127.0.0.1:1', stage.at('plain.sock')];
    expect(await stage.reload({ sockets: [...others, `unix@${stage.socket}`] })).toMatchObject({ hints: [] });
    expect(await handedOver(stage.pid())).toBe(stage.socket);
  });

  it('are bound anew where no socket gives them, which is told', async () => {
    const stage = await startReloadStage({ global: sockets });
    // Killed without a chance to remove it: a socket that refuses.
    const dead = stage.at('dead.sock');
    const server = createServer().listen(stage.at('live.sock'));
    await once(server, 'listening');
    renameSync(stage.at('live.sock'), dead);
    server.close();
    const report = await stage.reload({ sockets: [stage.at('none.sock'), dead, stage.at('plain.sock')] });
    expect(report).toMatchObject({ way: 'successor', started: [stage.pid()], draining: [] });
    expect(report.hints).toHaveLength(1);
    for (const name of ['none', 'dead', 'plain']) expect(report.hints.join()).toContain(stage.at(`${name}.sock`));
    expect(await handedOver(stage.pid())).toBeUndefined();
    expect(await stage.echo()).toBe('hello');
  });

  it('do not hide what else is wrong', async () => {
    const stage = await startReloadStage({ global: sockets });
    await stage.portConflict();
    const { code } = await stage.refused({ sockets: [stage.at('plain.sock')] });
    expect(code).toBe('haproxy-reload-failed');
  });
});
