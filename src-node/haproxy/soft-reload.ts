import { readFile } from 'node:fs/promises';
import { runCommand } from '../platform/run-command.js';
import type { Clock } from '../platform/clock.js';
import { systemReason } from '../platform/coded-error.js';
import { alertLines, configArgs } from './config-check.js';
import { DeployError } from './deploy-error.js';
import type { ReloadReport } from './deployer.js';
import {
  childrenOf,
  holdsListener,
  isAlive,
  readPidfile,
  readProcess,
  type HaproxyProcess,
  type SocketKind,
  type StartContext,
} from './process.js';

export interface ReloadTarget {
  readonly bin: string;
  readonly cfg: readonly string[];
  readonly pidfile: string;
  /** Stats socket with `expose-fd listeners`. */
  readonly socket: string | undefined;
  readonly context: StartContext;
  /** Sends a signal (kill(2)). */
  readonly kill: (pid: number, signal: 'SIGUSR2') => void;
  readonly clock: Clock;
  /** Milliseconds that HAProxy took to read its configuration just now. */
  readonly loadTime: number;
}

/**
 * Milliseconds: for the start of the new process, for its first listener at least, for the old one to finish. A master
 * reads the configuration anew before its worker listens, which takes about as long as the check did.
 */
const startTimeout = 120_000;
const servingTimeout = 15_000;
const drainTimeout = 3_000;
const pollPause = 25;
/** HAProxy tries to bind for two seconds. */
const settleTime = 3_000;

const tcp: readonly SocketKind[] = ['tcp', 'tcp6'];

/**
 * Gives way to a new process that reads the certificates anew (management manual, section 4): `-sf` for a process of
 * its own, SIGUSR2 for a master. The old process finishes its connections.
 * @throws DeployError `haproxy-reload-failed`, with the old process untouched, or `haproxy-not-serving`.
 */
export async function softReload(
  old: readonly HaproxyProcess[],
  target: ReloadTarget,
  onDraining: () => void,
): Promise<ReloadReport> {
  const master = await findMaster(old, target.cfg);
  const before = master === undefined ? old : await workersOf(master);
  const started = master === undefined ? await startSuccessor(old, target) : await reloadMaster(master, before, target);
  onDraining();
  return { started: started.map((process) => process.pid), draining: await waitForEnd(before, target.clock) };
}

/**
 * By its options; or by `master-worker` in the configuration and workers of its own. A child alone does not make a
 * master, since one that is forked for an external check looks the same for a moment, and SIGUSR2 ends what is no master.
 */
async function findMaster(
  processes: readonly HaproxyProcess[],
  cfg: readonly string[],
): Promise<HaproxyProcess | undefined> {
  const byOption = processes.find((process) => process.isMaster);
  if (byOption !== undefined || !(await namesMasterWorker(cfg))) return byOption;
  for (const process of processes) {
    if ((await workersOf(process)).length > 0) return process;
  }
  return undefined;
}

async function namesMasterWorker(cfg: readonly string[]): Promise<boolean> {
  const texts = await Promise.all(cfg.map(async (file) => await readFile(file, 'utf8').catch(() => '')));
  return texts.some((text) => /^[ \t]*master-worker\b/m.test(text));
}

/** Children of the same program; an external check, say, is another one. */
async function workersOf(master: HaproxyProcess): Promise<readonly HaproxyProcess[]> {
  return (await childrenOf(master.pid)).filter((child) => child.executable === master.executable);
}

async function startSuccessor(
  old: readonly HaproxyProcess[],
  target: ReloadTarget,
): Promise<readonly HaproxyProcess[]> {
  const socket = target.socket === undefined ? [] : ['-x', target.socket];
  const pids = old.map((process) => String(process.pid));
  const args = ['-D', ...configArgs(target.cfg), '-p', target.pidfile, ...socket, '-sf', ...pids];
  const result = await runCommand(target.bin, args, { ...target.context, timeout: startTimeout }).catch(
    (error: unknown) => {
      throw new DeployError('haproxy-not-found', `Cannot run HAProxy as ${target.bin}: ${systemReason(error)}.`, {
        cause: error,
      });
    },
  );
  if (result.code !== 0) {
    const ended = result.timedOut
      ? `it did not start within ${startTimeout / 1000} s`
      : `it was ended by ${result.signal ?? 'a signal'}`;
    const details = result.code === null ? [ended] : alertLines(result.output);
    throw new DeployError(
      'haproxy-reload-failed',
      'The new HAProxy process did not start; the old one goes on serving.',
      { details },
    );
  }
  const started = await eventually(target, async () => {
    const pids = await readPidfile(target.pidfile).catch(() => []);
    const processes = await Promise.all(pids.filter((pid) => old.every((gone) => gone.pid !== pid)).map(readProcess));
    const running = processes.filter((process) => process !== undefined);
    return running.length > 0 && (await serves(running)) ? running : undefined;
  });
  if (started !== undefined) return started;
  throw new DeployError(
    'haproxy-not-serving',
    `The new HAProxy process of ${target.pidfile} does not listen after ${Math.round(patience(target) / 1000)} s.`,
  );
}

async function reloadMaster(
  master: HaproxyProcess,
  before: readonly HaproxyProcess[],
  target: ReloadTarget,
): Promise<readonly HaproxyProcess[]> {
  const heldTcp = await serves(before, tcp);
  const kinds = heldTcp ? tcp : undefined;
  try {
    target.kill(master.pid, 'SIGUSR2');
  } catch (error) {
    const reason = systemReason(error);
    throw new DeployError('haproxy-reload-failed', `Cannot signal the HAProxy master ${master.pid}: ${reason}.`, {
      cause: error,
    });
  }
  const isNew = (process: HaproxyProcess): boolean =>
    before.every((known) => known.pid !== process.pid || known.startTime !== process.startTime);
  let since: number | undefined;
  const started = await eventually(target, async () => {
    const workers = (await workersOf(master)).filter(isNew);
    const state = workers.length > 0 && (await serves(workers, kinds)) ? await stateOf(before) : 'serving';
    since = state === 'draining' ? (since ?? target.clock.now()) : undefined;
    const settled = since !== undefined && target.clock.now() - since >= settleTime;
    return state === 'ended' || settled ? workers : undefined;
  });
  if (started !== undefined) return started;
  throw new DeployError(
    'haproxy-reload-failed',
    `The HAProxy master ${master.pid} started no new worker that took over within ${Math.round(patience(target) / 1000)} s; the old one goes on serving.`,
  );
}

/** Holding a listener is serving; where /proc hides the descriptors, running is all that can be seen. */
async function serves(processes: readonly HaproxyProcess[], kinds?: readonly SocketKind[]): Promise<boolean> {
  // By 'master-worker' in its configuration a successor is a master, whose workers hold the listeners.
  const workers = (await Promise.all(processes.map(async (process) => await childrenOf(process.pid)))).flat();
  const held = await Promise.all(
    [...processes, ...workers].map(async (process) => await holdsListener(process.pid, kinds)),
  );
  return held.some((holds) => holds !== false);
}

/**
 * What workers do that were told to give way. From HAProxy 3.1 on a new worker runs before it has read its
 * configuration and dies of an error in it, while the old ones only pause their listeners and take them up again: they
 * are gone for sure when they have ended, or hold no listener for longer than the new one tries to bind.
 */
async function stateOf(workers: readonly HaproxyProcess[]): Promise<'serving' | 'draining' | 'ended'> {
  const alive = await Promise.all(workers.map(async (worker) => ((await isAlive(worker)) ? worker : undefined)));
  const left = alive.filter((worker) => worker !== undefined);
  if (left.length === 0) return 'ended';
  const held = await Promise.all(left.map(async (worker) => await holdsListener(worker.pid, tcp)));
  return held.includes(true) ? 'serving' : 'draining';
}

function patience({ loadTime }: ReloadTarget): number {
  return Math.max(servingTimeout, 4 * loadTime);
}

async function eventually<T>(target: ReloadTarget, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const { clock } = target;
  const end = clock.now() + patience(target);
  for (;;) {
    const found = await look();
    if (found !== undefined || clock.now() > end) return found;
    await clock.sleep(pollPause);
  }
}

/** Waits for the old processes a while; returns those that still finish connections. */
async function waitForEnd(old: readonly HaproxyProcess[], clock: Clock): Promise<readonly number[]> {
  const end = clock.now() + drainTimeout;
  for (;;) {
    const alive = await Promise.all(old.map(async (process) => ((await isAlive(process)) ? process.pid : undefined)));
    const draining = alive.filter((pid) => pid !== undefined);
    if (draining.length === 0 || clock.now() > end) return draining;
    await clock.sleep(pollPause);
  }
}
