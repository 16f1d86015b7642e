import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, type RunOptions, type RunResult } from './child.js';
import type { Stage } from './stage.js';

/** certbot or haproxy-acme, called in the same way. */
export type Program = (args: readonly string[], options?: RunOptions) => Promise<RunResult>;

/** Where a program keeps its files: a directory of the stage, or the stage's own, which are then shared. */
export function directoryFlags(stage: Stage, root = ''): readonly string[] {
  return ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(join(root, kind))]);
}

const unattended = ['-n', '--agree-tos', '--no-random-sleep-on-renew'];

/** The distribution's certbot as a client of the stage's CA. */
export function certbotOn(stage: Stage, root = ''): Program {
  const first = [...directoryFlags(stage, root), ...unattended, '--server', stage.pebble.directoryUrl];
  return async (args, options = {}) =>
    await run('certbot', [...first, ...args], {
      ...options,
      env: { REQUESTS_CA_BUNDLE: stage.pebble.caFile, ...options.env },
    });
}

/** The built command, called as `certbotOn` calls certbot. */
export function commandOn(stage: Stage, root = ''): Program {
  const first = [...directoryFlags(stage, root), ...unattended, '--server', stage.pebble.directoryUrl];
  return async (args, options = {}) => await stage.command([...first, ...args], options);
}

/** As `program`, and throws with the program's words when it does not exit 0. */
export function must(program: Program): Program {
  return async (args, options) => {
    const result = await program(args, options);
    if (result.code === 0) return result;
    throw new Error(`${args.join(' ')} exited ${String(result.code)}: ${result.stderr}${result.stdout}`);
  };
}

/** The directories of accounts below a configuration directory, as HOST/PATH/ID. */
export function storedAccounts(configDir: string): readonly string[] {
  return readdirSync(join(configDir, 'accounts'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\/[0-9a-f]{32}$/.test(path))
    .sort();
}

/** How many accounts the CA has. */
export function accountsAt(stage: Stage): number {
  return Number([...stage.pebble.output().matchAll(/There are now (\d+) accounts in memory/g)].at(-1)?.[1] ?? '0');
}

/** The value of a key of a renewal configuration, in whatever section. */
export function confLine(stage: Stage, certName: string, key: string): string | undefined {
  return new RegExp(`^${key} = (.*)$`, 'm').exec(readFileSync(stage.renewalConf(certName), 'utf8'))?.[1];
}
