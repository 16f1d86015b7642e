import { readFile } from 'node:fs/promises';
import { systemReason } from '../platform/coded-error.js';
import { DeployError } from './deploy-error.js';
import type { HaproxyProcess } from './process.js';
import { eventually, patience, type Reloaded, type ReloadTarget } from './reload-target.js';
import { isAmong, serves, stateOf, tcp, workersOf } from './serving.js';

/** Milliseconds; HAProxy tries to bind for two seconds. */
const settleTime = 3_000;

/**
 * By its options; or by `master-worker` in the configuration and workers of its own. A child alone does not make a
 * master, since one that is forked for an external check looks the same for a moment, and SIGUSR2 ends what is no master.
 */
export async function findMaster(
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

/**
 * Has a master start a new worker (SIGUSR2; management manual, section 4).
 * @throws DeployError `haproxy-reload-failed`, with the old worker serving.
 */
export async function reloadBySignal(master: HaproxyProcess, target: ReloadTarget): Promise<Reloaded> {
  const before = await workersOf(master);
  const kinds = (await serves(before, tcp)) ? tcp : undefined;
  try {
    target.kill(master.pid, 'SIGUSR2');
  } catch (error) {
    const reason = systemReason(error);
    throw new DeployError('haproxy-reload-failed', `Cannot signal the HAProxy master ${master.pid}: ${reason}.`, {
      cause: error,
    });
  }
  let since: number | undefined;
  const started = await eventually(target, async () => {
    const workers = (await workersOf(master)).filter((worker) => !isAmong(worker, before));
    const state = workers.length > 0 && (await serves(workers, kinds)) ? await stateOf(before) : 'serving';
    since = state === 'draining' ? (since ?? target.clock.now()) : undefined;
    const settled = since !== undefined && target.clock.now() - since >= settleTime;
    return state === 'ended' || settled ? workers : undefined;
  });
  if (started !== undefined) return { way: 'master-signal', started, told: before, hints: [] };
  throw new DeployError(
    'haproxy-reload-failed',
    `The HAProxy master ${master.pid} started no new worker that took over within ${Math.round(patience(target) / 1000)} s; the old one goes on serving.`,
  );
}
