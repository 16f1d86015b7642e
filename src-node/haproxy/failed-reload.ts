import type { Clock } from '../platform/clock.js';
import { DeployError } from './deploy-error.js';
import type { SocketKind } from './listeners.js';
import type { HaproxyProcess } from './process.js';
import { serves } from './serving.js';

/** What served until HAProxy was told to reload, and the sockets by which that is seen. */
export interface Former {
  readonly before: readonly HaproxyProcess[];
  readonly kinds: readonly SocketKind[] | undefined;
}

/** Milliseconds. */
const resumeTimeout = 3_000;
const pollPause = 25;

/**
 * The error of a reload that came to nothing. A process that could not be replaced takes up again the listeners that it
 * had paused for the new one, which is waited for.
 * @param what the beginning of the sentence.
 */
export async function failedReload(
  what: string,
  details: readonly string[],
  { before, kinds }: Former,
  clock: Clock,
): Promise<DeployError> {
  const end = clock.now() + resumeTimeout;
  for (;;) {
    if (await serves(before, kinds)) {
      return new DeployError('haproxy-reload-failed', `${what}; the old process goes on serving.`, { details });
    }
    if (clock.now() > end) {
      return new DeployError('haproxy-not-serving', `${what}, and HAProxy does not listen any more.`, { details });
    }
    await clock.sleep(pollPause);
  }
}
