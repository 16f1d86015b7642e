import type { Clock } from '../platform/clock.js';
import type { DrainingProcess } from './deployer.js';
import type { Reloaded } from './reload-target.js';
import { stillRunning } from './serving.js';

/** Milliseconds. */
const drainTimeout = 3_000;
const pollPause = 25;

/** Waits for the old processes a while; returns those that still finish connections. */
export async function drainingProcesses({ told }: Reloaded, clock: Clock): Promise<readonly DrainingProcess[]> {
  const since = clock.now();
  for (;;) {
    const left = await stillRunning(told);
    if (left.length === 0 || clock.now() > since + drainTimeout) return left.map(({ pid }) => ({ pid, since }));
    await clock.sleep(pollPause);
  }
}
