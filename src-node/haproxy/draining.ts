import type { Clock } from '../platform/clock.js';
import type { DrainingProcess } from './deployer.js';
import { familyOf, joined, runningMembers, type Family } from './family.js';
import { holdsListener } from './listeners.js';
import type { HaproxyProcess } from './process.js';
import type { Reloaded } from './reload-target.js';
import { isAmong, stillRunning } from './serving.js';

/** Milliseconds. */
const drainTimeout = 3_000;
const pollPause = 25;

/** proc(5): Linux counts a hundred ticks a second towards programs. */
const millisecondsPerTick = 10;

/** Waits a while for those that were told to finish; returns whoever still finishes connections, of earlier reloads too. */
export async function drainingProcesses(
  { told, started }: Reloaded,
  former: Family,
  clock: Clock,
): Promise<readonly DrainingProcess[]> {
  const seen = clock.now();
  const left = await waitForEnd(told, clock);
  const [newest] = started.toSorted(byStart).toReversed();
  if (newest === undefined) return left.map(({ pid }) => ({ pid, since: seen }));
  const members = await runningMembers(joined(former, await familyOf(started)));
  const earlier = await finishing(members, [...told, ...started]);
  const successors = [...told, ...started, ...earlier].toSorted(byStart);
  // Ticks count from the machine's boot, of which a container may be told another time: only their distance counts.
  return [...earlier, ...left].toSorted(byStart).map((process) => {
    const next = successors.find(
      (other) => byStart(other, process) > 0 && other.args.join('\0') !== process.args.join('\0'),
    );
    const ticks = Number(newest.startTime) - Number((next ?? newest).startTime);
    return { pid: process.pid, since: seen - ticks * millisecondsPerTick };
  });
}

async function waitForEnd(told: readonly HaproxyProcess[], clock: Clock): Promise<readonly HaproxyProcess[]> {
  const end = clock.now() + drainTimeout;
  for (;;) {
    const left = await stillRunning(told);
    if (left.length === 0 || clock.now() > end) return left;
    await clock.sleep(pollPause);
  }
}

/**
 * Of earlier reloads: whoever started before those that are known and listens no more. A master does not listen
 * either; it is known by its children.
 */
async function finishing(
  members: readonly HaproxyProcess[],
  known: readonly HaproxyProcess[],
): Promise<readonly HaproxyProcess[]> {
  const first = Math.min(...known.map(({ startTime }) => Number(startTime)));
  const parents = new Set([...members, ...known].map(({ parent }) => parent));
  const earlier = members.filter(
    (process) => Number(process.startTime) < first && !isAmong(process, known) && !parents.has(process.pid),
  );
  const listening = await Promise.all(
    earlier.map(async ({ pid }) => await holdsListener(pid, ['tcp', 'tcp6', 'unix'])),
  );
  return earlier.filter((_process, at) => listening[at] !== true);
}

function byStart(one: HaproxyProcess, other: HaproxyProcess): number {
  return Number(one.startTime) - Number(other.startTime);
}
