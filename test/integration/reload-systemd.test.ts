import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/child.js';
import { haproxyBin } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { roundTrip, startReloadStage, type ReloadStage } from '../support/reload-stage.js';
import { bootSystemd, buildReloader, canBootSystemd, type SystemdMachine } from '../support/systemd-machine.js';
import { temporaryDirectory } from '../support/temporary.js';

describe('systemctl', () => {
  const path = process.env['PATH'];
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
    process.env['PATH'] = [directory.path, path].join(delimiter);
  });
  afterEach(() => {
    process.env['PATH'] = path;
    directory.remove();
  });

  /** A systemctl that notes what it is asked, knows the main process, and reloads as it is told. */
  function systemctl(main: number, reload: string): { readonly asked: () => readonly string[] } {
    const [file, log] = [join(directory.path, 'systemctl'), join(directory.path, 'asked')];
    writeFileSync(file, `#!/bin/sh\necho "$@" >>${log}\ncase $1 in show) echo ${main};; reload) ${reload};; esac\n`);
    chmodSync(file, 0o755);
    return { asked: () => readFileSync(log, 'utf8').trim().split('\n') };
  }
  const master = async (): Promise<ReloadStage> =>
    await startReloadStage({ args: (at) => ['-W', '-S', at('master.sock')] });

  it('is asked to reload the unit, and the new worker of its main process is seen', async () => {
    const stage = await master();
    const { asked } = systemctl(stage.pid(), `kill -USR2 ${stage.pid()}`);
    // What the pidfile names does not matter.
    const report = await stage.reload({ unit: 'haproxy@one.service', old: [] });
    expect(report).toEqual({ way: 'systemd', started: stage.workers(), draining: [], hints: [] });
    expect(asked()).toEqual([
      'show --property=MainPID --value -- haproxy@one.service',
      'reload -- haproxy@one.service',
    ]);
  });

  it('that says all is well where the master could not reload is found out', async () => {
    const stage = await master();
    systemctl(stage.pid(), `kill -USR2 ${stage.pid()}`);
    await stage.portConflict();
    expect((await stage.refused({ unit: 'haproxy' })).code).toBe('haproxy-reload-failed');
  });

  it('that fails is told with its words', async () => {
    const stage = await master();
    systemctl(stage.pid(), 'echo "Job for haproxy.service failed." >&2; exit 1');
    const { code, details } = await stage.refused({ unit: 'haproxy' });
    expect([code, details]).toEqual(['haproxy-reload-failed', ['Job for haproxy.service failed.']]);
  });

  it('that knows no main process tells that HAProxy does not run', async () => {
    const stage = await master();
    systemctl(0, 'exit 1');
    expect((await stage.refused({ unit: 'haproxy' })).code).toBe('haproxy-not-running');
  });

  it('that is missing is told', async () => {
    const stage = await master();
    process.env['PATH'] = directory.path;
    expect((await stage.refused({ unit: 'haproxy' })).code).toBe('haproxy-reload-failed');
  });
});

describe.skipIf(!canBootSystemd)('a real systemd', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let machine: SystemdMachine;
  let port: number;
  let config: string;
  const at = (path: string): string => join(directory.path, path);

  beforeAll(async () => {
    directory = temporaryDirectory();
    port = await freePort();
    const timeouts = '  timeout client 1m\n  timeout server 1m\n  timeout connect 5s\n';
    config = `defaults\n  mode http\n${timeouts}frontend f\n  bind ${loopback}:${port}\n  http-request return status 200\n`;
    // As distributions have it.
    writeFileSync(
      at('haproxy.service'),
      `[Service]
ExecStart=${haproxyBin} -Ws -f ${at('haproxy.cfg')} -p ${at('pid')} -S ${at('master.sock')}
ExecReload=${haproxyBin} -Ws -f ${at('haproxy.cfg')} -c -q
ExecReload=/bin/kill -USR2 $MAINPID
KillMode=mixed
SuccessExitStatus=143
Type=notify
`,
    );
    await buildReloader(at('reload.mjs'));
    machine = await bootSystemd(directory.path, ['haproxy.service']);
  });
  afterAll(async () => {
    await machine.stop();
    directory.remove();
  });
  beforeEach(async () => {
    writeFileSync(at('haproxy.cfg'), config);
    const { code, stderr } = await machine.run('systemctl', ['restart', 'haproxy']);
    expect(code, stderr).toBe(0);
    expect(await answer()).toContain('200');
  });

  const answer = async (): Promise<string> =>
    await roundTrip(connect(port, loopback), 'GET / HTTP/1.0\r\n\r\n', true).catch(() => '');
  const reload = async (): Promise<unknown> => {
    const target = { bin: haproxyBin, cfg: [at('haproxy.cfg')], pidfile: at('pid'), unit: 'haproxy' };
    const { stdout, stderr } = await machine.run(process.execPath, [at('reload.mjs'), JSON.stringify(target)]);
    expect(stdout, stderr).not.toBe('');
    return JSON.parse(stdout);
  };
  /** Processes of the unit as the container counts them, the master first. */
  const processes = async (): Promise<readonly number[]> => {
    const { stdout } = await machine.run('pgrep', ['-f', at('haproxy.cfg')]);
    return stdout.trim().split('\n').map(Number);
  };

  it('reloads the unit, and its new worker is seen', async () => {
    const [master = 0, first = 0] = await processes();
    const report = await reload();
    const [still, second] = await processes();
    expect(still).toBe(master);
    expect(second).not.toBe(first);
    expect(report).toEqual({ way: 'systemd', started: [second], draining: [], hints: [] });
    expect(await answer()).toContain('200');
  });

  it('refuses to reload what HAProxy does not accept, and the old worker serves on', async () => {
    const before = await processes();
    writeFileSync(at('haproxy.cfg'), `${config}  no-such-keyword\n`);
    expect(await reload()).toMatchObject({ code: 'haproxy-reload-failed' });
    expect(await processes()).toEqual(before);
    expect(await answer()).toContain('200');
  });

  it('says all is well where the new worker finds a port in use, which is found out', async () => {
    const before = await processes();
    const taken = await freePort();
    const holder = createServer().listen(taken, loopback);
    writeFileSync(at('haproxy.cfg'), `${config}frontend g\n  bind ${loopback}:${taken}\n`);
    expect(await reload()).toMatchObject({ code: 'haproxy-reload-failed' });
    holder.close();
    await until('the same processes serve', async () => (await processes()).join() === before.join());
    expect(await answer()).toContain('200');
  });

  it('that has stopped the unit tells that HAProxy does not run', async () => {
    await machine.run('systemctl', ['stop', 'haproxy']);
    expect(await reload()).toMatchObject({ code: 'haproxy-not-running' });
  });
});
