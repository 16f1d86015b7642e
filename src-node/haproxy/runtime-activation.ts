import { basename, dirname } from 'node:path';
import { DeployError } from './deploy-error.js';
import type { DeployerSettings } from './deployer-settings.js';
import { asDeployError, type FoundHaproxy } from './found-haproxy.js';
import { candidateNames, listsHolding } from './loaded-names.js';
import type { Failed, Placed } from './place-bundles.js';
import type { Runtime } from './runtime-api.js';
import {
  addCertificate,
  listCrtLists,
  removeCertificate,
  showCertificate,
  updateCertificate,
  type TransactionContext,
} from './ssl-cert.js';

/** How HAProxy has a certificate, or is to have it. */
interface Spot {
  /** As HAProxy names it. */
  readonly name: string;
  /** False where HAProxy did not know it. */
  readonly known: boolean;
  /** The crt-lists and directories that it is to be added to. */
  readonly lists: readonly { readonly list: string; readonly line: string }[];
}

interface Update {
  readonly runtime: Runtime;
  readonly spot: Spot;
}

export interface RuntimeActivation {
  readonly took: readonly Placed[];
  /** HAProxy judged the certificate itself, and will not judge otherwise after a reload. */
  readonly rejected: readonly Failed[];
  /** HAProxy could not be told. */
  readonly refused: readonly { readonly placed: Placed; readonly error: DeployError }[];
  /** Gives HAProxy back what it had of these, as their restored files have it. */
  readonly revert: (placed: readonly Placed[]) => Promise<void>;
}

/** What one certificate met of HAProxy the next would meet too: it is not asked again. */
const ofHaproxy: ReadonlySet<string> = new Set([
  ...['runtime-unreachable', 'runtime-denied', 'runtime-silent', 'runtime-busy'],
]);
/** Milliseconds to wait for another tool's transaction. */
const patience = 5_000;

/** Gives certificates to HAProxy by its Runtime API, each in a transaction of its own, through every socket or none. */
export async function updateAtRuntime(
  placed: readonly Placed[],
  runtimes: readonly Runtime[],
  found: FoundHaproxy,
  { clock }: DeployerSettings,
): Promise<RuntimeActivation> {
  const done = new Map<Placed, readonly Update[]>();
  const rejected: Failed[] = [];
  const refused: { placed: Placed; error: DeployError }[] = [];
  const ours = new Set(placed.flatMap((each) => namesOf(each, found)));
  const context: TransactionContext = { clock, bufsize: found.config.bufsize, patience, ours };
  let down: DeployError | undefined;
  for (const each of placed) {
    try {
      if (down !== undefined) throw down;
      done.set(each, await update(each, runtimes, { found, context }));
    } catch (error) {
      const reason = asDeployError(error);
      if (reason.code === 'runtime-rejected') rejected.push({ deployment: each.deployment, error: reason });
      else refused.push({ placed: each, error: reason });
      if (ofHaproxy.has(reason.code)) down = reason;
    }
  }
  const revert = async (each: Placed): Promise<void> => await goBack(each, done.get(each) ?? [], context);
  return {
    took: [...done.keys()],
    rejected,
    refused,
    revert: async (some) => {
      for (const each of some) await revert(each);
    },
  };
}

interface Surroundings {
  readonly found: FoundHaproxy;
  readonly context: TransactionContext;
}

/** @throws DeployError, with those that had taken it already back at what they had. */
async function update(
  placed: Placed,
  runtimes: readonly Runtime[],
  { found, context }: Surroundings,
): Promise<readonly Update[]> {
  const updates: Update[] = [];
  try {
    for (const runtime of runtimes) {
      const spot = await findSpot(placed, runtime, found);
      const certificate = { name: spot.name, pem: placed.pem };
      if (spot.known) await updateCertificate(runtime, certificate, context);
      if (!spot.known || spot.lists.length > 0) await addCertificate(runtime, certificate, spot.lists, context);
      updates.push({ runtime, spot });
    }
    return updates;
  } catch (error) {
    // What went wrong first is what there is to say.
    await goBack(placed, updates, context).catch(() => undefined);
    throw error;
  }
}

async function goBack({ bundle }: Placed, updates: readonly Update[], context: TransactionContext): Promise<void> {
  for (const { runtime, spot } of updates) {
    const lists = spot.lists.map(({ list }) => list);
    if (!spot.known) await removeCertificate(runtime, spot.name, lists);
    else if (bundle.previous !== undefined) {
      await updateCertificate(runtime, { name: spot.name, pem: bundle.previous }, context);
    }
  }
}

async function findSpot(placed: Placed, runtime: Runtime, found: FoundHaproxy): Promise<Spot> {
  for (const name of namesOf(placed, found)) {
    const loaded = await showCertificate(runtime, name);
    if (loaded === undefined) continue;
    if (loaded.status !== 'Unused') return { name, known: true, lists: [] };
    break;
  }
  return await findPlace(placed, runtime, found);
}

/** The lists that a bind has loaded, to which a certificate that HAProxy does not use yet can be added. */
async function findPlace({ deployment, line }: Placed, runtime: Runtime, { cwd, names }: FoundHaproxy): Promise<Spot> {
  const loaded = await listCrtLists(runtime);
  const bundle = deployment.bundle;
  const ofLine = line === undefined ? [] : listsHolding(line.list, loaded, cwd, names);
  if (line !== undefined && ofLine.length > 0) {
    return { name: line.certificate, known: false, lists: ofLine.map((list) => ({ list, line: line.rest })) };
  }
  const directories = listsHolding(bundle, loaded, cwd, names);
  const [first] = directories;
  if (first !== undefined) {
    // HAProxy takes a file into a directory only by the directory's own name.
    const name = `${first.replace(/\/$/, '')}/${basename(bundle)}`;
    return { name, known: false, lists: directories.map((list) => ({ list, line: '' })) };
  }
  const where = line === undefined ? dirname(bundle) : line.list;
  throw new DeployError('runtime-not-loaded', `HAProxy has loaded ${where} by no bind (asked at ${runtime.address}).`);
}

function namesOf({ deployment, line }: Placed, { config, cwd, names: options }: FoundHaproxy): readonly string[] {
  const names = candidateNames(deployment.bundle, config, cwd, options);
  return [...new Set([...(line === undefined ? [] : [line.certificate]), ...names])];
}
