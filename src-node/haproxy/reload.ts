import type { ReloadReport } from './deployer.js';
import { drainingProcesses } from './draining.js';
import { familyOf } from './family.js';
import type { HaproxyProcess } from './process.js';
import { reloadByCommand, reloadBySystemd } from './reload-command.js';
import { findMaster, reloadMaster } from './reload-master.js';
import { reloadBySuccessor } from './reload-successor.js';
import type { Reloaded, ReloadTarget } from './reload-target.js';

/**
 * Has HAProxy read its configuration and certificates anew, softly: what served until now finishes its connections.
 * @param old the processes that the pidfile names; none where only a command or a unit is known.
 * @throws DeployError `haproxy-reload-failed`, with the old process serving, `haproxy-not-serving`, or
 * `haproxy-not-running`.
 */
export async function reloadHaproxy(
  old: readonly HaproxyProcess[],
  target: ReloadTarget,
  onDraining: () => void,
): Promise<ReloadReport> {
  const former = await familyOf(old);
  const reloaded = await reload(old, target);
  onDraining();
  const draining = await drainingProcesses(reloaded, former, target.clock);
  return {
    way: reloaded.way,
    started: reloaded.started.map(({ pid }) => pid),
    draining,
    hints: [...reloaded.hints, ...(draining.length > 0 && !target.hardStopAfter ? [unlimited] : [])],
  };
}

const unlimited =
  "Old processes stay as long as their connections do: haproxy.cfg sets no limit ('hard-stop-after 30m' in 'global').";

/** The user's ways first, then what HAProxy itself answers to, from the most telling to the least. */
async function reload(old: readonly HaproxyProcess[], target: ReloadTarget): Promise<Reloaded> {
  if (target.command !== undefined) return await reloadByCommand(target.command, old, target);
  if (target.unit !== undefined) return await reloadBySystemd(target.unit, old, target);
  const master = await findMaster(old, target.cfg);
  return master === undefined ? await reloadBySuccessor(old, target) : await reloadMaster(master, target);
}
