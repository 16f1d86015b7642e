import type { Clock } from '../platform/clock.js';
import type { DeployError } from './deploy-error.js';
import { failedReload, type Former } from './failed-reload.js';
import { runningMembers, type Family } from './family.js';
import type { MasterCli, MasterState } from './master-cli.js';
import { holdsListener } from './listeners.js';
import type { HaproxyProcess } from './process.js';
import { eventually, patience, type ReloadTarget } from './reload-target.js';
import { isAmong, serves, stateOf, tcp } from './serving.js';

/** Milliseconds; HAProxy tries to bind for two seconds. */
const settleTime = 3_000;

/** What is known before HAProxy is told to reload, so that what comes of it can be seen. */
export interface Succession extends Former {
  readonly newcomers: () => Promise<readonly HaproxyProcess[]>;
  /** The master CLI and what it told. */
  readonly cli: MasterCli | undefined;
  readonly state: MasterState | undefined;
}

export interface Reigning {
  readonly before: readonly HaproxyProcess[];
  readonly family: Family;
  /** Its new workers only are successors; without one, every new process that listens. */
  readonly master: HaproxyProcess | undefined;
  readonly cli: MasterCli | undefined;
}

export async function foresee({ before, family, master, cli }: Reigning): Promise<Succession> {
  const known = [...before, ...(await runningMembers(family))];
  // A child of what served is one that is forked for an external check.
  const canSucceed = ({ parent }: HaproxyProcess): boolean =>
    master === undefined ? before.every(({ pid }) => pid !== parent) : parent === master.pid;
  const newcomers = async (): Promise<readonly HaproxyProcess[]> => {
    const fresh = (await runningMembers(family)).filter((process) => !isAmong(process, known) && canSucceed(process));
    const held = await Promise.all(fresh.map(async ({ pid }) => await holdsListener(pid)));
    return fresh.filter((_process, at) => held[at] !== false);
  };
  const kinds = (await serves(before, tcp)) ? tcp : undefined;
  return { before, kinds, newcomers, cli, state: await cli?.state() };
}

/**
 * Waits until others serve in place of those that did.
 * @param isCertain HAProxy itself has said that the new one serves.
 * @throws DeployError `haproxy-reload-failed` where they go on serving, else `haproxy-not-serving`.
 */
export async function awaitSuccession(
  succession: Succession,
  target: ReloadTarget,
  isCertain = false,
): Promise<readonly HaproxyProcess[]> {
  const { before, kinds, newcomers } = succession;
  let since: number | undefined;
  const started = await eventually(target, async () => {
    const certain = (await finalState(succession, target.clock)) || isCertain;
    const fresh = await newcomers();
    const serving = fresh.length > 0 && (await serves(fresh, kinds));
    if (serving && certain) return fresh;
    const state = serving ? await stateOf(before) : 'serving';
    since = state === 'draining' ? (since ?? target.clock.now()) : undefined;
    const settled = since !== undefined && target.clock.now() - since >= settleTime;
    return state === 'ended' || settled ? fresh : undefined;
  });
  if (started !== undefined) return started;
  const seconds = Math.round(patience(target) / 1000);
  throw await failedReload(`No new process of HAProxy took over within ${seconds} s`, [], succession, target.clock);
}

/** True where the master says that its reload went well. @throws DeployError where it says no. */
async function finalState({ cli, state: former, ...succession }: Succession, clock: Clock): Promise<boolean> {
  const state = former === undefined ? undefined : await cli?.state();
  if (state?.isFinal !== true || state.reloads === former?.reloads) return false;
  if (state.failed === 0) return true;
  throw await masterFailed((await cli?.alerts()) ?? [], succession, clock);
}

export async function masterFailed(details: readonly string[], former: Former, clock: Clock): Promise<DeployError> {
  return await failedReload("HAProxy's master could not start a new worker", details, former, clock);
}
