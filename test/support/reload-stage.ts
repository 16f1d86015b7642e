import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DeployError } from '../../src-node/haproxy/deploy-error.js';
import type { ReloadReport } from '../../src-node/haproxy/deployer.js';
import { readProcess, runningHaproxy, startContext, type HaproxyProcess } from '../../src-node/haproxy/process.js';
import { reloadHaproxy } from '../../src-node/haproxy/reload.js';
import type { ReloadTarget } from '../../src-node/haproxy/reload-target.js';
import { systemClock, type Clock } from '../../src-node/platform/clock.js';
import { runShell } from '../../src-node/platform/run-shell.js';
import { runOrThrow, until } from './child.js';
import { alive, haproxyBin } from './haproxy.js';
import { freePort, loopback } from './loopback.js';
import { runtimeCommand } from './runtime-socket.js';
import { temporaryDirectory } from './temporary.js';

/** What is told to the reload in place of what the stage has. */
export type ReloadChanges = Partial<ReloadTarget> & { readonly old?: readonly HaproxyProcess[] };

export interface ReloadStageOptions {
  /** Options of HAProxy beside -D, -f and -p. */
  readonly args?: (at: (path: string) => string) => readonly string[];
  /** Lines of the global section; a stats socket that hands listeners over unless told. */
  readonly global?: (at: (path: string) => string) => readonly string[];
  /** Text after the section that passes TCP on. */
  readonly sections?: string;
}

/** A HAProxy that passes TCP on to an echo, and what reloads it. */
export interface ReloadStage {
  readonly at: (path: string) => string;
  readonly cfg: string;
  readonly pidfile: string;
  readonly socket: string;
  /** The process that the pidfile names. */
  readonly pid: () => number;
  /** Every process of it that runs; a master comes first. */
  readonly processes: () => readonly number[];
  /** Those of them that are not the one of the pidfile. */
  readonly workers: () => readonly number[];
  /** Sends a line through HAProxy and returns what comes back. */
  readonly echo: (line?: string) => Promise<string>;
  /** A connection that keeps the process that took it. */
  readonly hold: () => Promise<Socket>;
  /** Another configuration that HAProxy accepts with `-c` and cannot start with: its port is taken. */
  readonly portConflict: () => Promise<void>;
  /** Adds a line to the configuration; what is returned takes it away. */
  readonly addLine: (line: string) => () => void;
  readonly reload: (changes?: ReloadChanges) => Promise<ReloadReport>;
  /** The error of a reload that must fail, after which what served before must serve still, as the same processes. */
  readonly refused: (changes?: ReloadChanges) => Promise<DeployError>;
}

/** Runs for one test, to whose end it stops. */
export async function startReloadStage(options: ReloadStageOptions = {}): Promise<ReloadStage> {
  const directory = temporaryDirectory();
  const at = (path: string): string => join(directory.path, path);
  const [cfg, pidfile, socket] = [at('haproxy.cfg'), at('haproxy.pid'), at('stats.sock')];
  const [port, echo] = [await freePort(), await listening((client) => client.pipe(client))];
  const servers: Server[] = [echo.server];
  const processes = (): readonly number[] => processesOf(cfg);
  onTestFinished(async () => {
    await endAll(processes);
    for (const server of servers) server.close();
    directory.remove();
  });
  const global = options.global?.(at) ?? [`stats socket ${socket} mode 600 level admin expose-fd listeners`];
  const timeouts = '  timeout client 1m\n  timeout server 1m\n  timeout connect 5s\n';
  writeFileSync(
    cfg,
    `global\n${global.map((line) => `  ${line}\n`).join('')}defaults\n  mode tcp\n${timeouts}` +
      `listen echo\n  bind ${loopback}:${port}\n  server echo ${loopback}:${echo.port}\n${options.sections ?? ''}`,
  );
  await runOrThrow(haproxyBin, ['-D', ...(options.args?.(at) ?? []), '-f', cfg, '-p', pidfile]);
  const pid = (): number => Number(readFileSync(pidfile, 'utf8').trim().split('\n')[0]);
  const say = async (line = 'hello'): Promise<string> => await roundTrip(connect(port, loopback), line, true);
  await until('HAProxy serves', async () => (await say().catch(() => '')) === 'hello');
  const reload: ReloadStage['reload'] = async (changes) =>
    await reloadHaproxy(...(await target({ cfg, pidfile }, changes)));
  return {
    ...{ at, cfg, pidfile, socket, pid, processes, reload, echo: say },
    workers: () => processes().filter((other) => other !== pid()),
    hold: async () => {
      const client = connect(port, loopback);
      onTestFinished(() => void client.destroy());
      await roundTrip(client, 'held', false);
      return client;
    },
    portConflict: async () => {
      const taken = await listening(() => undefined);
      servers.push(taken.server);
      writeFileSync(cfg, `${readFileSync(cfg, 'utf8')}listen taken\n  bind ${loopback}:${taken.port}\n`);
    },
    addLine: (line) => {
      const before = readFileSync(cfg, 'utf8');
      writeFileSync(cfg, `${before}${line}\n`);
      return () => writeFileSync(cfg, before);
    },
    refused: async (changes) => {
      const before = processes();
      const error: unknown = await reload(changes).then(
        (report) => new Error(`It reloaded: ${JSON.stringify(report)}`),
        (reason: unknown) => reason,
      );
      if (!(error instanceof DeployError)) throw error;
      // A worker that could not start may take a moment to end.
      await until('the same processes serve', () => processes().join() === before.join());
      if ((await say()) !== 'hello') throw new Error('HAProxy does not serve.');
      // It may take up a moment later what it has paused for the one that could not start.
      await until('it answers on its stats socket', async () => {
        const answer = await runtimeCommand(socket, 'show info').catch(() => '');
        return answer.includes('Name: HAProxy');
      });
      return error;
    },
  };
}

async function target(
  { cfg, pidfile }: { readonly cfg: string; readonly pidfile: string },
  { old: given, ...changes }: ReloadChanges = {},
): Promise<Parameters<typeof reloadHaproxy>> {
  const old = given ?? (await runningHaproxy(pidfile, haproxyBin));
  return [
    old,
    {
      ...{ bin: haproxyBin, cfg: [cfg], pidfile, sockets: [], loadTime: 0, clock: systemClock, hardStopAfter: true },
      ...{ masterSocket: undefined, command: undefined, unit: undefined },
      context: await startContext(old[0]?.pid ?? 0),
      kill: (pid, signal) => process.kill(pid, signal),
      runShell: async (command) => await runShell(command, { env: process.env }),
      ...changes,
    },
    () => undefined,
  ];
}

/** Time that passes so many times as fast: what waits for nothing to happen need not wait for long. */
export function fastClock(factor: number): Clock {
  const start = systemClock.now();
  return {
    now: () => start + (systemClock.now() - start) * factor,
    sleep: async (milliseconds, signal) => await systemClock.sleep(milliseconds / factor, signal),
  };
}

/** Whether the HAProxy under test is of this version or a later one. */
export async function isAtLeast(major: number, minor: number): Promise<boolean> {
  const banner = await runOrThrow(haproxyBin, ['-v']);
  const [, ownMajor, ownMinor] = /version (\d+)\.(\d+)/.exec(banner) ?? [];
  return Number(ownMajor) > major || (Number(ownMajor) === major && Number(ownMinor) >= minor);
}

/** The command line of a running process. */
export async function argsOf(pid: number): Promise<readonly string[]> {
  return (await readProcess(pid))?.args ?? [];
}

async function listening(serve: (client: Socket) => void): Promise<{ server: Server; port: number }> {
  const port = await freePort();
  const server = createServer((client) => {
    client.on('error', () => undefined);
    serve(client);
  });
  await new Promise<void>((resolve) => server.listen(port, loopback, resolve));
  return { server, port };
}

export async function roundTrip(client: Socket, text: string, close = false): Promise<string> {
  return await new Promise((resolve, reject) => {
    client.setTimeout(5_000, () => client.destroy(new Error('no echo in time')));
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed without an echo')));
    client.once('data', (data) => {
      client.setTimeout(0);
      resolve(data.toString());
      if (close) client.destroy();
    });
    client.write(text);
  });
}

function processesOf(cfg: string): readonly number[] {
  const isOurs = (pid: number): boolean => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return args.includes('-f') && args.includes(cfg) && args[0]?.includes('haproxy') === true && alive(pid);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isOurs(pid));
}

async function endAll(processes: () => readonly number[]): Promise<void> {
  await until('HAProxy is gone', () => {
    for (const pid of processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    return processes().length === 0;
  });
}
