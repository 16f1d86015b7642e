import { resolve } from 'node:path';
import type { Clock } from '../platform/clock.js';
import { alertLines } from './config-check.js';
import { readCommandLine } from './command-line.js';
import { DeployError } from './deploy-error.js';
import type { HaproxyProcess } from './process.js';
import { parseRuntimeAddress } from './runtime-address.js';
import { exchange, type Line } from './runtime-connection.js';

/** What `show proc` tells of the master's reloads. */
export interface MasterState {
  readonly pid: number;
  /** Reloads that were begun. */
  readonly reloads: number;
  /** Reloads that failed since the last one that went well. */
  readonly failed: number;
  /**
   * Whether this is what came of the last reload. From 3.1 on the master answers while the new worker still reads its
   * configuration; before, it reads it itself and does not answer meanwhile.
   */
  readonly isFinal: boolean;
}

/** The master CLI (management manual, section 9.4). */
export interface MasterCli {
  readonly address: string;
  /** Undefined where the master does not answer, as while it executes itself anew. */
  state(): Promise<MasterState | undefined>;
  /** The answer, which is empty up to HAProxy 2.6; undefined where none came. */
  reload(patience: number): Promise<string | undefined>;
  /** What HAProxy said when it read its configuration last; nothing before 2.7. */
  alerts(): Promise<readonly string[]>;
}

/** Milliseconds. */
const answerTimeout = 10_000;
const pause = 50;

/** The address that is given, or that of the master's own `-S`. */
export function masterAddress(
  master: HaproxyProcess,
  given: string | undefined,
  cwd: string | undefined,
): string | undefined {
  const address = given ?? readCommandLine(master.args).masterSocket;
  if (address === undefined || given !== undefined) return given;
  return address.startsWith('unix@') ? resolve(cwd ?? '/', address.slice('unix@'.length)) : address;
}

/**
 * @param patience milliseconds for a master that is just executing itself anew.
 * @throws DeployError `runtime-unreachable`, `runtime-silent`, or where it belongs to another master.
 */
export async function openMasterCli(
  master: HaproxyProcess,
  address: string,
  { clock, patience }: { readonly clock: Clock; readonly patience: number },
): Promise<MasterCli> {
  const line: Line = { address, endpoint: parseRuntimeAddress(address), timeout: answerTimeout, clock };
  const cli = masterCli(line);
  const end = clock.now() + patience;
  for (;;) {
    const answer = await exchange(line, 'show proc\n');
    const state = typeof answer === 'string' ? parseState(answer) : undefined;
    if (state?.pid === master.pid) return cli;
    if (state !== undefined) throw foreign(address, `it belongs to process ${state.pid}`);
    if (typeof answer === 'string' && answer !== '') throw foreign(address, 'it is no master CLI');
    if (clock.now() > end) throw typeof answer === 'string' ? foreign(address, 'it gives no answer') : answer;
    await clock.sleep(pause);
  }
}

function foreign(address: string, reason: string): DeployError {
  return new DeployError('runtime-unreachable', `Cannot use ${address} as the master CLI: ${reason}.`);
}

function masterCli(line: Line): MasterCli {
  const ask = async (request: string, timeout: number): Promise<string | undefined> => {
    const answer = await exchange({ ...line, timeout }, `${request}\n`).catch((error: unknown) => {
      if (error instanceof DeployError) return error;
      throw error;
    });
    return typeof answer === 'string' ? answer : undefined;
  };
  return {
    address: line.address,
    state: async () => {
      const answer = await ask('show proc', answerTimeout);
      return answer === undefined ? undefined : parseState(answer);
    },
    reload: async (patience) => await ask('reload', patience),
    alerts: async () => {
      const answer = (await ask('show startup-logs', answerTimeout)) ?? '';
      return answer.includes('[ALERT]') ? alertLines(answer) : [];
    },
  };
}

/** `1162  master  5 [failed: 0]  0d00h02m07s  2.6.12-1`, under a line that begins with `#<PID>`. */
function parseState(answer: string): MasterState | undefined {
  const found = /^(\d+)\s+master\s+(\d+) \[failed: (\d+)\]\s+\S+\s+(\d+)\.(\d+)/m.exec(answer);
  if (found === null) return undefined;
  const [pid = 0, reloads = 0, failed = 0, major = 0, minor = 0] = found.slice(1).map(Number);
  return { pid, reloads, failed, isFinal: failed > 0 || major < 3 || (major === 3 && minor < 1) };
}
