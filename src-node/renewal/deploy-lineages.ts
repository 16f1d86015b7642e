import { readFile } from 'node:fs/promises';
import type { Deployment, DeployResult, Inspection } from '../haproxy/deployer.js';
import { bundlePath } from '../haproxy/bundle-directory.js';
import type { HaproxySettings } from '../lineage/haproxy-settings.js';
import type { Lineage } from '../lineage/lineage.js';
import { LineageError } from '../lineage/lineage-error.js';
import { systemReason, type ErrorInfo } from '../platform/coded-error.js';
import type { Dependencies } from './dependencies.js';
import { pidfileOf } from './merge-settings.js';
import { toldNothing, type DeploymentOutcome, type HaproxyReport, type Outcome } from './outcome.js';
import { errorInfo } from './renewal-error.js';

/** What deploying one lineage came to. */
export type LineageDeployment =
  | { readonly kind: 'done'; readonly deployment: DeploymentOutcome }
  | { readonly kind: 'rolled-back' | 'failed'; readonly error: ErrorInfo };

export interface DeployedLineages extends HaproxyReport {
  /** By certName. */
  readonly byName: ReadonlyMap<string, LineageDeployment>;
}

/** Looks whether HAProxy can be given the lineage. @throws DeployError */
export async function checkDeployment(
  certName: string,
  haproxy: HaproxySettings,
  { deployer, install }: Dependencies,
): Promise<void> {
  const bundle = bundlePath(haproxy, certName);
  if (bundle !== undefined && install) await deployer(haproxy).check({ bundle, crtList: haproxy.crtList });
}

/** Gives stored lineages to HAProxy: those of one HAProxy together, by one reload at most. */
export async function deployLineages(
  lineages: readonly Lineage[],
  dependencies: Dependencies,
): Promise<DeployedLineages> {
  const byName = new Map<string, LineageDeployment>();
  const reports: HaproxyReport[] = [];
  for (const group of groupByHaproxy(lineages)) {
    const results = await deployGroup(group, dependencies);
    for (const [certName, result] of results.byName) byName.set(certName, result);
    reports.push(results);
  }
  return {
    byName,
    reloads: reports.flatMap(({ reloads }) => reloads),
    sockets: reports.flatMap(({ sockets }) => sockets),
    notes: [...new Set(reports.flatMap(({ notes }) => notes))],
  };
}

interface Group {
  /** Undefined where HAProxy gets nothing of them. */
  readonly settings: HaproxySettings | undefined;
  readonly members: readonly Lineage[];
}

/** One HAProxy is one configuration, pidfile and set of sockets, into whichever directories its certificates go. */
function groupByHaproxy(lineages: readonly Lineage[]): readonly Group[] {
  const groups = new Map<string, Lineage[]>();
  for (const lineage of lineages) {
    const { haproxy } = lineage.settings;
    const key = haproxy.certDir === undefined ? '' : JSON.stringify(haproxyOf(haproxy));
    groups.set(key, [...(groups.get(key) ?? []), lineage]);
  }
  return [...groups].map(([key, members]) => ({ settings: key === '' ? undefined : joinSettings(members), members }));
}

/** Which HAProxy is meant, and how it is told. */
function haproxyOf(haproxy: HaproxySettings): readonly unknown[] {
  const { cfg, deploy = 'auto', reloadCommand, unit, sockets, verify } = haproxy;
  return [cfg, pidfileOf(haproxy), deploy, reloadCommand, unit, sockets, verify];
}

/** The program that one lineage leaves open another may name. */
function joinSettings(members: readonly Lineage[]): HaproxySettings | undefined {
  const all = members.map((lineage) => lineage.settings.haproxy);
  const first = all[0];
  if (first === undefined) return undefined;
  return { ...first, bin: all.find((haproxy) => haproxy.bin !== undefined)?.bin };
}

async function deployGroup(
  { settings, members }: Group,
  { deployer: makeDeployer, install, store, signal, onProgress }: Dependencies,
): Promise<DeployedLineages> {
  const all = (result: LineageDeployment): DeployedLineages => ({
    byName: new Map(members.map((lineage) => [lineage.certName, result])),
    ...toldNothing,
  });
  if (settings === undefined || !install) return all({ kind: 'done', deployment: { kind: 'none' } });
  const deployer = makeDeployer(settings);
  if (signal.aborted) return all({ kind: 'failed', error: errorInfo(signal.reason) });
  const certNames = members.map((lineage) => lineage.certName);
  try {
    const { deployments, byName } = await readDeployments(members);
    if (deployments.length === 0) return { byName, ...toldNothing };
    await noteBegin(members, store);
    const { results, reload, sockets, notes } = await deployer.deploy(deployments, (step) =>
      onProgress({ kind: 'deploy', certNames, step }),
    );
    for (const result of results) byName.set(result.certName, toDeployment(result));
    for (const lineage of members) {
      if (byName.get(lineage.certName)?.kind !== 'done') continue;
      await store.update(lineage, { kind: 'deployed' }).catch((error: unknown) => {
        byName.set(lineage.certName, { kind: 'failed', error: errorInfo(error) });
      });
    }
    return { byName, reloads: reload === undefined ? [] : [reload], sockets, notes };
  } catch (error) {
    return all({ kind: 'failed', error: errorInfo(error) });
  }
}

/** A run that is killed over a version that HAProxy had leaves it to the next `renew`. */
async function noteBegin(members: readonly Lineage[], store: Dependencies['store']): Promise<void> {
  const had = members.filter(({ version, deployedVersion }) => deployedVersion === version);
  for (const lineage of had) await store.update(lineage, { kind: 'deploying' });
}

/** A lineage whose files cannot be read does not hold up the others. */
async function readDeployments(
  members: readonly Lineage[],
): Promise<{ deployments: readonly Deployment[]; byName: Map<string, LineageDeployment> }> {
  const deployments: Deployment[] = [];
  const byName = new Map<string, LineageDeployment>();
  for (const { certName, live, settings } of members) {
    const { crtList } = settings.haproxy;
    const bundle = bundlePath(settings.haproxy, certName) ?? '';
    try {
      const [fullchain, privateKey] = [await readFile(live.fullchain, 'utf8'), await readFile(live.privkey, 'utf8')];
      deployments.push({ certName, bundle, crtList, fullchain, privateKey });
    } catch (error) {
      const reason = `The files ${live.fullchain} and ${live.privkey} cannot be read: ${systemReason(error)}.`;
      byName.set(certName, { kind: 'failed', error: new LineageError('lineage-broken', reason, error) });
    }
  }
  return { deployments, byName };
}

function toDeployment(result: DeployResult): LineageDeployment {
  if ('error' in result) return { kind: result.kind, error: errorInfo(result.error) };
  const { bundle } = result;
  if (result.kind === 'bundle-only') return { kind: 'done', deployment: { kind: 'bundle-only', bundle } };
  return { kind: 'done', deployment: { kind: 'deployed', bundle, handshakes: result.handshakes } };
}

export interface InspectedLineages {
  readonly inspections: readonly Inspection[];
  readonly failed: readonly Outcome[];
}

/** Looks where the certificates of lineages are; one whose files cannot be read does not hold up the others. */
export async function inspectLineages(
  lineages: readonly Lineage[],
  makeDeployer: Dependencies['deployer'],
): Promise<InspectedLineages> {
  const inspections: Inspection[] = [];
  const failed: Outcome[] = [];
  for (const { settings, members } of groupByHaproxy(lineages)) {
    if (settings === undefined) continue;
    const { deployments, byName } = await readDeployments(members);
    for (const [certName, result] of byName) {
      if ('error' in result) failed.push({ kind: 'broken', certName, error: result.error });
    }
    inspections.push(...(await makeDeployer(settings).inspect(deployments)));
  }
  return { inspections, failed };
}
