import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { DeployError } from './deploy-error.js';

/** A running HAProxy process, known by pid and start time, since pids come again. */
export interface HaproxyProcess {
  readonly pid: number;
  /** Clock ticks since boot (proc(5), /proc/PID/stat, starttime). */
  readonly startTime: string;
  /** Path of the program; undefined where it may not be seen. */
  readonly executable: string | undefined;
  readonly args: readonly string[];
  /** True in master-worker mode (-W, -Ws): the master is told by SIGUSR2 and starts the new worker itself. */
  readonly isMaster: boolean;
}

/** @throws DeployError `haproxy-pidfile` where the file cannot be read or holds no pid. */
export async function readPidfile(path: string): Promise<readonly number[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      throw new DeployError('haproxy-not-running', `HAProxy does not run: its pidfile ${path} does not exist.`, {
        cause: error,
      });
    }
    throw new DeployError('haproxy-pidfile', `Cannot read the pidfile ${path}: ${systemReason(error)}.`, {
      cause: error,
    });
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pids = lines.map((line) => (/^\s*\d{1,9}\s*$/.test(line) ? Number(line) : 0));
  if (pids.length > 0 && pids.every((pid) => pid > 0)) return pids;
  throw new DeployError('haproxy-pidfile', `The pidfile ${path} holds no process number.`);
}

/**
 * The HAProxy processes that a pidfile names. A signal is only ever sent to what is found here.
 * @param expected the program by which HAProxy is started, which may have another name.
 * @throws DeployError `haproxy-not-running` for a stale pidfile, `haproxy-not-ours` where it names another program.
 */
export async function runningHaproxy(pidfile: string, expected: string): Promise<readonly HaproxyProcess[]> {
  const pids = await readPidfile(pidfile);
  const found: HaproxyProcess[] = [];
  for (const pid of pids) {
    const process = await readProcess(pid);
    if (process === undefined) continue;
    if (!isHaproxy(process, expected)) {
      const name = process.executable ?? process.args[0] ?? 'another program';
      throw new DeployError(
        'haproxy-not-ours',
        `The pidfile ${pidfile} names process ${pid}, which is ${name} and not HAProxy.`,
      );
    }
    found.push(process);
  }
  if (found.length > 0) return found;
  throw new DeployError(
    'haproxy-not-running',
    `HAProxy does not run: the pidfile ${pidfile} is stale (${pids.join(', ')}).`,
  );
}

/** Versions have names such as haproxy-2.8; haproxy_exporter and haproxy-acme are other programs. */
function isHaproxy(process: HaproxyProcess, expected: string): boolean {
  const program = basename(process.executable ?? process.args[0] ?? '');
  return /^haproxy(?:[-_.]?\d[\w.+~-]*)?$/.test(program) || program === basename(expected);
}

/** Undefined where no such process runs; a zombie does not run. */
export async function readProcess(pid: number): Promise<HaproxyProcess | undefined> {
  const status = await processStat(pid);
  if (status === undefined || status.state === 'Z' || status.state === 'X') return undefined;
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').slice(0, -1);
  // After an upgrade of its package a running program's file is gone.
  const executable = await readlink(`/proc/${pid}/exe`).then(
    (path) => path.replace(/ \(deleted\)$/, ''),
    () => undefined,
  );
  const isMaster = args.some((arg) => /^-(?:W|Ws)$/.test(arg));
  return { pid, startTime: status.startTime, executable, args, isMaster };
}

/** True while this very process runs, not another that has got its number. */
export async function isAlive(process: Pick<HaproxyProcess, 'pid' | 'startTime'>): Promise<boolean> {
  const stat = await processStat(process.pid);
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X' && stat.startTime === process.startTime;
}

interface ProcessStat {
  readonly state: string;
  readonly parent: number;
  readonly startTime: string;
}

async function processStat(pid: number): Promise<ProcessStat | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in parentheses, may hold anything; what follows its last parenthesis is fields 3 and on.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** The workers of a master. */
export async function childrenOf(pid: number): Promise<readonly HaproxyProcess[]> {
  const found: HaproxyProcess[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await processStat(Number(entry));
    if (stat?.parent !== pid) continue;
    const process = await readProcess(Number(entry));
    if (process !== undefined) found.push(process);
  }
  return found;
}

/** What a process was started with, so that its successor is started with the same. */
export interface StartContext {
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>> | undefined;
}

/**
 * Variables that HAProxy's master or systemd set for one process: in another they make HAProxy take itself for the
 * master's worker, or report to systemd in its name. The rest of HAPROXY_* may be the user's.
 */
const ownVariables =
  /^(?:HAPROXY_(?:MWORKER.*|PROCESSES|STARTUPLOGS_FD|LOAD_SUCCESS|CFGFILES|CLI|MASTER_CLI|STARTUP_VERSION)|NOTIFY_SOCKET|WATCHDOG_.*|LISTEN_.*|INVOCATION_ID|JOURNAL_STREAM)$/;

/** HAProxy configurations read the environment (`${VAR}`, `env()`); undefined where /proc does not show it to us. */
export async function startContext(pid: number): Promise<StartContext> {
  const cwd = await workingDirectory(pid);
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => undefined);
  const pairs = text?.split('\0').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const env =
    pairs === undefined
      ? undefined
      : Object.fromEntries(pairs.filter(([name]) => name !== '' && !ownVariables.test(name)));
  return { cwd, env };
}

/** Undefined also where it has been removed: what is started there would not be found. */
async function workingDirectory(pid: number): Promise<string | undefined> {
  try {
    const path = await readlink(`/proc/${pid}/cwd`);
    return (await stat(path)).isDirectory() ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * True when the process holds a socket that clients come to: a listening TCP or UNIX one, or a UDP one (QUIC, but a
 * log target looks the same); undefined where /proc does not tell us.
 * @param kinds the kinds of socket that count.
 */
export async function holdsListener(
  pid: number,
  kinds: readonly SocketKind[] = ['tcp', 'tcp6', 'udp', 'udp6', 'unix'],
): Promise<boolean | undefined> {
  try {
    const descriptors = await readdir(`/proc/${pid}/fd`);
    const links = await Promise.all(descriptors.map(async (fd) => await readDescriptor(`/proc/${pid}/fd/${fd}`)));
    const inodes = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
    for (const kind of kinds) {
      const { value, inode } = socketTables[kind];
      const lines = (await readFile(`/proc/${pid}/net/${kind}`, 'utf8').catch(() => '')).split('\n').slice(1);
      const sockets = lines.map((line) => line.trim().split(/\s+/));
      if (sockets.some((fields) => fields[3] === value && inodes.has(fields[inode]))) return true;
    }
    return false;
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? false : undefined;
  }
}

/** proc(5): where a table of sockets says that one waits for clients (LISTEN, unconnected, SO_ACCEPTCON), and its inode. */
const socketTables = {
  tcp: { value: '0A', inode: 9 },
  tcp6: { value: '0A', inode: 9 },
  udp: { value: '07', inode: 9 },
  udp6: { value: '07', inode: 9 },
  unix: { value: '00010000', inode: 6 },
} as const;

export type SocketKind = keyof typeof socketTables;

/** Descriptors come and go while they are looked at; one that may not be seen is an error. */
async function readDescriptor(path: string): Promise<string> {
  try {
    return await readlink(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  }
}
