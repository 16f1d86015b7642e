import { readdir, readFile, readlink } from 'node:fs/promises';
import { systemCode } from '../platform/coded-error.js';

/** proc(5): where a table of sockets says that one waits for clients (LISTEN, unconnected, SO_ACCEPTCON), and its inode. */
const socketTables = {
  tcp: { value: '0A', inode: 9 },
  tcp6: { value: '0A', inode: 9 },
  udp: { value: '07', inode: 9 },
  udp6: { value: '07', inode: 9 },
  unix: { value: '00010000', inode: 6 },
} as const;

export type SocketKind = keyof typeof socketTables;

/**
 * True when the process holds a socket that clients come to: a listening TCP or UNIX one, or a UDP one (QUIC, but a
 * log target looks the same); undefined where /proc does not tell us.
 * @param kinds the kinds of socket that count.
 */
export async function holdsListener(
  pid: number,
  kinds: readonly SocketKind[] = ['tcp', 'tcp6', 'udp', 'udp6', 'unix'],
): Promise<boolean | undefined> {
  try {
    const inodes = await socketInodes(pid);
    for (const kind of kinds) {
      if ((await listeners(pid, kind, inodes)).length > 0) return true;
    }
    return false;
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? false : undefined;
  }
}

/** The paths that a process listens at, as it has them; none where /proc does not tell. */
export async function listeningPaths(pid: number): Promise<readonly string[]> {
  const found = await socketInodes(pid)
    .then(async (inodes) => await listeners(pid, 'unix', inodes))
    .catch(() => []);
  // HAProxy binds beside a path and moves the socket there, which the kernel does not tell.
  const paths = found.map((fields) =>
    fields
      .slice(7)
      .join(' ')
      .replace(/\.\d+\.tmp$/, ''),
  );
  return paths.filter((path) => path !== '' && !path.startsWith('@'));
}

async function socketInodes(pid: number): Promise<ReadonlySet<string | undefined>> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(descriptors.map(async (fd) => await readDescriptor(`/proc/${pid}/fd/${fd}`)));
  return new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
}

async function listeners(
  pid: number,
  kind: SocketKind,
  inodes: ReadonlySet<string | undefined>,
): Promise<readonly (readonly string[])[]> {
  const { value, inode } = socketTables[kind];
  const lines = (await readFile(`/proc/${pid}/net/${kind}`, 'utf8').catch(() => '')).split('\n').slice(1);
  const sockets = lines.map((line) => line.trim().split(/\s+/));
  return sockets.filter((fields) => fields[3] === value && inodes.has(fields[inode]));
}

/** Descriptors come and go while they are looked at; one that may not be seen is an error. */
async function readDescriptor(path: string): Promise<string> {
  try {
    return await readlink(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  }
}
