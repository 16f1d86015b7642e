import { access } from 'node:fs/promises';
import { runCommand } from '../platform/run-command.js';
import { systemReason } from '../platform/coded-error.js';
import { alertLines, configArgs } from './config-check.js';
import { DeployError } from './deploy-error.js';
import { failedReload } from './failed-reload.js';
import { keepingSockets } from './kept-sockets.js';
import { readPidfile, readProcess, type HaproxyProcess } from './process.js';
import { eventually, patience, type Reloaded, type ReloadTarget } from './reload-target.js';
import { isAmong, serves, tcp } from './serving.js';

/** Milliseconds for the start of the new process. */
const startTimeout = 120_000;

/**
 * Starts a new process that tells the old ones to finish (`-sf`; management manual, section 4).
 * @throws DeployError `haproxy-reload-failed`, with the old process untouched, or `haproxy-not-serving`.
 */
export async function reloadBySuccessor(old: readonly HaproxyProcess[], target: ReloadTarget): Promise<Reloaded> {
  const hints = await keepingSockets(old, target.context.cwd, async () => await startSuccessor(old, target));
  const started = await eventually(target, async () => {
    const pids = await readPidfile(target.pidfile).catch(() => []);
    const processes = await Promise.all(pids.map(readProcess));
    const running = processes.filter((process) => process !== undefined).filter((process) => !isAmong(process, old));
    return running.length > 0 && (await serves(running)) ? running : undefined;
  });
  if (started !== undefined) return { way: 'successor', started, told: old, hints };
  throw new DeployError(
    'haproxy-not-serving',
    `The new HAProxy process of ${target.pidfile} does not listen after ${Math.round(patience(target) / 1000)} s.`,
  );
}

/**
 * Takes the listeners over by the first stats socket that gives them out, so that no connection is lost. Without one
 * the new process binds beside the old one. Returns hints.
 */
async function startSuccessor(old: readonly HaproxyProcess[], target: ReloadTarget): Promise<readonly string[]> {
  const paths = target.sockets.map((socket) => socket.replace(/^unix@/, '')).filter((path) => path.startsWith('/'));
  for (const path of paths) {
    // Where HAProxy finds no socket it has read its configuration for nothing.
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists && (await start(old, target, path))) return [];
  }
  await start(old, target, undefined);
  if (paths.length === 0) return [];
  return [
    `A connection may have been lost, as ${paths.join(', ')} did not hand the listeners over: 'expose-fd listeners' in haproxy.cfg lets a stats socket do so.`,
  ];
}

/**
 * Returns false where the old process did not hand its listeners over, which HAProxy finds before it binds anything.
 * @throws DeployError `haproxy-reload-failed`, with the old process untouched.
 */
async function start(
  old: readonly HaproxyProcess[],
  target: ReloadTarget,
  socket: string | undefined,
): Promise<boolean> {
  const { bin, cfg, context, pidfile } = target;
  const handOver = socket === undefined ? [] : ['-x', socket];
  const pids = old.map((process) => String(process.pid));
  const args = ['-D', ...context.options, ...configArgs(cfg), '-p', pidfile, ...handOver, '-sf', ...pids];
  const kinds = (await serves(old, tcp)) ? tcp : undefined;
  const result = await runCommand(bin, args, { ...context, timeout: startTimeout }).catch((error: unknown) => {
    throw new DeployError('haproxy-not-found', `Cannot run HAProxy as ${bin}: ${systemReason(error)}.`, {
      cause: error,
    });
  });
  if (result.code === 0) return true;
  if (socket !== undefined && result.output.includes('Failed to get the sockets from the old process')) return false;
  const ended = result.timedOut
    ? `it did not start within ${startTimeout / 1000} s`
    : `it was ended by ${result.signal ?? 'a signal'}`;
  const details = result.code === null ? [ended] : alertLines(result.output);
  throw await failedReload('The new HAProxy process did not start', details, { before: old, kinds }, target.clock);
}
