import type { Clock } from '../platform/clock.js';
import type { ShellResult } from '../platform/run-shell.js';
import type { ReloadWay } from './deployer.js';
import type { HaproxyProcess, StartContext } from './process.js';

/** The HAProxy to reload, and by what. */
export interface ReloadTarget {
  readonly bin: string;
  readonly cfg: readonly string[];
  readonly pidfile: string;
  /** Stats sockets; a UNIX one with `expose-fd listeners` hands the listeners over to a successor (`-x`). */
  readonly sockets: readonly string[];
  /** The master CLI (`-S`), as HAProxy writes addresses; undefined: as the master's own options have it. */
  readonly masterSocket: string | undefined;
  /** The user's shell command; goes before every other way. */
  readonly command: string | undefined;
  /** The unit of systemd that HAProxy runs as. */
  readonly unit: string | undefined;
  /** Whether the configuration has `hard-stop-after`, without which an old process may stay for ever. */
  readonly hardStopAfter: boolean;
  readonly context: StartContext;
  /** Sends a signal (kill(2)). */
  readonly kill: (pid: number, signal: 'SIGUSR2') => void;
  readonly runShell: (command: string) => Promise<ShellResult>;
  readonly clock: Clock;
  /** Milliseconds that HAProxy took to read its configuration just now. */
  readonly loadTime: number;
}

/** What a way of reloading has done. */
export interface Reloaded {
  readonly way: ReloadWay;
  /** What serves now; a master's workers. */
  readonly started: readonly HaproxyProcess[];
  /** What was told to finish. */
  readonly told: readonly HaproxyProcess[];
  readonly hints: readonly string[];
}

/**
 * Milliseconds for the first listener of the new process at least. A master reads the configuration anew before its
 * worker listens, which takes about as long as the check did.
 */
const servingTimeout = 15_000;
const pollPause = 25;

export function patience({ loadTime }: Pick<ReloadTarget, 'loadTime'>): number {
  return Math.max(servingTimeout, 4 * loadTime);
}

/** Looks until there is something to see; undefined when HAProxy has had its time. */
export async function eventually<T>(
  target: Pick<ReloadTarget, 'clock' | 'loadTime'>,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const { clock } = target;
  const end = clock.now() + patience(target);
  for (;;) {
    const found = await look();
    if (found !== undefined || clock.now() > end) return found;
    await clock.sleep(pollPause);
  }
}
