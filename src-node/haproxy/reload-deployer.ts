import { access, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../platform/clock.js';
import { systemReason } from '../platform/coded-error.js';
import { buildBundle } from './bundle.js';
import { checkBundleDirectory, placeBundle, type PlacedBundle } from './bundle-directory.js';
import { checkConfig, findHaproxy, isExecutable, type ConfigCheck } from './config-check.js';
import { DeployError } from './deploy-error.js';
import type { Deployer, Deployment, DeployReport, DeployResult, DeployStep, ReloadReport } from './deployer.js';
import { runningHaproxy, startContext, type HaproxyProcess, type StartContext } from './process.js';
import { reloadHaproxy } from './reload.js';
import type { ReloadTarget } from './reload-target.js';

export interface ReloadDeployerSettings {
  /** Empty: bundles are written and nothing is reloaded. */
  readonly cfg: readonly string[];
  readonly pidfile: string;
  readonly bin: string | undefined;
  readonly socket: string | undefined;
  /** The directories to look for HAProxy in, as in PATH. */
  readonly searchPath: string;
  readonly kill: ReloadTarget['kill'];
  readonly runShell: ReloadTarget['runShell'];
  readonly clock: Clock;
}

interface Placed {
  readonly deployment: Deployment;
  readonly bundle: PlacedBundle;
}

interface Failed {
  readonly deployment: Deployment;
  readonly error: Error;
}

interface Sorted {
  readonly placed: readonly Placed[];
  readonly failed: readonly Failed[];
}

type OnStep = (step: DeployStep) => void;

/** Writes bundles, has HAProxy check its configuration, and reloads it softly, once for all of them. */
export function reloadDeployer(settings: ReloadDeployerSettings): Deployer {
  return {
    check: async ({ bundle }) => {
      await checkBundleDirectory(dirname(bundle));
      if (settings.cfg.length === 0) return;
      await chooseBin(settings, await findRunning(settings));
      await checkConfigFiles(settings.cfg);
    },
    deploy: async (deployments, onStep) => {
      onStep('writing');
      const sorted = await placeAll(deployments);
      if (settings.cfg.length === 0 || sorted.placed.length === 0) return report(sorted, 'bundle-only');
      return await activate(sorted, settings, onStep);
    },
  };
}

async function placeAll(deployments: readonly Deployment[]): Promise<Sorted> {
  const placed: Placed[] = [];
  const failed: Failed[] = [];
  for (const deployment of deployments) {
    try {
      placed.push(await place(deployment));
    } catch (error) {
      failed.push({ deployment, error: asError(error) });
    }
  }
  return { placed, failed };
}

async function place(deployment: Deployment): Promise<Placed> {
  const { certName, fullchain, privateKey } = deployment;
  const bundle = buildBundle(fullchain, privateKey, certName);
  return { deployment, bundle: await placeBundle(deployment.bundle, bundle) };
}

async function activate(sorted: Sorted, settings: ReloadDeployerSettings, onStep: OnStep): Promise<DeployReport> {
  let accepted = sorted;
  try {
    const running = await findRunning(settings);
    const bin = await chooseBin(settings, running);
    await checkConfigFiles(settings.cfg);
    onStep('checking');
    let loadTime = 0;
    const check = async (): Promise<ConfigCheck> => {
      const start = settings.clock.now();
      const answer = await checkConfig(bin, settings.cfg, running.context);
      loadTime = settings.clock.now() - start;
      return answer;
    };
    accepted = await keepAccepted(sorted, check);
    if (accepted.placed.length === 0) return report(accepted, 'deployed');
    // The check takes its time: somebody else may have reloaded HAProxy meanwhile.
    const now = await findRunning(settings);
    // Not running is not a reason to take the bundles back: the next start is to serve them.
    if ('error' in now) return report(fail(accepted, now.error), 'deployed');
    onStep('reloading');
    const target = { ...settings, ...(await reloadSettings(settings)), bin, context: now.context, loadTime };
    const reload = await reloadHaproxy(now.processes, target, () => onStep('draining'));
    return report(accepted, 'deployed', reload);
  } catch (error) {
    // What HAProxy did not take must not be what it finds at its next start; unless the old process is gone already.
    const gone = error instanceof DeployError && error.code === 'haproxy-not-serving';
    const reason = gone ? error : ((await restoreAll(accepted.placed)) ?? asError(error));
    return report(fail(accepted, reason), 'deployed');
  }
}

async function reloadSettings({
  cfg,
  socket,
}: ReloadDeployerSettings): Promise<
  Pick<ReloadTarget, 'sockets' | 'masterSocket' | 'command' | 'unit' | 'hardStopAfter'>
> {
  const texts = await Promise.all(cfg.map(async (file) => await readFile(file, 'utf8')));
  return {
    sockets: socket === undefined ? [] : [socket],
    masterSocket: undefined,
    command: undefined,
    unit: undefined,
    hardStopAfter: texts.some((text) => /^[ \t]*hard-stop-after\b/m.test(text)),
  };
}

type Running =
  | { readonly processes: readonly HaproxyProcess[]; readonly context: StartContext }
  | { readonly error: DeployError; readonly context: StartContext };

async function findRunning({ pidfile, bin }: ReloadDeployerSettings): Promise<Running> {
  try {
    const processes = await runningHaproxy(pidfile, bin ?? 'haproxy');
    return { processes, context: await startContext(processes[0]?.pid ?? 0) };
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return { error, context: { cwd: undefined, env: undefined } };
  }
}

/** The program named, else the one that runs, which may be another than the first in PATH. */
async function chooseBin(settings: ReloadDeployerSettings, running: Running): Promise<string> {
  const executable = 'processes' in running ? running.processes[0]?.executable : undefined;
  const usable = executable !== undefined && (await isExecutable(executable));
  return await findHaproxy(settings.bin ?? (usable ? executable : undefined), settings.searchPath);
}

/**
 * Leaves in place what HAProxy accepts. Where it rejects its configuration, all bundles go back; if it was valid
 * without them, they are tried one by one, so that one bad certificate does not hold up the others.
 */
async function keepAccepted(sorted: Sorted, check: () => Promise<ConfigCheck>): Promise<Sorted> {
  const first = await check();
  if (first.valid) return sorted;
  const unrestored = await restoreAll(sorted.placed);
  if (unrestored !== undefined) throw unrestored;
  if (!(await check()).valid) {
    const code = first.lacksLua ? 'haproxy-without-lua' : 'haproxy-config-broken-before';
    const message = first.lacksLua
      ? 'HAProxy rejects its configuration because it was built without Lua; the bundles are as they were.'
      : 'HAProxy rejects its configuration with the new certificate and without it; the bundles are as they were.';
    return fail(sorted, new DeployError(code, message, { details: first.alerts }));
  }
  if (sorted.placed.length === 1) return fail(sorted, rejected(first.alerts));
  const placed: Placed[] = [];
  const failed: Failed[] = [...sorted.failed];
  for (const { deployment } of sorted.placed) {
    const again = await place(deployment);
    const answer = await check();
    if (answer.valid) {
      placed.push(again);
    } else {
      await again.bundle.restore();
      failed.push({ deployment, error: rejected(answer.alerts) });
    }
  }
  return { placed, failed };
}

function rejected(details: readonly string[]): DeployError {
  return new DeployError(
    'haproxy-config-rejected',
    'HAProxy rejects its configuration with the new certificate; the bundle is as it was and HAProxy was not touched.',
    { details },
  );
}

function fail(sorted: Sorted, error: Error): Sorted {
  return { placed: [], failed: [...sorted.failed, ...sorted.placed.map(({ deployment }) => ({ deployment, error }))] };
}

/** Puts every bundle back; returns the error of the first that could not be. */
async function restoreAll(placed: readonly Placed[]): Promise<Error | undefined> {
  const results = await Promise.allSettled(placed.map(async ({ bundle }) => await bundle.restore()));
  const failure = results.find((result) => result.status === 'rejected');
  return failure === undefined ? undefined : asError(failure.reason);
}

async function checkConfigFiles(cfg: readonly string[]): Promise<void> {
  for (const file of cfg) {
    await access(file).catch((error: unknown) => {
      throw new DeployError(
        'haproxy-config-missing',
        `Cannot read the HAProxy configuration ${file}: ${systemReason(error)}.`,
        { cause: error },
      );
    });
  }
}

function report(sorted: Sorted, kind: 'deployed' | 'bundle-only', reload?: ReloadReport): DeployReport {
  const done = sorted.placed.map(({ deployment, bundle }): DeployResult => ({
    certName: deployment.certName,
    kind,
    bundle: bundle.path,
  }));
  const failed = sorted.failed.map(({ deployment, error }): DeployResult => ({
    certName: deployment.certName,
    kind: 'failed',
    error,
  }));
  return { results: [...done, ...failed], reload };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
