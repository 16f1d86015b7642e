import { readdirSync, readFileSync } from 'node:fs';
import { run } from '../support/child.js';

/**
 * Nanoseconds that all threads of a running process have been on a CPU: the first field of each thread's
 * /proc/PID/task/TID/schedstat. /proc/PID/stat counts in steps of 10 ms, which is too coarse for a slice of a second.
 */
export function cpuOfProcess(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, tid) => {
    const used = Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]);
    return sum + used;
  }, 0);
}

/** Milliseconds that a command takes from start to end, by bash's `time`. */
export interface CommandTime {
  readonly elapsed: number;
  /** User and system. */
  readonly cpu: number;
}

/** Throws where the command does not exit 0, and where it has not ended after `timeout` milliseconds. */
export async function timeOfCommand(command: readonly string[], timeout = 60_000): Promise<CommandTime> {
  const script = 'TIMEFORMAT="time %3R %3U %3S"; time "$@"';
  const { code, stdout, stderr } = await run('bash', ['-c', script, 'bash', ...command], {
    env: { LC_ALL: 'C' },
    timeout,
  });
  const [elapsed = Number.NaN, user = Number.NaN, system = Number.NaN] =
    /time (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)/.exec(stderr)?.slice(1).map(Number) ?? [];
  if (code !== 0) throw new Error(`${command.join(' ')} exited ${String(code)}: ${stderr}${stdout}`);
  return { elapsed: elapsed * 1000, cpu: (user + system) * 1000 };
}

/** Bytes of memory that a process had at most (proc(5), VmHWM). */
export function peakMemory(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}
