import { once } from 'node:events';
import { chmod, link, lstat, mkdtemp, rename, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import type { Clock } from './clock.js';
import { systemCode, systemReason } from './coded-error.js';

/** Bytes of sockaddr_un.sun_path (unix(7)), its end left out; a longer path would be cut. */
const longestPath = 107;
/** Milliseconds, many times what a program takes that looks whether a socket is stale. */
const settling = 100;

/** Why there is no socket: somebody listens there, something else has the name, or the system does not allow it. */
export type SocketProblem = 'in-use' | 'no-socket' | 'unusable';

/** Each room says by an error of its own what this means to it. */
export class SocketError extends Error {
  public override readonly name = 'SocketError';
  public readonly problem: SocketProblem;

  /** @param reason the end of a sentence. */
  public constructor(problem: SocketProblem, reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.problem = problem;
  }
}

export interface SocketOptions {
  /** Of the socket, from its first moment; without it what the umask leaves. */
  readonly mode: number | undefined;
  readonly clock: Clock;
}

/**
 * Has `server` listen at `path`. A socket that nobody listens at any more is replaced, one that somebody does is not; of
 * several that try at once one listens.
 * @returns what takes the name away again, unless it is another's by now. The server MUST listen until then.
 * @throws SocketError; the server is closed then.
 */
export async function listenOnSocket(
  server: Server,
  path: string,
  { mode, clock }: SocketOptions,
): Promise<() => Promise<void>> {
  let den: string | undefined;
  try {
    // Made out of everybody's reach, and shown under its name once it has its mode.
    den = await mkdtemp(`${dirname(path)}/.`);
    const made = join(den, 's');
    if ([path, made].some((each) => Buffer.byteLength(each) > longestPath)) {
      throw new SocketError('unusable', `a socket's path has ${longestPath} bytes at most`);
    }
    server.listen(made);
    await once(server, 'listening');
    if (mode !== undefined) await chmod(made, mode);
    const own = await identity(made);
    await takeName({ made, path, den }, clock);
    return async () => {
      if ((await identity(path)) === own) await rm(path, { force: true });
    };
  } catch (error) {
    server.close();
    throw error instanceof SocketError ? error : new SocketError('unusable', systemReason(error), error);
  } finally {
    if (den !== undefined) await rm(den, { recursive: true, force: true });
  }
}

interface Places {
  readonly made: string;
  readonly path: string;
  /** A directory of our own. */
  readonly den: string;
}

/** What is left of a program that was killed gives way. Several may try at once: one of them gets the name. */
async function takeName({ made, path, den }: Places, clock: Clock): Promise<void> {
  const own = await identity(made);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await linked(made, path)) {
      // Who has taken our socket for the stale one has put it back by now, or has another's put over it.
      await clock.sleep(settling);
      if ((await identity(path)) === own) return;
      break;
    }
    const found = await identity(path);
    if (found === 'no socket') throw new SocketError('no-socket', 'it is no socket');
    if (await isLive(path)) break;
    const old = join(den, 'old');
    if (!(await moved(path, old)) || (await identity(old)) === found) continue;
    // Another's has come between the look and the move.
    await rename(old, path);
    break;
  }
  throw new SocketError('in-use', 'another program listens there');
}

/** What tells a socket from one that had its name before; a number of an inode may be given again. */
async function identity(path: string): Promise<string> {
  const stat = await lstat(path, { bigint: true }).catch(() => undefined);
  if (stat === undefined) return 'nothing';
  return stat.isSocket() ? `${stat.dev} ${stat.ino} ${stat.birthtimeNs}` : 'no socket';
}

/** False where something has the name. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** False where it is gone already. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** @throws the system's error where that cannot be seen. */
async function isLive(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return false;
    // More wait to be accepted than there is room for.
    if (code === 'EAGAIN') return true;
    throw error;
  } finally {
    socket.destroy();
  }
}
