import { link, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { listeningPaths } from './listeners.js';
import type { HaproxyProcess } from './process.js';

/**
 * Does what may start a new HAProxy. One that takes no listeners over makes its own UNIX sockets in place of those of the
 * running one, and where it then fails to start, the running one listens on at what no path leads to. So each socket has
 * a second name meanwhile, by which it comes back.
 * @param cwd what relative paths are relative to.
 */
export async function keepingSockets<T>(
  processes: readonly HaproxyProcess[],
  cwd: string | undefined,
  act: () => Promise<T>,
): Promise<T> {
  const kept = await secondNames(processes, cwd);
  try {
    return await act();
  } catch (error) {
    for (const [path, second] of kept) {
      if (!(await isListening(path)) && (await isListening(second))) await rename(second, path);
    }
    throw error;
  } finally {
    for (const [, second] of kept) await rm(second, { force: true });
  }
}

async function secondNames(
  processes: readonly HaproxyProcess[],
  cwd: string | undefined,
): Promise<readonly (readonly [path: string, second: string])[]> {
  const paths = (await Promise.all(processes.map(async ({ pid }) => await listeningPaths(pid)))).flat();
  const kept: (readonly [path: string, second: string])[] = [];
  for (const path of paths.map((name) => resolve(cwd ?? '/', name))) {
    const second = join(dirname(path), `.${basename(path)}.haproxy-acme`);
    await rm(second, { force: true }).catch(() => undefined);
    // Where there may be no second name, the socket is lost with a start that fails.
    await link(path, second).then(
      () => kept.push([path, second]),
      () => undefined,
    );
  }
  return kept;
}

async function isListening(path: string): Promise<boolean> {
  return await new Promise((done) => {
    const socket = connect({ path });
    const end = (isOpen: boolean) => (): void => {
      socket.destroy();
      done(isOpen);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}
