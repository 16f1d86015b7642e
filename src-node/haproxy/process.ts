import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { readCommandLine } from './command-line.js';
import { DeployError } from './deploy-error.js';

/** A running HAProxy process, known by pid and start time, since pids come again. */
export interface HaproxyProcess {
  readonly pid: number;
  /** Clock ticks since boot (proc(5), /proc/PID/stat, starttime). */
  readonly startTime: string;
  /** The process that started it; for a worker, its master. */
  readonly parent: number;
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
export function isHaproxy(process: HaproxyProcess, expected: string): boolean {
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
  return { pid, startTime: status.startTime, parent: status.parent, executable, args, isMaster };
}

/** True while this very process runs, not another that has got its number. */
export async function isAlive(process: Pick<HaproxyProcess, 'pid' | 'startTime'>): Promise<boolean> {
  const stat = await processStat(process.pid);
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X' && stat.startTime === process.startTime;
}

const signalNumbers = { SIGUSR1: 10n, SIGUSR2: 12n } as const;

/**
 * False while a process does not handle a signal (proc(5), SigCgt and SigBlk), which is lost then or ends it; true also
 * where /proc does not tell.
 */
export async function takesSignal(pid: number, signal: keyof typeof signalNumbers): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [caught, blocked] = ['SigCgt', 'SigBlk'].map(
    (name) => new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(text)?.[1],
  );
  if (caught === undefined || blocked === undefined) return true;
  return (((BigInt(`0x${caught}`) & ~BigInt(`0x${blocked}`)) >> (signalNumbers[signal] - 1n)) & 1n) === 1n;
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
  /** Those of its options by which a process handles traffic in its own way. */
  readonly options: readonly string[];
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
  return { cwd, env, options: readCommandLine((await readProcess(pid))?.args ?? []).inherited };
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
