import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdsListener } from '../../../src-node/haproxy/listeners.js';
import {
  childrenOf,
  isAlive,
  readPidfile,
  readProcess,
  runningHaproxy,
  startContext,
  takesSignal,
} from '../../../src-node/haproxy/process.js';
import { run, startDaemon, until, type Daemon } from '../../support/child.js';
import { haproxyBin, startHaproxy } from '../../support/haproxy.js';
import { freePort, loopback } from '../../support/loopback.js';
import { temporaryDirectory } from '../../support/temporary.js';

let directory: ReturnType<typeof temporaryDirectory>;
let pidfile: string;
let daemons: Daemon[];

beforeEach(() => {
  directory = temporaryDirectory();
  pidfile = join(directory.path, 'haproxy.pid');
  daemons = [];
});
afterEach(async () => {
  for (const daemon of daemons) await daemon.stop();
  directory.remove();
});

const code = (wanted: string): unknown => expect.objectContaining({ name: 'DeployError', code: wanted });
const start = (command: string, args: readonly string[], env: Record<string, string> = {}): Daemon => {
  const daemon = startDaemon(command, args, env);
  daemons.push(daemon);
  return daemon;
};
/** A running program of any name: a copy of sleep. */
const program = async (name: string): Promise<number> => {
  const path = join(directory.path, name);
  const { stdout } = await run('sh', ['-c', 'command -v sleep']);
  copyFileSync(stdout.trim(), path);
  chmodSync(path, 0o755);
  const { pid } = start(path, ['600']);
  await until('the program runs', async () => (await readProcess(pid))?.executable === path);
  return pid;
};
const running = async (text: string, expected = '/usr/sbin/haproxy'): Promise<number[]> => {
  writeFileSync(pidfile, text);
  return (await runningHaproxy(pidfile, expected)).map(({ pid }) => pid);
};
const gonePid = async (): Promise<number> => {
  let pid = 0;
  await run('true', [], { onStart: (child) => (pid = child.pid ?? 0) });
  return pid;
};

describe('readPidfile', () => {
  it.each([
    ['12\n', [12]],
    ['12', [12]],
    ['12\n13\n', [12, 13]],
    [' 12 \r\n\n', [12]],
  ])('reads %j', async (text, pids) => {
    writeFileSync(pidfile, text);
    expect(await readPidfile(pidfile)).toEqual(pids);
  });

  it.each(['', '\n', 'haproxy', '0', '-1', '12 13', '1.5', '0x10', '12\nx', '9999999999', '\u0000'])(
    'refuses %j',
    async (text) => {
      writeFileSync(pidfile, text);
      await expect(readPidfile(pidfile)).rejects.toThrow(code('haproxy-pidfile'));
    },
  );

  it('takes a file that is not there for a HAProxy that does not run, and a directory for a wrong path', async () => {
    await expect(readPidfile(pidfile)).rejects.toThrow(code('haproxy-not-running'));
    await expect(readPidfile(directory.path)).rejects.toThrow(code('haproxy-pidfile'));
  });
});

describe('runningHaproxy', () => {
  it('finds a real HAProxy, what it was started with, and that it listens', async () => {
    const port = await freePort();
    const config = `defaults\n  mode http\n  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\nfrontend f\n  bind ${loopback}:${port}\n`;
    const haproxy = await startHaproxy(directory.path, config);
    try {
      const [process] = await runningHaproxy(haproxy.pidfile, 'another-name');
      expect(process).toMatchObject({ pid: haproxy.pid(), executable: haproxyBin, isMaster: false });
      expect(process?.args).toContain(haproxy.configFile);
      expect(await holdsListener(haproxy.pid())).toBe(true);
    } finally {
      await haproxy.stop();
    }
    await expect(runningHaproxy(haproxy.pidfile, haproxyBin)).rejects.toThrow(code('haproxy-not-running'));
    expect(await holdsListener(haproxy.pid())).toBe(false);
  });

  it.each(['haproxy', 'haproxy-2.8', 'haproxy3', 'haproxy_3.2.1-1~bpo12+1'])('takes %s for HAProxy', async (name) => {
    const pid = await program(name);
    expect(await running(`${pid}\n`)).toEqual([pid]);
  });

  it.each(['haproxy_exporter', 'haproxy-acme', 'my-haproxy', 'sleep', 'haproxy) S 1 ('])(
    'takes %s for another program',
    async (name) => {
      const pid = await program(name);
      await expect(running(`${pid}\n`)).rejects.toThrow(code('haproxy-not-ours'));
    },
  );

  it('takes a program of the name that is expected, wherever it is', async () => {
    const pid = await program('balancer');
    expect(await running(`${pid}\n`, '/opt/balancer')).toEqual([pid]);
  });

  it('takes one whose file was replaced or removed by an upgrade', async () => {
    const pid = await program('haproxy');
    rmSync(join(directory.path, 'haproxy'));
    expect(await running(`${pid}\n`)).toEqual([pid]);
    expect((await readProcess(pid))?.executable).toBe(join(directory.path, 'haproxy'));
  });

  it('passes over the dead of several, and calls a pidfile of none stale', async () => {
    const pid = await program('haproxy');
    const gone = await gonePid();
    expect(await running(`${gone}\n${pid}\n`)).toEqual([pid]);
    await expect(running(`${gone}\n`)).rejects.toThrow(code('haproxy-not-running'));
  });

  it('names no process at all where one of several is another program', async () => {
    const [own, other] = [await program('haproxy'), await program('other')];
    await expect(running(`${own}\n${other}\n`)).rejects.toThrow(code('haproxy-not-ours'));
  });

  it('takes a zombie for one that does not run', async () => {
    // A parent that never waits for its child.
    const parent = start('python3', [
      '-c',
      'import os, sys, time\npid = os.fork()\nif pid == 0: os._exit(0)\nprint(pid, flush=True)\ntime.sleep(600)',
    ]);
    const zombie = Number(await until('the child is named', () => /^(\d+)\n/.exec(parent.output())?.[1]));
    await until('it is a zombie', () => /\) Z /.test(readFileSync(`/proc/${zombie}/stat`, 'utf8')));
    await expect(running(`${zombie}\n`)).rejects.toThrow(code('haproxy-not-running'));
    expect(await readProcess(zombie)).toBeUndefined();
    expect(await isAlive({ pid: zombie, startTime: '0' })).toBe(false);
    expect(await childrenOf(parent.pid)).toEqual([]);
  });
});

describe('a process', () => {
  it('is known by its start time, so that another of the same number is not it', async () => {
    const pid = await program('haproxy');
    const process = await readProcess(pid);
    if (process === undefined) throw new Error('the program runs');
    expect(process.startTime).toMatch(/^\d+$/);
    expect(await isAlive(process)).toBe(true);
    expect(await isAlive({ ...process, startTime: String(Number(process.startTime) - 1) })).toBe(false);
    for (const daemon of daemons) await daemon.stop();
    expect(await isAlive(process)).toBe(false);
    expect(await readProcess(pid)).toBeUndefined();
  });

  it('is read rightly whatever its name', async () => {
    for (const name of ['a b', 'x) Z 1 2 (', '((', ')) R 0']) {
      const pid = await program(name);
      const read = await readProcess(pid);
      expect(read).toMatchObject({ pid, executable: join(directory.path, name) });
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(new RegExp(`^PPid:\\s${process.pid}$`, 'm'));
      expect((await childrenOf(process.pid)).map((child) => child.pid)).toContain(pid);
      expect(await isAlive({ pid, startTime: read?.startTime ?? '' })).toBe(true);
    }
  });

  it.each(['-W', '-Ws'])('is a master by %s, as an argument of its own', async (flag) => {
    const wait = 'import time; time.sleep(600)';
    const [other, master] = [start('python3', ['-c', wait, `x${flag}`]), start('python3', ['-c', wait, flag])];
    await until('it is a master', async () => (await readProcess(master.pid))?.isMaster);
    const read = await until('the other runs', async () => await readProcess(other.pid));
    expect(read.isMaster).toBe(false);
  });

  it('listens only where it has a listener', async () => {
    expect(await holdsListener(await gonePid())).toBe(false);
    const { pid } = start('sleep', ['600']);
    expect(await holdsListener(pid)).toBe(false);
    const before = await holdsListener(process.pid);
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
    expect(await holdsListener(process.pid)).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect(await holdsListener(process.pid)).toBe(before);
  });
});

describe('a signal', () => {
  it('is taken where a process handles it, not where it ends the process or is ignored', async () => {
    const { pid } = start('sh', ['-c', "trap : USR2; trap '' USR1; while :; do sleep 1; done"]);
    await until('it handles SIGUSR2', async () => await takesSignal(pid, 'SIGUSR2'));
    expect(await takesSignal(pid, 'SIGUSR1')).toBe(false);
    expect(await takesSignal(await program('haproxy'), 'SIGUSR2')).toBe(false);
  });

  it('counts as taken where nothing is known of the process', async () => {
    expect(await takesSignal(await gonePid(), 'SIGUSR2')).toBe(true);
  });
});

describe('startContext', () => {
  it("is the directory and environment of the process, without what is its supervisor's", async () => {
    const env = {
      PLAIN: 'a=b',
      EMPTY: '',
      LINES: 'a\nb',
      HAPROXY_USER_SETTING: 'kept',
      HAPROXY_MWORKER_REEXEC: '1',
      HAPROXY_PROCESSES: 'x',
      NOTIFY_SOCKET: '/run/x',
      LISTEN_FDS: '1',
      WATCHDOG_USEC: '1',
    };
    const { pid } = start('env', ['-C', directory.path, 'sleep', '600'], env);
    await until('it runs', async () => (await readProcess(pid))?.args[0] === 'sleep');
    const context = await startContext(pid);
    expect(context.cwd).toBe(directory.path);
    expect(context.env).toMatchObject({ PLAIN: 'a=b', EMPTY: '', LINES: 'a\nb', HAPROXY_USER_SETTING: 'kept' });
    for (const name of Object.keys(env).slice(4)) expect(context.env).not.toHaveProperty(name);
  });

  it('is not known of a process that is gone', async () => {
    expect(await startContext(await gonePid())).toEqual({ cwd: undefined, env: undefined, options: [] });
  });
});
