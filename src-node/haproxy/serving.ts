import { holdsListener, type SocketKind } from './listeners.js';
import { childrenOf, isAlive, type HaproxyProcess } from './process.js';

export const tcp: readonly SocketKind[] = ['tcp', 'tcp6'];

/** Children of the same program; an external check, say, is another one. */
export async function workersOf(master: HaproxyProcess): Promise<readonly HaproxyProcess[]> {
  return (await childrenOf(master.pid)).filter((child) => child.executable === master.executable);
}

/** Those of a master's workers that clients come to; the others still finish connections of former reloads. */
export async function listeningOf(workers: readonly HaproxyProcess[]): Promise<readonly HaproxyProcess[]> {
  const held = await Promise.all(workers.map(async ({ pid }) => await holdsListener(pid, ['tcp', 'tcp6', 'unix'])));
  const listening = workers.filter((_worker, at) => held[at] !== false);
  return listening.length > 0 ? listening : workers;
}

/** Holding a listener is serving; where /proc hides the descriptors, running is all that can be seen. */
export async function serves(processes: readonly HaproxyProcess[], kinds?: readonly SocketKind[]): Promise<boolean> {
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
export async function stateOf(workers: readonly HaproxyProcess[]): Promise<'serving' | 'draining' | 'ended'> {
  const left = await stillRunning(workers);
  if (left.length === 0) return 'ended';
  const held = await Promise.all(left.map(async (worker) => await holdsListener(worker.pid, tcp)));
  return held.includes(true) ? 'serving' : 'draining';
}

export async function stillRunning(processes: readonly HaproxyProcess[]): Promise<readonly HaproxyProcess[]> {
  const alive = await Promise.all(processes.map(async (process) => ((await isAlive(process)) ? process : undefined)));
  return alive.filter((process) => process !== undefined);
}

/** Pids come again: the start time tells the one process from the other. */
export function isAmong(process: HaproxyProcess, others: readonly HaproxyProcess[]): boolean {
  return others.some(({ pid, startTime }) => pid === process.pid && startTime === process.startTime);
}
