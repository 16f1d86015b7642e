import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { runOrThrow } from '../support/child.js';
import { haproxyBin } from '../support/haproxy.js';
import { wrkVersion } from './wrk.js';

/** What the figures were measured on, and when. */
export interface Machine {
  readonly date: string;
  /** Of this package. */
  readonly version: string;
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly kernel: string;
  readonly haproxy: string;
  readonly lua: string;
  readonly node: string;
  readonly wrk: string;
}

export async function describeMachine(version: string): Promise<Machine> {
  const about = await runOrThrow(haproxyBin, ['-vv']);
  return {
    date: new Date().toISOString().slice(0, 10),
    version,
    cpu: cpus()[0]?.model ?? 'an unknown CPU',
    cores: cpus().length,
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux',
    kernel: release(),
    haproxy: `HAProxy ${/version (\S+)/.exec(about)?.[1] ?? 'of unknown version'}`,
    lua: /Lua version : Lua (\S+)/.exec(about)?.[1] ?? 'none',
    node: process.versions.node,
    wrk: await wrkVersion(),
  };
}

/** The load average over one minute. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}
