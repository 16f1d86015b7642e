import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemReason } from '../platform/coded-error.js';
import { readCommandLine } from './command-line.js';
import { withBase } from './config-state.js';
import { readCrtList, type CrtListEntry } from './crt-list.js';
import { DeployError } from './deploy-error.js';
import type { DeployerSettings } from './deployer-settings.js';
import { readHaproxyConfig, type HaproxyConfig } from './haproxy-config.js';
import type { NameOptions } from './loaded-names.js';
import { runningHaproxy, startContext, type HaproxyProcess, type StartContext } from './process.js';
import { openRuntime, type Runtime } from './runtime-api.js';

/** The processes that the pidfile names, or why there are none. */
export type Running =
  | { readonly processes: readonly HaproxyProcess[]; readonly context: StartContext }
  | { readonly error: DeployError; readonly context: StartContext };

/** HAProxy as it is found before it is told anything. */
export interface FoundHaproxy {
  /** Without files, an empty one. */
  readonly config: HaproxyConfig;
  readonly running: Running;
  /** What HAProxy's relative paths are relative to. */
  readonly cwd: string;
  /** What tells names of the same file. */
  readonly names: Required<NameOptions>;
  /** Lines of the global section that decide which certificates are taken. */
  readonly judging: readonly string[];
}

/** Milliseconds for an answer of HAProxy, which does not serve while it reads a certificate. */
export const answerTimeout = 10_000;

type HaproxyPlace = Pick<DeployerSettings, 'cfg' | 'pidfile' | 'bin'>;

/** @throws DeployError `haproxy-config-missing`. */
export async function lookAtHaproxy(settings: HaproxyPlace): Promise<FoundHaproxy> {
  const running = await findRunning(settings);
  const cwd = running.context.cwd ?? '/';
  const files = await Promise.all(settings.cfg.map(async (path) => ({ path, text: await readConfigFile(path) })));
  const config = readHaproxyConfig(files, { env: running.context.env ?? {}, cwd });
  const names = { realpath: realPaths(), crtLists: await readCrtLists(config) };
  return { running, cwd, config, names, judging: files.flatMap(({ text }) => judgingLines(text)) };
}

function judgingLines(text: string): readonly string[] {
  const globals = text.match(/^[ \t]*global\b.*(?:\n(?![ \t]*(?:defaults|frontend|backend|listen)\b).*)*/gm) ?? [];
  return globals.join('\n').match(/^[ \t]*(?:ssl-|tune\.ssl\.|zero-warning|issuers-chain-path).*$/gm) ?? [];
}

/** Directories are few, and looked at once each. */
function realPaths(): (path: string) => string {
  const known = new Map<string, string>();
  const real = (directory: string): string => {
    try {
      return realpathSync(directory);
    } catch {
      return directory;
    }
  };
  return (path) => {
    const directory = dirname(path);
    const found = known.get(directory) ?? real(directory);
    known.set(directory, found);
    return join(found, basename(path));
  };
}

/** By the names that binds have for them; one that HAProxy could not read has no lines for us either. */
async function readCrtLists({ tlsBinds }: HaproxyConfig): Promise<ReadonlyMap<string, readonly CrtListEntry[]>> {
  const lists = new Map<string, readonly CrtListEntry[]>();
  for (const { crtLists, directory } of tlsBinds) {
    for (const name of crtLists) {
      if (lists.has(name)) continue;
      const path = resolve(directory, name);
      lists.set(
        name,
        await readFile(path, 'utf8')
          .then((text) => readCrtList(text, path))
          .catch(() => []),
      );
    }
  }
  return lists;
}

/** The file that a line of a crt-list names. */
export function listedFile({ config, cwd }: Pick<FoundHaproxy, 'config' | 'cwd'>, certificate: string): string {
  return resolve(cwd, withBase(config.crtBase, certificate));
}

export async function findRunning({ pidfile, bin }: Pick<HaproxyPlace, 'pidfile' | 'bin'>): Promise<Running> {
  try {
    const processes = await runningHaproxy(pidfile, bin ?? 'haproxy');
    return { processes, context: await startContext(processes[0]?.pid ?? 0) };
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return { error, context: { cwd: undefined, env: undefined, options: [] } };
  }
}

async function readConfigFile(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw new DeployError(
      'haproxy-config-missing',
      `Cannot read the HAProxy configuration ${file}: ${systemReason(error)}.`,
      { cause: error },
    );
  });
}

/** The Runtime APIs by which HAProxy can be told, or why it cannot. */
export type Runtimes = { readonly open: readonly Runtime[] } | { readonly refusal: DeployError | undefined };

/**
 * Every socket that the user names, since each is another HAProxy; else the first of the configuration that answers,
 * since all of those are of one. `refusal` is undefined where no socket is known.
 */
export async function openRuntimes(found: FoundHaproxy, settings: DeployerSettings): Promise<Runtimes> {
  const options = { timeout: answerTimeout, clock: settings.clock };
  if (settings.sockets.length > 0) {
    try {
      const open: Runtime[] = [];
      for (const address of settings.sockets) open.push(await openRuntime(address, options));
      return { open };
    } catch (error) {
      return { refusal: asDeployError(error) };
    }
  }
  let refusal: DeployError | undefined;
  for (const address of ownSockets(found)) {
    try {
      return { open: [await openRuntime(address, options)] };
    } catch (error) {
      refusal ??= asDeployError(error);
    }
  }
  return { refusal: refusal ?? onlyLow(found.config) };
}

/** Those of the configuration that may do everything, and that of the running master. */
export function ownSockets({ config, running }: Pick<FoundHaproxy, 'config' | 'running'>): readonly string[] {
  const master = 'processes' in running ? running.processes.map(({ args }) => readCommandLine(args).masterSocket) : [];
  const found = config.statsSockets.filter(({ level }) => level === 'admin').map(({ address }) => address);
  return [...found, ...master.filter((socket) => socket !== undefined)];
}

export function noSocket(): DeployError {
  return new DeployError('runtime-unreachable', 'No stats socket of level admin is known.');
}

/** Why no socket of the configuration will do, where it has some. */
export function onlyLow({ statsSockets: [first] }: HaproxyConfig): DeployError | undefined {
  if (first === undefined) return undefined;
  return new DeployError('runtime-denied', `The stats socket ${first.address} has not 'level admin'.`);
}

export function asDeployError(error: unknown): DeployError {
  if (error instanceof DeployError) return error;
  throw error;
}
