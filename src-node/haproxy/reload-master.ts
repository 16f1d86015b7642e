import { readFile } from 'node:fs/promises';
import { systemReason } from '../platform/coded-error.js';
import { readCommandLine } from './command-line.js';
import { alertLines } from './config-check.js';
import { DeployError } from './deploy-error.js';
import { familyOf } from './family.js';
import { keepingSockets } from './kept-sockets.js';
import { masterAddress, openMasterCli, type MasterCli } from './master-cli.js';
import { takesSignal, type HaproxyProcess } from './process.js';
import { eventually, patience, type Reloaded, type ReloadTarget } from './reload-target.js';
import { listeningOf, workersOf } from './serving.js';
import { awaitSuccession, foresee, masterFailed, type Succession } from './succession.js';

/**
 * By its options; or by `master-worker` in the configuration and workers of its own. A child alone does not make a
 * master, since one that is forked for an external check looks the same for a moment, and SIGUSR2 ends what is no master.
 */
export async function findMaster(
  processes: readonly HaproxyProcess[],
  cfg: readonly string[],
): Promise<HaproxyProcess | undefined> {
  const byOption = processes.find((process) => process.isMaster);
  const files = processes.flatMap(({ args }) => readCommandLine(args).files);
  if (byOption !== undefined || !(await namesMasterWorker([...cfg, ...files]))) return byOption;
  for (const process of processes) {
    if ((await workersOf(process)).length > 0) return process;
  }
  return undefined;
}

async function namesMasterWorker(cfg: readonly string[]): Promise<boolean> {
  const texts = await Promise.all(cfg.map(async (file) => await readFile(file, 'utf8').catch(() => '')));
  return texts.some((text) => /^[ \t]*master-worker\b/m.test(text));
}

/** A master's reload before it is begun. */
export interface MasterReload {
  readonly succession: Succession;
  readonly cli: MasterCli | undefined;
  /** Why the master CLI that there should be cannot be used. */
  readonly refusal: string | undefined;
}

/** @param mayGo whether another master may take its place. */
export async function foreseeMaster(
  master: HaproxyProcess,
  target: ReloadTarget,
  mayGo: boolean,
): Promise<MasterReload> {
  await untilSettled(master, target);
  const before = await listeningOf(await workersOf(master));
  const { cli, refusal } = await findCli(master, target);
  const reigning = { before, family: await familyOf([master]), master: mayGo ? undefined : master, cli };
  return { cli, refusal, succession: await foresee(reigning) };
}

/**
 * A master that has just started a worker executes itself anew, and a worker that was just started is not ready either:
 * what they are told then they may never hear.
 */
async function untilSettled(master: HaproxyProcess, target: ReloadTarget): Promise<void> {
  await eventually(target, async () => {
    const workers = (await workersOf(master)).map(async ({ pid }) => await takesSignal(pid, 'SIGUSR1'));
    const ready = await Promise.all([takesSignal(master.pid, 'SIGUSR2'), ...workers]);
    return ready.every(Boolean) ? true : undefined;
  });
}

async function findCli(master: HaproxyProcess, target: ReloadTarget): Promise<Pick<MasterReload, 'cli' | 'refusal'>> {
  const address = masterAddress(master, target.masterSocket, target.context.cwd);
  if (address === undefined) return { cli: undefined, refusal: undefined };
  try {
    // It may be at a reload that somebody else has begun.
    const options = { clock: target.clock, patience: Math.max(1_000, 2 * target.loadTime) };
    return { cli: await openMasterCli(master, address, options), refusal: undefined };
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return { cli: undefined, refusal: error.message };
  }
}

/**
 * Has a master start a new worker, by its CLI where it has one, else by SIGUSR2 (management manual, sections 9.4, 4).
 * @throws DeployError `haproxy-reload-failed`, with the old worker serving, or `haproxy-not-serving`.
 */
export async function reloadMaster(master: HaproxyProcess, target: ReloadTarget): Promise<Reloaded> {
  const foreseen = await foreseeMaster(master, target, false);
  return await keepingSockets(
    foreseen.succession.before,
    target.context.cwd,
    async () => await tell(master, foreseen, target),
  );
}

async function tell(
  master: HaproxyProcess,
  { cli, refusal, succession }: MasterReload,
  target: ReloadTarget,
): Promise<Reloaded> {
  if (cli === undefined) return await reloadBySignal(master, { succession, refusal }, target);
  const answer = await cli.reload(patience(target));
  if (answer?.startsWith('Success=0') === true) {
    throw await masterFailed(alertLines(answer), succession, target.clock);
  }
  const isCertain = answer?.startsWith('Success=1') === true;
  // Up to 2.6 there is no answer, and none comes either where the connection breaks.
  if (isCertain || answer === undefined || answer.trim() === '') {
    const started = await awaitSuccession(succession, target, isCertain);
    return { way: 'master-cli', started, told: succession.before, hints: [] };
  }
  const denial = `The master CLI ${cli.address} does not take 'reload': ${answer.trim().split('\n')[0] ?? ''}.`;
  return await reloadBySignal(master, { succession, refusal: denial }, target);
}

async function reloadBySignal(
  master: HaproxyProcess,
  { succession, refusal }: Pick<MasterReload, 'succession' | 'refusal'>,
  target: ReloadTarget,
): Promise<Reloaded> {
  try {
    target.kill(master.pid, 'SIGUSR2');
  } catch (error) {
    const reason = systemReason(error);
    throw new DeployError('haproxy-reload-failed', `Cannot signal the HAProxy master ${master.pid}: ${reason}.`, {
      cause: error,
    });
  }
  const started = await awaitSuccession(succession, target);
  const hints = refusal === undefined ? [] : [`${refusal} SIGUSR2 was sent in its place.`];
  return { way: 'master-signal', started, told: succession.before, hints };
}
