import { readdir, readlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readCommandLine } from './command-line.js';
import { readProcess, type HaproxyProcess } from './process.js';

/**
 * What the processes of one HAProxy have in common, its masters, workers, successors and those that finish their
 * connections: the program, its configuration files, the network and the container.
 */
export interface Family {
  readonly programs: ReadonlySet<string>;
  readonly traits: ReadonlySet<string>;
}

/** To be asked while they run: of a process that has ended there is less to see. */
export async function familyOf(members: readonly HaproxyProcess[]): Promise<Family> {
  return { programs: new Set(members.map(programOf)), traits: new Set(await Promise.all(members.map(traitsOf))) };
}

export function joined(one: Family, other: Family): Family {
  return {
    programs: new Set([...one.programs, ...other.programs]),
    traits: new Set([...one.traits, ...other.traits]),
  };
}

export async function runningMembers({ programs, traits }: Family): Promise<readonly HaproxyProcess[]> {
  const found: HaproxyProcess[] = [];
  for (const entry of await readdir('/proc')) {
    const process = /^\d+$/.test(entry) ? await readProcess(Number(entry)) : undefined;
    if (process === undefined || !programs.has(programOf(process))) continue;
    if (traits.has(await traitsOf(process))) found.push(process);
  }
  return found;
}

function programOf({ executable, args }: HaproxyProcess): string {
  return executable ?? args[0] ?? '';
}

/** What may not be seen is the same for all of them. */
async function traitsOf(process: HaproxyProcess): Promise<string> {
  const { files } = readCommandLine(process.args);
  const link = async (name: string): Promise<string | undefined> =>
    await readlink(`/proc/${process.pid}/${name}`).catch(() => undefined);
  const cwd = files.every((file) => file.startsWith('/')) ? '/' : await link('cwd');
  const paths = cwd === undefined ? files : files.map((file) => resolve(cwd, file));
  return JSON.stringify([programOf(process), paths, await link('ns/pid'), await link('ns/net')]);
}
