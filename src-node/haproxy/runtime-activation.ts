import { basename, dirname } from 'node:path';
import { DeployError } from './deploy-error.js';
import type { DeployerSettings } from './deployer-settings.js';
import type { FoundHaproxy } from './found-haproxy.js';
import { candidateNames, listsHolding } from './loaded-names.js';
import { asError, type Failed, type Placed } from './place-bundles.js';
import type { Runtime } from './runtime-api.js';
import {
  addCertificate,
  listCrtLists,
  removeCertificate,
  showCertificate,
  undone,
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
const ofHaproxy: ReadonlySet<string> = new Set(['runtime-unreachable', 'runtime-denied', 'runtime-busy']);
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
      if (!(error instanceof DeployError) || error.code === 'runtime-rejected') {
        rejected.push({ deployment: each.deployment, error: asError(error) });
        continue;
      }
      refused.push({ placed: each, error });
      if (down === undefined && (await refusesAll(error, runtimes))) down = error;
    }
  }
  const revert = async (each: Placed): Promise<void> => await goBack(each, done.get(each) ?? [], { found, context });
  return {
    took: [...done.keys()],
    rejected,
    refused,
    revert: async (some) => await eachOf(some, revert),
  };
}

/** Whether the others would only wait for the same; silence may be due to the one certificate. */
async function refusesAll({ code }: DeployError, runtimes: readonly Runtime[]): Promise<boolean> {
  if (code !== 'runtime-silent') return ofHaproxy.has(code);
  try {
    for (const runtime of runtimes) await runtime.command(['show', 'info']);
    return false;
  } catch {
    return true;
  }
}

/** All of them, whatever becomes of one. @throws what went wrong first. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const failures: Error[] = [];
  for (const item of items) {
    await work(item).catch((error: unknown) => {
      failures.push(asError(error));
    });
  }
  if (failures[0] !== undefined) throw failures[0];
}

interface Surroundings {
  readonly found: FoundHaproxy;
  readonly context: TransactionContext;
}

/** @throws DeployError, with those that had taken it already back at what they had. */
async function update(
  placed: Placed,
  runtimes: readonly Runtime[],
  surroundings: Surroundings,
): Promise<readonly Update[]> {
  const { found, context } = surroundings;
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
    throw await undone(error, async () => await goBack(placed, updates, surroundings));
  }
}

async function goBack(placed: Placed, updates: readonly Update[], { found, context }: Surroundings): Promise<void> {
  const { previous } = placed.bundle;
  await eachOf(updates, async ({ runtime, spot }) => {
    if (spot.known && previous !== undefined) {
      await updateCertificate(runtime, { name: spot.name, pem: previous }, context);
    } else {
      // What HAProxy knew without a file was given to it by a run that was killed.
      const { lists } = spot.known ? await findPlace(placed, runtime, found) : spot;
      const names = lists.map(({ list }) => list);
      await removeCertificate(runtime, spot.name, names);
    }
  });
}

async function findSpot(placed: Placed, runtime: Runtime, found: FoundHaproxy): Promise<Spot> {
  for (const name of namesOf(placed, found)) {
    const loaded = await showCertificate(runtime, name);
    if (loaded === undefined) continue;
    if (loaded.status !== 'Unused' && loaded.status !== 'Empty') return { name, known: true, lists: [] };
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
