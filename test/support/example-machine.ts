import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run, until, type RunResult } from './child.js';
import { alive } from './haproxy.js';
import { isRoot } from './stage.js';

const minute = 60_000;

/** Where the commands of an example are run: the one machine that its README is about, or the second one. */
export interface Machine {
  /** Its files of /etc, /usr, /var and /run are below this directory, as it sees them. */
  readonly root: string;
  readonly shell: (command: string, env?: Readonly<Record<string, string>>) => Promise<RunResult>;
  /** Every process of HAProxy that runs there on its configuration. */
  readonly processes: () => readonly number[];
}

export interface SecondMachine extends Machine {
  /** Where its files of /etc, /usr, /var and /run really are. */
  readonly own: string;
  /** Where it sees the files of the first. */
  readonly one: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function firstMachine(root: string, env: Environment): Machine {
  return {
    root,
    shell: async (command, more = {}) => await inShell(root, ['sh', '-e', '-c', command], { ...env, ...more }),
    processes: () => haproxyProcesses(root, (place) => place === mountNamespace('self')),
  };
}

/**
 * One that sees files of its own, below `directory`, at the very paths of the first, as a machine does: in a mount
 * namespace.
 */
export function secondMachine(root: string, env: Environment, directory: string): SecondMachine {
  const [own, one] = [join(directory, 'two'), join(directory, 'one-as-two-sees-it')];
  const places = ['etc', 'usr', 'var', 'run'];
  for (const place of places) mkdirSync(join(own, place), { recursive: true });
  mkdirSync(one, { recursive: true });
  const mounts = places.map((place) => `mkdir -p ${root}/${place}; mount --bind ${own}/${place} ${root}/${place}`);
  const script = [`mount --bind ${root} ${one}`, ...mounts, 'exec sh -e -c "$1"'].join('\n');
  const unshare = ['unshare', ...(isRoot ? [] : ['--map-root-user']), '--mount', 'sh', '-e', '-c', script, 'sh'];
  return {
    root,
    own,
    one,
    shell: async (command, more = {}) => await inShell(root, [...unshare, command], { ...env, ...more }),
    processes: () => haproxyProcesses(root, (place) => place !== mountNamespace('self')),
  };
}

async function inShell(root: string, [program = '', ...args]: readonly string[], env: Environment): Promise<RunResult> {
  return await run(program, args, { cwd: join(root, 'clone'), env, timeout: 2 * minute });
}

function mountNamespace(pid: number | 'self'): string {
  return readlinkSync(`/proc/${pid}/ns/mnt`);
}

function haproxyProcesses(root: string, isPlace: (namespace: string) => boolean): readonly number[] {
  const isOurs = (pid: number): boolean => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const isDaemon = args.includes('-D') && args.some((arg) => arg.startsWith(join(root, 'etc/haproxy/')));
      return isDaemon && alive(pid) && isPlace(mountNamespace(pid));
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isOurs(pid));
}

/** Ends the machine's HAProxy, as a stop of the service does. */
export async function endHaproxy({ processes }: Machine): Promise<void> {
  await until('HAProxy is gone', () => {
    for (const pid of processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    return processes().length === 0;
  });
}
