import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { run, runOrThrow, startDaemon, until } from './child.js';

/** The HAProxy under test: `HAPROXY_BIN`, or the one on the PATH. */
export const haproxyBin: string =
  process.env['HAPROXY_BIN'] ??
  ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy'].find((path) => existsSync(path)) ??
  'haproxy';

/**
 * Whether the HAProxy under test is of this version or a later one. What an earlier one lacks is no test there: it is not
 * to be skipped, but not made.
 */
export function haproxyHas(version: `${number}.${number}`): boolean {
  const banner = execFileSync(haproxyBin, ['-v'], { encoding: 'utf8' });
  const numbers = (text = ''): number => {
    const [major = 0, minor = 0] = text.split('.').map(Number);
    return major * 1_000 + minor;
  };
  return numbers(/ version (\d+\.\d+)/.exec(banner)?.[1]) >= numbers(version);
}

export interface Haproxy {
  readonly configFile: string;
  readonly pidfile: string;
  /** The process that the pidfile names now. */
  readonly pid: () => number;
  readonly output: () => string;
  /** Ends the process that the pidfile names, whoever started it, and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

/** Writes `config` to `directory/haproxy.cfg` and runs it in the foreground of a child process of ours. */
export async function startHaproxy(directory: string, config: string, extra: readonly string[] = []): Promise<Haproxy> {
  const configFile = join(directory, 'haproxy.cfg');
  const pidfile = join(directory, 'haproxy.pid');
  writeFileSync(configFile, config);
  const child = startDaemon(haproxyBin, ['-db', '-f', configFile, '-p', pidfile, ...extra]);
  try {
    await until('HAProxy listens', () => {
      if (child.exited()) throw new Error('HAProxy exited');
      // In the foreground HAProxy writes no pidfile: write it here, as its supervisor would.
      return listens(child.pid);
    });
  } catch (error) {
    await child.stop();
    throw new Error(`HAProxy did not start: ${child.output()}`, { cause: error });
  }
  if (!existsSync(pidfile)) writeFileSync(pidfile, `${child.pid}\n`);
  const pid = (): number => Number(readFileSync(pidfile, 'utf8').trim().split('\n')[0]);
  return {
    configFile,
    pidfile,
    pid,
    output: child.output,
    stop: async () => {
      const current = pid();
      if (current !== child.pid && alive(current)) process.kill(current, 'SIGKILL');
      await child.stop();
      await until('HAProxy is gone', () => !alive(current));
    },
  };
}

/** As an administrator starts it: `haproxy -D -p PIDFILE`, out of our hands; `stop` ends what the pidfile names. */
export async function startHaproxyDaemon(
  directory: string,
  config: string,
  extra: readonly string[] = [],
): Promise<Haproxy> {
  const configFile = join(directory, 'haproxy.cfg');
  const pidfile = join(directory, 'haproxy.pid');
  writeFileSync(configFile, config);
  await runOrThrow(haproxyBin, ['-D', '-f', configFile, '-p', pidfile, ...extra]);
  const pid = (): number => Number(readFileSync(pidfile, 'utf8').trim().split('\n')[0]);
  await until('HAProxy listens', () => listens(pid()));
  return {
    configFile,
    pidfile,
    pid,
    output: () => '',
    stop: async () => {
      const current = pid();
      if (alive(current)) process.kill(current, 'SIGKILL');
      await until('HAProxy is gone', () => !alive(current));
    },
  };
}

/** True while the process runs; a zombie does not run. */
export function alive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

async function listens(pid: number): Promise<boolean> {
  const { stdout } = await run('sh', ['-c', 'ls -l "/proc/$0/fd" 2>/dev/null', String(pid)]);
  const inodes = new Set([...stdout.matchAll(/socket:\[(\d+)\]/g)].map((match) => match[1]));
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === '0A' && inodes.has(fields[9])) return true;
    }
  }
  return false;
}

export interface ServedCertificate {
  readonly subjectAltName: string | undefined;
  readonly issuer: string;
  /** SHA-256 of the DER, upper-case hex with colons. */
  readonly fingerprint: string;
}

/** The leaf that `host:port` serves for `name`, by a TLS handshake. */
export async function servedCertificate(host: string, port: number, name: string): Promise<ServedCertificate> {
  return await new Promise((resolve, reject) => {
    const socket = tlsConnect({ host, port, servername: name, rejectUnauthorized: false, timeout: 5_000 }, () => {
      const leaf = socket.getPeerX509Certificate();
      socket.destroy();
      if (leaf === undefined) reject(new Error('no certificate was served'));
      else resolve({ subjectAltName: leaf.subjectAltName, issuer: leaf.issuer, fingerprint: leaf.fingerprint256 });
    });
    socket.once('timeout', () => socket.destroy(new Error('TLS handshake timed out')));
    socket.once('error', reject);
  });
}

/** One HTTP/1 exchange with exactly the bytes given, and what came back until the peer closed. */
export async function rawHttp(host: string, port: number, request: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 5_000 });
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.once('timeout', () => socket.destroy(new Error('no answer in time')));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
    socket.write(request);
  });
}
