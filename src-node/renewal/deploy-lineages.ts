import { readFile } from 'node:fs/promises';
import type { Deployment, DeployResult, ReloadReport } from '../haproxy/deployer.js';
import type { HaproxySettings, Lineage } from '../lineage/lineage.js';
import { LineageError } from '../lineage/lineage-error.js';
import { systemReason, type ErrorInfo } from '../platform/coded-error.js';
import type { Dependencies } from './dependencies.js';
import { pidfileOf } from './merge-settings.js';
import type { DeploymentOutcome } from './outcome.js';
import { errorInfo } from './renewal-error.js';

/** What deploying one lineage came to. */
export type LineageDeployment =
  | { readonly kind: 'done'; readonly deployment: DeploymentOutcome }
  | { readonly kind: 'failed'; readonly error: ErrorInfo };

export interface DeployedLineages {
  /** By certName. */
  readonly byName: ReadonlyMap<string, LineageDeployment>;
  readonly reloads: readonly ReloadReport[];
}

/** Gives stored lineages to HAProxy: those of one HAProxy together, by one reload at most. */
export async function deployLineages(
  lineages: readonly Lineage[],
  dependencies: Dependencies,
): Promise<DeployedLineages> {
  const byName = new Map<string, LineageDeployment>();
  const reloads: ReloadReport[] = [];
  for (const group of groupByHaproxy(lineages)) {
    const results = await deployGroup(group, dependencies);
    for (const [certName, result] of results.byName) byName.set(certName, result);
    reloads.push(...results.reloads);
  }
  return { byName, reloads };
}

interface Group {
  /** Undefined where HAProxy gets nothing of them. */
  readonly settings: HaproxySettings | undefined;
  readonly members: readonly Lineage[];
}

/** One HAProxy is one configuration and pidfile, into whichever directories its certificates go. */
function groupByHaproxy(lineages: readonly Lineage[]): readonly Group[] {
  const groups = new Map<string, Lineage[]>();
  for (const lineage of lineages) {
    const { haproxy } = lineage.settings;
    const key = haproxy.certDir === undefined ? '' : JSON.stringify([haproxy.cfg, pidfileOf(haproxy)]);
    groups.set(key, [...(groups.get(key) ?? []), lineage]);
  }
  return [...groups].map(([key, members]) => ({ settings: key === '' ? undefined : joinSettings(members), members }));
}

/** What one lineage leaves open another may say. */
function joinSettings(members: readonly Lineage[]): HaproxySettings | undefined {
  const all = members.map((lineage) => lineage.settings.haproxy);
  const first = all[0];
  if (first === undefined) return undefined;
  const bin = all.find((haproxy) => haproxy.bin !== undefined)?.bin;
  const socket = all.find((haproxy) => haproxy.socket !== undefined)?.socket;
  return { ...first, bin, socket };
}

async function deployGroup(
  { settings, members }: Group,
  { deployer: makeDeployer, install, store, signal, onProgress }: Dependencies,
): Promise<DeployedLineages> {
  const all = (result: LineageDeployment): DeployedLineages => ({
    byName: new Map(members.map((lineage) => [lineage.certName, result])),
    reloads: [],
  });
  if (settings === undefined || !install) return all({ kind: 'done', deployment: { kind: 'none' } });
  const deployer = makeDeployer(settings);
  if (signal.aborted) return all({ kind: 'failed', error: errorInfo(signal.reason) });
  const certNames = members.map((lineage) => lineage.certName);
  try {
    const { deployments, byName } = await readDeployments(members);
    if (deployments.length === 0) return { byName, reloads: [] };
    const { results, reload } = await deployer.deploy(deployments, (step) =>
      onProgress({ kind: 'deploy', certNames, step }),
    );
    for (const result of results) byName.set(result.certName, toDeployment(result));
    for (const lineage of members) {
      if (byName.get(lineage.certName)?.kind !== 'done') continue;
      await store.update(lineage, { kind: 'deployed' }).catch((error: unknown) => {
        byName.set(lineage.certName, { kind: 'failed', error: errorInfo(error) });
      });
    }
    return { byName, reloads: reload === undefined ? [] : [reload] };
  } catch (error) {
    return all({ kind: 'failed', error: errorInfo(error) });
  }
}

/** A lineage whose files cannot be read does not hold up the others. */
async function readDeployments(
  members: readonly Lineage[],
): Promise<{ deployments: readonly Deployment[]; byName: Map<string, LineageDeployment> }> {
  const deployments: Deployment[] = [];
  const byName = new Map<string, LineageDeployment>();
  for (const { certName, live, settings } of members) {
    const certDir = settings.haproxy.certDir ?? '';
    try {
      const [fullchain, privateKey] = [await readFile(live.fullchain, 'utf8'), await readFile(live.privkey, 'utf8')];
      deployments.push({ certName, certDir, fullchain, privateKey });
    } catch (error) {
      const reason = `The files ${live.fullchain} and ${live.privkey} cannot be read: ${systemReason(error)}.`;
      byName.set(certName, { kind: 'failed', error: new LineageError('lineage-broken', reason, error) });
    }
  }
  return { deployments, byName };
}

function toDeployment(result: DeployResult): LineageDeployment {
  if (result.kind === 'failed') return { kind: 'failed', error: errorInfo(result.error) };
  return { kind: 'done', deployment: { kind: result.kind, bundle: result.bundle } };
}
