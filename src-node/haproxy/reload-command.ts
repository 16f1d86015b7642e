import type { Clock } from '../platform/clock.js';
import { runCommand } from '../platform/run-command.js';
import { systemReason } from '../platform/coded-error.js';
import { DeployError } from './deploy-error.js';
import { failedReload } from './failed-reload.js';
import { familyOf } from './family.js';
import { keepingSockets } from './kept-sockets.js';
import { childrenOf, isHaproxy, readProcess, type HaproxyProcess } from './process.js';
import { findMaster, foreseeMaster } from './reload-master.js';
import type { Reloaded, ReloadTarget } from './reload-target.js';
import { awaitSuccession, foresee, type Succession } from './succession.js';

/** Milliseconds; systemd waits a minute and a half for a unit to reload unless told otherwise. */
const systemctlTimeout = 120_000;

/**
 * Runs the user's command. What it did is seen by HAProxy's processes; where there are none to be seen from here, as with
 * a HAProxy in a container, its exit code is all that tells.
 * @throws DeployError `haproxy-reload-failed`, with the old process serving, or `haproxy-not-serving`.
 */
export async function reloadByCommand(
  command: string,
  old: readonly HaproxyProcess[],
  target: ReloadTarget,
): Promise<Reloaded> {
  const foreseen = await foreseeAny(old, target);
  return await keepingSockets(foreseen?.before ?? [], target.context.cwd, async () => {
    const { code, signal, stdout, stderr } = await target.runShell(command);
    if (code === 0) return await seen('command', foreseen, target);
    throw await failed(foreseen, `The reload command ${ending(code, signal)}`, `${stdout}\n${stderr}`, target.clock);
  });
}

/**
 * `systemctl reload`, whose exit code says that a signal was sent.
 * @throws DeployError `haproxy-not-running`, `haproxy-reload-failed` with the old process serving, or `haproxy-not-serving`.
 */
export async function reloadBySystemd(
  unit: string,
  old: readonly HaproxyProcess[],
  target: ReloadTarget,
): Promise<Reloaded> {
  const main = await mainProcesses(await mainPid(unit), target.bin);
  const foreseen = await foreseeAny(main.length > 0 ? main : old, target);
  return await keepingSockets(foreseen?.before ?? [], target.context.cwd, async () => {
    const { code, signal, output } = await systemctl(['reload', '--', unit]);
    if (code === 0) return await seen('systemd', foreseen, target);
    throw await failed(foreseen, `systemctl reload ${unit} ${ending(code, signal)}`, output, target.clock);
  });
}

async function mainPid(unit: string): Promise<number> {
  const { code, output } = await systemctl(['show', '--property=MainPID', '--value', '--', unit]);
  const pid = Number(output.trim());
  if (code === 0 && pid > 0) return pid;
  if (code === 0 && pid === 0) {
    throw new DeployError('haproxy-not-running', `The unit ${unit} of systemd does not run.`);
  }
  const details = lastLines(output);
  throw new DeployError('haproxy-reload-failed', `systemctl cannot tell of the unit ${unit}.`, { details });
}

/** The unit's HAProxy; it may be the child of a program that starts it. None where it runs in a container, say. */
async function mainProcesses(pid: number, bin: string): Promise<readonly HaproxyProcess[]> {
  const main = await readProcess(pid);
  if (main !== undefined && isHaproxy(main, bin)) return [main];
  return (await childrenOf(pid)).filter((child) => isHaproxy(child, bin));
}

async function systemctl(args: readonly string[]): ReturnType<typeof runCommand> {
  return await runCommand('systemctl', args, { timeout: systemctlTimeout }).catch((error: unknown) => {
    throw new DeployError('haproxy-reload-failed', `Cannot run systemctl: ${systemReason(error)}.`, { cause: error });
  });
}

/** Undefined where no process can be seen. */
async function foreseeAny(processes: readonly HaproxyProcess[], target: ReloadTarget): Promise<Succession | undefined> {
  if (processes.length === 0) return undefined;
  const master = await findMaster(processes, target.cfg);
  if (master !== undefined) {
    return (await foreseeMaster(master, target, true)).succession;
  }
  const reigning = { before: processes, family: await familyOf(processes), master: undefined, cli: undefined };
  return await foresee(reigning);
}

async function seen(way: Reloaded['way'], foreseen: Succession | undefined, target: ReloadTarget): Promise<Reloaded> {
  if (foreseen === undefined) return { way, started: [], told: [], hints: [] };
  return { way, started: await awaitSuccession(foreseen, target), told: foreseen.before, hints: [] };
}

async function failed(
  foreseen: Succession | undefined,
  what: string,
  output: string,
  clock: Clock,
): Promise<DeployError> {
  const details = lastLines(output);
  if (foreseen === undefined) return new DeployError('haproxy-reload-failed', `${what}.`, { details });
  // It may have failed when HAProxy had reloaded already.
  const before = [...foreseen.before, ...(await foreseen.newcomers())];
  return await failedReload(what, details, { ...foreseen, before }, clock);
}

function ending(code: number | null, signal: string | null): string {
  return code === null ? `was ended by ${signal ?? 'a signal'}` : `exited ${code}`;
}

function lastLines(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-5).map((line) => line.slice(0, 400));
}
