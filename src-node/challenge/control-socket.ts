import type { Server } from 'node:net';
import { dirname } from 'node:path';
import type { Clock } from '../platform/clock.js';
import { systemReason } from '../platform/coded-error.js';
import { makeDirectory } from '../platform/make-directory.js';
import { listenOnSocket, SocketError } from '../platform/unix-socket.js';
import { ChallengeError } from './challenge-error.js';

/**
 * Has `server` listen at `path` for its own user alone: the socket is 0600 from its first moment, its directory is made
 * 0700 where it is missing. A socket that nobody listens at any more is replaced, one that somebody does is not.
 * @returns what removes the socket again, before the server is closed.
 * @throws ChallengeError `control-in-use` or `control-unusable`.
 */
export async function listenPrivately(server: Server, path: string, clock: Clock): Promise<() => Promise<void>> {
  try {
    await makeDirectory(dirname(path), 0o700);
    return await listenOnSocket(server, path, { mode: 0o600, clock });
  } catch (error) {
    if (error instanceof SocketError && error.problem === 'in-use') {
      throw new ChallengeError('control-in-use', `Another agent has the control socket ${path}.`);
    }
    const [reason, cause] = error instanceof SocketError ? [error.message, error.cause] : [systemReason(error), error];
    throw new ChallengeError('control-unusable', `Cannot make the control socket ${path}: ${reason}.`, cause);
  }
}
