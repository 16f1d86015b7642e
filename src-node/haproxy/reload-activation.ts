import { checkConfig, findHaproxy, isExecutable, type ConfigCheck } from './config-check.js';
import { DeployError } from './deploy-error.js';
import type { DeployStep, ReloadReport } from './deployer.js';
import type { DeployerSettings } from './deployer-settings.js';
import { findRunning, type FoundHaproxy, type Running } from './found-haproxy.js';
import { asError, fail, place, restoreAll, type Failed, type Placed, type Sorted } from './place-bundles.js';
import { reloadHaproxy } from './reload.js';

export interface ReloadActivation extends Sorted {
  readonly reload: ReloadReport | undefined;
  /** Failed, and yet in place for HAProxy's next start. */
  readonly stays: readonly Placed[];
}

type OnStep = (step: DeployStep) => void;

/**
 * Has HAProxy check its configuration with the new files, and reloads it once for all that it accepts. What fails has its
 * files back.
 */
export async function activateByReload(
  placed: readonly Placed[],
  found: FoundHaproxy,
  settings: DeployerSettings,
  onStep: OnStep,
): Promise<ReloadActivation> {
  let accepted: Sorted = { placed, failed: [] };
  // What was put in place again has a way back of its own.
  const tried = [...placed];
  try {
    const bin = await chooseBin(settings, found.running);
    onStep('checking');
    let loadTime = 0;
    const check = async (): Promise<ConfigCheck> => {
      if (settings.cfg.length === 0) return { valid: true };
      const start = settings.clock.now();
      const answer = await checkConfig(bin, settings.cfg, found.running.context);
      loadTime = settings.clock.now() - start;
      return answer;
    };
    accepted = await keepAccepted(placed, check, async (some) => await tryAgain(some, { found, check, tried }));
    if (accepted.placed.length === 0) return { ...accepted, reload: undefined, stays: [] };
    const reload = await reloadOnce({ found, settings, bin, loadTime }, onStep);
    return { ...accepted, reload, stays: [] };
  } catch (error) {
    // Not running is not a reason to take the bundles back: the next start is to serve them. Nor is a new process that
    // does not serve while the old one is gone.
    const stays = error instanceof DeployError && forNextStart.has(error.code) ? accepted.placed : [];
    const reason = (stays.length > 0 ? undefined : await restoreAll(tried)) ?? asError(error);
    const failed = [...accepted.failed, ...fail(accepted.placed, reason)];
    return { placed: [], failed, reload: undefined, stays };
  }
}

const forNextStart: ReadonlySet<string> = new Set([
  ...['haproxy-not-serving', 'haproxy-not-running', 'haproxy-not-ours', 'haproxy-pidfile'],
]);

/** Reloads HAProxy as it is, to serve the files that are there. @throws DeployError */
export async function reloadAgain(found: FoundHaproxy, settings: DeployerSettings): Promise<ReloadReport> {
  const bin = await chooseBin(settings, found.running);
  return await reloadOnce({ found, settings, bin, loadTime: 0 }, () => undefined);
}

/** The program named, else the one that runs, which may be another than the first in PATH. */
export async function chooseBin(settings: DeployerSettings, running: Running): Promise<string> {
  if (settings.cfg.length === 0) return '';
  const executable = 'processes' in running ? running.processes[0]?.executable : undefined;
  const usable = executable !== undefined && (await isExecutable(executable));
  return await findHaproxy(settings.bin ?? (usable ? executable : undefined), settings.searchPath);
}

interface Reloading {
  readonly found: FoundHaproxy;
  readonly settings: DeployerSettings;
  readonly bin: string;
  readonly loadTime: number;
}

async function reloadOnce({ found, settings, bin, loadTime }: Reloading, onStep: OnStep): Promise<ReloadReport> {
  const { config } = found;
  // The check takes its time: somebody else may have reloaded HAProxy meanwhile.
  const now = await findRunning(settings);
  const byOthers = settings.reloadCommand !== undefined || settings.unit !== undefined;
  if ('error' in now && !byOthers) throw now.error;
  onStep('reloading');
  const exposing = config.statsSockets.filter(({ exposesListeners }) => exposesListeners);
  const sockets = [...new Set([...settings.sockets, ...exposing.map(({ address }) => address)])];
  const target = {
    ...{ ...settings, bin, loadTime, sockets, context: now.context },
    ...{ command: settings.reloadCommand, masterSocket: undefined, hardStopAfter: config.hardStopAfter },
  };
  return await reloadHaproxy('processes' in now ? now.processes : [], target, () => onStep('draining'));
}

/**
 * Leaves in place what HAProxy accepts. Where it rejects its configuration, all files go back; if it was valid without
 * them, halves are tried by themselves, so that one bad certificate does not hold up the others.
 */
async function keepAccepted(
  placed: readonly Placed[],
  check: () => Promise<ConfigCheck>,
  attempt: (some: readonly Placed[]) => Promise<Tried>,
): Promise<Sorted> {
  const first = await check();
  if (first.valid) return { placed, failed: [] };
  await restoreOrThrow(placed);
  if (!(await check()).valid) {
    const code = first.lacksLua ? 'haproxy-without-lua' : 'haproxy-config-broken-before';
    const message = first.lacksLua
      ? 'HAProxy rejects its configuration because it was built without Lua; the bundles are as they were.'
      : 'HAProxy rejects its configuration with the new certificate and without it; the bundles are as they were.';
    return { placed: [], failed: fail(placed, new DeployError(code, message, { details: first.alerts })) };
  }
  return await sift(placed, first.alerts, attempt);
}

interface Tried {
  readonly placed: readonly Placed[];
  readonly answer: ConfigCheck;
}

interface Trying {
  readonly found: FoundHaproxy;
  readonly check: () => Promise<ConfigCheck>;
  /** Gets what is put in place. */
  readonly tried: Placed[];
}

async function tryAgain(some: readonly Placed[], { found, check, tried }: Trying): Promise<Tried> {
  const placed: Placed[] = [];
  for (const { deployment } of some) {
    const again = await place(deployment, found);
    placed.push(again);
    tried.push(again);
  }
  const answer = await check();
  if (!answer.valid) await restoreOrThrow(placed);
  return { placed, answer };
}

/** Takes apart what HAProxy rejects together; its files are back. */
async function sift(
  rejected: readonly Placed[],
  alerts: readonly string[],
  attempt: (some: readonly Placed[]) => Promise<Tried>,
): Promise<Sorted> {
  if (rejected.length === 1) return { placed: [], failed: fail(rejected, rejection(alerts)) };
  const half = Math.ceil(rejected.length / 2);
  const [placed, failed]: [Placed[], Failed[]] = [[], []];
  for (const some of [rejected.slice(0, half), rejected.slice(half)]) {
    const tried = await attempt(some);
    const sifted = tried.answer.valid
      ? { placed: tried.placed, failed: [] }
      : await sift(some, tried.answer.alerts, attempt);
    placed.push(...sifted.placed);
    failed.push(...sifted.failed);
  }
  return { placed, failed };
}

async function restoreOrThrow(placed: readonly Placed[]): Promise<void> {
  const failure = await restoreAll(placed);
  if (failure !== undefined) throw failure;
}

function rejection(details: readonly string[]): DeployError {
  return new DeployError(
    'haproxy-config-rejected',
    'HAProxy rejects its configuration with the new certificate; the bundle is as it was and HAProxy was not touched.',
    { details },
  );
}
