import { readdir, readFile, readlink } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

/**
 * The program that listens where we would, as words of a sentence; undefined where /proc does not tell, which it
 * does to root and about one's own processes.
 */
export async function portHolder(port: number, address: string | undefined): Promise<string | undefined> {
  const inodes = new Set<string>();
  for (const table of ['tcp', 'tcp6']) {
    const text = await readFile(`/proc/self/net/${table}`, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      // proc(5): local address, state (0A is LISTEN) and inode of a socket.
      const fields = line.trim().split(/\s+/);
      const [host = '', hexPort = ''] = (fields[1] ?? '').split(':');
      if (fields[3] !== '0A' || Number.parseInt(hexPort, 16) !== port || !collides(host, address)) continue;
      inodes.add(`socket:[${fields[9] ?? ''}]`);
    }
  }
  return inodes.size === 0 ? undefined : await programWith(inodes);
}

/** Whether a listener on `host`, as /proc writes it, keeps us from `address`. Where that is not clear it is taken so. */
function collides(host: string, address: string | undefined): boolean {
  if (address === undefined || !isIPv4(address) || /^0+$/.test(host) || host.length !== 8) return true;
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0').toUpperCase());
  return address === '0.0.0.0' || host === bytes.toReversed().join('') || host === bytes.join('');
}

async function programWith(sockets: ReadonlySet<string>): Promise<string | undefined> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0);
  for (const pid of pids.sort((one, other) => one - other)) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      if (!sockets.has(target)) continue;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return `${printable(name)} (process ${pid})`;
    }
  }
  return undefined;
}

/** A program may give itself any name. */
function printable(name: string): string {
  const shown = name.trim().replace(/[^\x20-\x7e]/g, '?');
  return shown === '' ? 'a program' : shown;
}
