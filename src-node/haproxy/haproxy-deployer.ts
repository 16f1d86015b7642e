import { dirname } from 'node:path';
import { access, constants } from 'node:fs/promises';
import { splitChain } from '../certificate/chain.js';
import { readCertificate } from '../certificate/x509.js';
import { systemReason } from '../platform/coded-error.js';
import { checkBundleDirectory } from './bundle-directory.js';
import { readCrtList } from './crt-list.js';
import { readList } from './crt-list-file.js';
import { DeployError } from './deploy-error.js';
import type { Deployer, Deployment, DeployReport, DeployResult, DeployStep, ReloadReport } from './deployer.js';
import { canReload, type DeployerSettings } from './deployer-settings.js';
import { activate, type Activated } from './activate.js';
import { lookAtHaproxy, noSocket, openRuntimes, type FoundHaproxy } from './found-haproxy.js';
import { inspect } from './inspect.js';
import { keepAll, placeAll, refuseApartKey, restoreAll, type Failed, type Placed } from './place-bundles.js';
import { chooseBin } from './reload-activation.js';
import { lookAtAll, planLooks, seenText, type Seen } from './served-check.js';

type OnStep = (step: DeployStep) => void;

/** Gives HAProxy certificates as a transaction: written, taken, seen to be served by a handshake, or all as it was. */
export function haproxyDeployer(settings: DeployerSettings): Deployer {
  return {
    check: async (place) => await check(place, settings),
    deploy: async (deployments, onStep) => await deploy(deployments, settings, onStep),
    inspect: async (deployments) => await inspect(deployments, settings),
  };
}

async function check(
  { bundle, crtList }: Pick<Deployment, 'bundle' | 'crtList'>,
  settings: DeployerSettings,
): Promise<void> {
  await checkBundleDirectory(dirname(bundle));
  if (crtList !== undefined) {
    readCrtList(await readList(crtList), crtList);
    await access(dirname(crtList), constants.W_OK).catch((error: unknown) => {
      const message = `Cannot write the crt-list ${crtList}: ${systemReason(error)}.`;
      throw new DeployError('crt-list-not-writable', message, { cause: error });
    });
  }
  const found = await lookAtHaproxy(settings);
  refuseApartKey(bundle, found);
  if (canReload(settings)) await chooseBin(settings, found.running);
  if (settings.mode !== 'runtime') return;
  const runtimes = await openRuntimes(found, settings);
  if (!('open' in runtimes)) throw runtimes.refusal ?? noSocket();
}

async function deploy(
  deployments: readonly Deployment[],
  settings: DeployerSettings,
  onStep: OnStep,
): Promise<DeployReport> {
  const found = await lookAtHaproxy(settings);
  onStep('writing');
  const { placed, failed } = await placeAll(deployments, found);
  const begun = settings.clock.now();
  const activated = await activate(placed, { found, settings, onStep });
  const { active, untold } = activated;
  const decided = active.length === 0 ? { served: [], wrong: [] } : await decide(active, { found, settings, onStep });
  const undone = decided.wrong.length === 0 ? [] : await goBack(decided.wrong, activated, { found, settings, onStep });
  await keepAll([...decided.served.map(({ placed: each }) => each), ...untold, ...activated.stays]);
  return {
    results: [
      ...decided.served.map(({ placed: { deployment, bundle }, handshakes }): DeployResult => {
        return { certName: deployment.certName, kind: 'deployed', bundle: bundle.path, handshakes };
      }),
      ...untold.map(({ deployment, bundle }): DeployResult => {
        return { certName: deployment.certName, kind: 'bundle-only', bundle: bundle.path };
      }),
      ...undone,
      ...[...failed, ...activated.failed].map(failedResult),
    ],
    reload: withFormer(activated.reload(), active, begun),
    sockets: activated.sockets,
    notes: [...activated.notes, ...decided.served.flatMap(({ notes }) => notes)],
  };
}

/** Processes that finish since this reload serve what it has replaced. */
function withFormer(
  reload: ReloadReport | undefined,
  active: readonly Placed[],
  begun: number,
): ReloadReport | undefined {
  if (reload === undefined) return undefined;
  const serving = active.flatMap(({ deployment: { certName }, bundle: { previous } }) => {
    const leaf = splitChain(previous ?? '')?.leaf;
    if (leaf === undefined) return [];
    const { serial, notAfter } = readCertificate(leaf);
    return [{ certName, serial, notAfter }];
  });
  const draining = reload.draining.map((process) => (process.since < begun ? process : { ...process, serving }));
  return { ...reload, draining };
}

interface Doing {
  readonly found: FoundHaproxy;
  readonly settings: DeployerSettings;
  readonly onStep: OnStep;
}

interface Served {
  readonly placed: Placed;
  readonly handshakes: number;
  readonly notes: readonly string[];
}

interface Wrong {
  readonly placed: Placed;
  readonly seen: readonly Seen[];
}

/** Which of them are served, as handshakes show. */
async function decide(
  active: readonly Placed[],
  { found, settings, onStep }: Doing,
): Promise<{ readonly served: readonly Served[]; readonly wrong: readonly Wrong[] }> {
  onStep('verifying');
  const looks = await planLooks(active, found, settings);
  const seen = await lookAtAll(looks, settings);
  const of = (placed: Placed): readonly Seen[] => seen.filter(({ expected }) => expected === placed);
  const isServed = (placed: Placed): boolean => of(placed).every(({ good }) => good);
  return {
    served: active.filter(isServed).map((placed) => ({
      placed,
      handshakes: of(placed).filter(({ again }) => !again).length,
      notes: of(placed).flatMap(sharedNote),
    })),
    wrong: active.filter((placed) => !isServed(placed)).map((placed) => ({ placed, seen: of(placed) })),
  };
}

function sharedNote({ owner, name, place, expected }: Seen): readonly string[] {
  if (owner === undefined) return [];
  const { certName } = expected.deployment;
  return [
    `${place} serves ${name} by the certificate of the lineage '${owner}', which has this name as '${certName}' has.`,
  ];
}

/** Everything of these as it was, on disk and in HAProxy, and seen to be so. */
async function goBack(
  wrong: readonly Wrong[],
  activated: Activated,
  { found, settings, onStep }: Doing,
): Promise<readonly DeployResult[]> {
  onStep('restoring');
  const placed = wrong.map((each) => each.placed);
  const failure = (await restoreAll(placed)) ?? (await activated.revert(placed));
  const looks = failure === undefined ? await planLooks(placed, found, settings) : [];
  // It is the new certificate that is not to be seen any more.
  const still =
    looks.length === 0
      ? []
      : (await lookAtAll(looks, settings, 0)).filter(({ good, owner }) => good && owner === undefined);
  return wrong.map(({ placed: each, seen }): DeployResult => {
    const { certName } = each.deployment;
    const bad = seen.filter(({ good }) => !good).map((one) => `${one.place}, ${one.name}: ${seenText(one)}`);
    const details = [...new Set(bad)];
    if (failure !== undefined || still.some(({ expected }) => expected === each)) {
      return { certName, kind: 'failed', error: notBack(details, failure) };
    }
    return { certName, kind: 'rolled-back', error: notServed(seen, details) };
  });
}

function notServed(seen: readonly Seen[], details: readonly string[]): DeployError {
  const first = seen.find(({ good }) => !good);
  const where = first === undefined ? 'HAProxy' : `${first.place} for ${first.name}`;
  const what = first === undefined ? 'nothing' : seenText(first);
  const verb = first?.handshake.kind === 'served' ? 'served' : 'gave no certificate:';
  const message = `After the deployment ${where} ${verb} ${what}; the bundle and HAProxy are back at what they were.`;
  return new DeployError('not-served', message, { details: details.slice(1, 6) });
}

function notBack(details: readonly string[], failure: Error | undefined): DeployError {
  const reason = failure === undefined ? 'it is still served' : failure.message;
  const message = `The new certificate is not served everywhere, and what was there before could not be brought back: ${reason}`;
  return new DeployError('rollback-failed', message, { cause: failure, details: details.slice(0, 5) });
}

function failedResult({ deployment, error }: Failed): DeployResult {
  return { certName: deployment.certName, kind: 'failed', error };
}
