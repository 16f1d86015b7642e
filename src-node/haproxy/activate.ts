import { siftLoadable } from './certificate-check.js';
import type { DeployStep, ReloadReport } from './deployer.js';
import { canReload, type DeployerSettings } from './deployer-settings.js';
import { noSocket, openRuntimes, type FoundHaproxy } from './found-haproxy.js';
import { asError, fail, restoreAll, type Failed, type Placed } from './place-bundles.js';
import { activateByReload, reloadAgain } from './reload-activation.js';
import type { Runtime } from './runtime-api.js';
import { updateAtRuntime } from './runtime-activation.js';

/** What HAProxy has taken of the files that are in place. */
export interface Activated {
  readonly active: readonly Placed[];
  /** HAProxy was told nothing of these, as the user wants it or for want of a way. */
  readonly untold: readonly Placed[];
  /** These failed, and their files are as they were, but for those of `stays`. */
  readonly failed: readonly Failed[];
  /** Failed, and yet in place for HAProxy's next start. */
  readonly stays: readonly Placed[];
  readonly sockets: readonly string[];
  /** The last reload. */
  readonly reload: () => ReloadReport | undefined;
  readonly notes: readonly string[];
  /** Has HAProxy go back to the restored files of these; what went wrong. */
  readonly revert: (placed: readonly Placed[]) => Promise<Error | undefined>;
}

export interface Activation {
  readonly found: FoundHaproxy;
  readonly settings: DeployerSettings;
  readonly onStep: (step: DeployStep) => void;
}

/** By the gentlest way that the mode allows and HAProxy has: at runtime, else, or for what was refused, by one reload. */
export async function activate(placed: readonly Placed[], activation: Activation): Promise<Activated> {
  try {
    return await takeWay(placed, activation);
  } catch (error) {
    return await allFailed(placed, asError(error));
  }
}

async function takeWay(placed: readonly Placed[], activation: Activation): Promise<Activated> {
  const { found, settings } = activation;
  const { mode } = settings;
  if (placed.length === 0 || mode === 'none') return { ...nothing, untold: placed };
  if (mode === 'reload') return await byReload(placed, activation, []);
  const runtimes = await openRuntimes(found, settings);
  if ('open' in runtimes) return await atRuntime(placed, runtimes.open, activation);
  const { refusal } = runtimes;
  if (mode === 'runtime') return await allFailed(placed, refusal ?? noSocket());
  const why = (refusal ?? noSocket()).message;
  if (!canFallBack(settings)) {
    if (refusal !== undefined && settings.sockets.length > 0) return await allFailed(placed, refusal);
    return { ...nothing, untold: placed, notes: refusal === undefined ? [] : [why] };
  }
  return await byReload(placed, activation, [`${why} So HAProxy was reloaded.`]);
}

/** Of several HAProxys all take a certificate or none does, and a reload is for one. */
function canFallBack(settings: DeployerSettings): boolean {
  return canReload(settings) && settings.sockets.length < 2;
}

const nothing: Activated = {
  active: [],
  untold: [],
  failed: [],
  stays: [],
  sockets: [],
  reload: () => undefined,
  notes: [],
  revert: async () => await Promise.resolve(undefined),
};

async function allFailed(placed: readonly Placed[], error: Error): Promise<Activated> {
  const failure = await restoreAll(placed);
  return { ...nothing, failed: fail(placed, failure ?? error) };
}

async function atRuntime(
  placed: readonly Placed[],
  runtimes: readonly Runtime[],
  activation: Activation,
): Promise<Activated> {
  const { found, settings, onStep } = activation;
  onStep('checking');
  const loadable = await siftLoadable(placed, found, settings);
  onStep('updating');
  const { took, refused, revert, ...judged } = await updateAtRuntime(loadable.placed, runtimes, found, settings);
  const rejected = [...loadable.failed, ...judged.rejected];
  const bad = placed.filter(({ deployment }) => rejected.some((entry) => entry.deployment === deployment));
  const unrestored = await restoreAll(bad);
  const failed = unrestored === undefined ? rejected : fail(bad, unrestored);
  const sockets = took.length === 0 ? [] : runtimes.map(({ address }) => address);
  const taken = {
    ...nothing,
    active: took,
    failed,
    sockets,
    revert: async (some: readonly Placed[]) => await outcomeOf(revert(some)),
  };
  const [first] = refused;
  if (first === undefined) return taken;
  const left = refused.map((entry) => entry.placed);
  if (!canFallBack(settings)) {
    const failure = await restoreAll(left);
    const errors = refused.map(({ placed: { deployment }, error }) => ({ deployment, error: failure ?? error }));
    return { ...taken, failed: [...failed, ...errors] };
  }
  const reloaded = await byReload(left, activation, [`${first.error.message} So HAProxy was reloaded.`]);
  // A new process has read all files: what it goes back to it reads anew.
  const revertAll = reloaded.reload() === undefined ? taken.revert : reloaded.revert;
  return {
    ...reloaded,
    active: [...took, ...reloaded.active],
    failed: [...failed, ...reloaded.failed],
    sockets,
    revert: revertAll,
  };
}

async function byReload(
  placed: readonly Placed[],
  { found, settings, onStep }: Activation,
  notes: readonly string[],
): Promise<Activated> {
  const done = await activateByReload(placed, found, settings, onStep);
  let { reload } = done;
  return {
    ...nothing,
    active: done.placed,
    failed: done.failed,
    stays: done.stays,
    notes: reload === undefined ? [] : notes,
    reload: () => reload,
    revert: async () =>
      await outcomeOf(
        reloadAgain(found, settings).then((again) => {
          reload = again;
        }),
      ),
  };
}

async function outcomeOf(work: Promise<void>): Promise<Error | undefined> {
  return await work.then(() => undefined, asError);
}
