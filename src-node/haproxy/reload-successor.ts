import { runCommand } from '../platform/run-command.js';
import { systemReason } from '../platform/coded-error.js';
import { alertLines, configArgs } from './config-check.js';
import { DeployError } from './deploy-error.js';
import { readPidfile, readProcess, type HaproxyProcess } from './process.js';
import { eventually, patience, type Reloaded, type ReloadTarget } from './reload-target.js';
import { isAmong, serves } from './serving.js';

/** Milliseconds for the start of the new process. */
const startTimeout = 120_000;

/**
 * Starts a new process that tells the old ones to finish (`-sf`; management manual, section 4).
 * @throws DeployError `haproxy-reload-failed`, with the old process untouched, or `haproxy-not-serving`.
 */
export async function reloadBySuccessor(old: readonly HaproxyProcess[], target: ReloadTarget): Promise<Reloaded> {
  await startSuccessor(old, target, target.sockets[0]);
  const started = await eventually(target, async () => {
    const pids = await readPidfile(target.pidfile).catch(() => []);
    const processes = await Promise.all(pids.map(readProcess));
    const running = processes.filter((process) => process !== undefined).filter((process) => !isAmong(process, old));
    return running.length > 0 && (await serves(running)) ? running : undefined;
  });
  if (started !== undefined) return { way: 'successor', started, told: old, hints: [] };
  throw new DeployError(
    'haproxy-not-serving',
    `The new HAProxy process of ${target.pidfile} does not listen after ${Math.round(patience(target) / 1000)} s.`,
  );
}

async function startSuccessor(
  old: readonly HaproxyProcess[],
  target: ReloadTarget,
  from: string | undefined,
): Promise<void> {
  const socket = from === undefined ? [] : ['-x', from];
  const pids = old.map((process) => String(process.pid));
  const args = ['-D', ...configArgs(target.cfg), '-p', target.pidfile, ...socket, '-sf', ...pids];
  const result = await runCommand(target.bin, args, { ...target.context, timeout: startTimeout }).catch(
    (error: unknown) => {
      throw new DeployError('haproxy-not-found', `Cannot run HAProxy as ${target.bin}: ${systemReason(error)}.`, {
        cause: error,
      });
    },
  );
  if (result.code === 0) return;
  // It has bound nothing yet, and can do so beside the old process.
  if (from !== undefined && result.output.includes('Failed to get the sockets from the old process')) {
    await startSuccessor(old, target, undefined);
    return;
  }
  const ended = result.timedOut
    ? `it did not start within ${startTimeout / 1000} s`
    : `it was ended by ${result.signal ?? 'a signal'}`;
  const details = result.code === null ? [ended] : alertLines(result.output);
  throw new DeployError(
    'haproxy-reload-failed',
    'The new HAProxy process did not start; the old one goes on serving.',
    { details },
  );
}
