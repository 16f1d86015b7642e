import type { ReloadReport } from './deployer.js';
import { drainingProcesses } from './draining.js';
import type { HaproxyProcess } from './process.js';
import { findMaster, reloadBySignal } from './reload-master.js';
import { reloadBySuccessor } from './reload-successor.js';
import type { Reloaded, ReloadTarget } from './reload-target.js';

/**
 * Has HAProxy read its configuration and certificates anew, softly: what served until now finishes its connections.
 * @param old the processes that the pidfile names.
 * @throws DeployError `haproxy-reload-failed`, with the old process serving, or `haproxy-not-serving`.
 */
export async function reloadHaproxy(
  old: readonly HaproxyProcess[],
  target: ReloadTarget,
  onDraining: () => void,
): Promise<ReloadReport> {
  const reloaded = await reload(old, target);
  onDraining();
  const draining = await drainingProcesses(reloaded, target.clock);
  return {
    way: reloaded.way,
    started: reloaded.started.map(({ pid }) => pid),
    draining,
    hints: [...reloaded.hints, ...(draining.length > 0 && !target.hardStopAfter ? [unlimited] : [])],
  };
}

const unlimited =
  "Old processes stay as long as their connections do: haproxy.cfg sets no limit ('hard-stop-after 30m' in 'global').";

async function reload(old: readonly HaproxyProcess[], target: ReloadTarget): Promise<Reloaded> {
  const master = await findMaster(old, target.cfg);
  return master === undefined ? await reloadBySuccessor(old, target) : await reloadBySignal(master, target);
}
