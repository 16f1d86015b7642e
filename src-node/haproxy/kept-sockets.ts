import { link, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { listeningPaths } from './listeners.js';
import type { HaproxyProcess } from './process.js';

/** The UNIX sockets of processes under second names. */
export interface KeptSockets {
  /** Has each path lead to the same socket again. */
  readonly restore: () => Promise<void>;
  readonly forget: () => Promise<void>;
}

/**
 * A HAProxy that takes no listeners over makes its own UNIX sockets in place of those of the running one, and where it
 * then fails to start, the running one listens on at what no path leads to.
 * @param cwd what relative paths are relative to.
 */
export async function keepSockets(processes: readonly HaproxyProcess[], cwd: string | undefined): Promise<KeptSockets> {
  const paths = (await Promise.all(processes.map(async ({ pid }) => await listeningPaths(pid)))).flat();
  const kept: (readonly [path: string, second: string])[] = [];
  for (const path of paths.map((name) => resolve(cwd ?? '/', name))) {
    const second = join(dirname(path), `.${basename(path)}.haproxy-acme`);
    await rm(second, { force: true }).catch(() => undefined);
    // Where there may be no second name, the socket is lost with the start that fails.
    await link(path, second).then(
      () => kept.push([path, second]),
      () => undefined,
    );
  }
  const forget = async (): Promise<void> => {
    for (const [, second] of kept) await rm(second, { force: true });
  };
  return {
    restore: async () => {
      for (const [path, second] of kept) await rename(second, path);
      // Two names of one file stay where one is renamed to the other.
      await forget();
    },
    forget,
  };
}
