import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunResult } from './child.js';
import { jsonReport } from './report.js';
import { runtimeCommand } from './runtime-socket.js';
import type { CommandOptions, Stage } from './stage.js';

/** All that a deployment changes, as it is now. */
export interface HaproxyState {
  readonly files: readonly (readonly [name: string, content: string])[];
  readonly memory: string;
  readonly served: string;
}

export async function haproxyState(stage: Stage, certName: string): Promise<HaproxyState> {
  return {
    files: readdirSync(stage.certDir).map((file) => [file, readFileSync(join(stage.certDir, file), 'utf8')]),
    memory: await runtimeCommand(stage.socket, `show ssl cert ${stage.bundle(certName)}`),
    served: await stage.served(certName),
  };
}

/** Stores a new version that HAProxy is not told of; the way there is not disturbed. */
export async function storeVersion(stage: Stage): Promise<void> {
  const result = await stage.command(['renew', '--force-renewal', '--installer', 'null']);
  expect(result, result.stderr).toMatchObject({ code: 0 });
}

/** `deploy` of what is stored, with flags for this once. */
export async function deploy(stage: Stage, flags: readonly string[], options: CommandOptions = {}): Promise<RunResult> {
  return await stage.command(['deploy', '--json', ...flags], options);
}

/** The code by which a deployment of one certificate was refused; undefined where it was not, or more came of it. */
export function refusedAs(result: RunResult): string | undefined {
  const { outcomes, reloads, sockets } = jsonReport(result);
  const [outcome, ...others] = outcomes;
  const isRefused = result.code === 1 && outcome?.kind === 'stored-not-deployed';
  return isRefused && [...others, ...reloads, ...sockets].length === 0 ? outcome.error?.code : undefined;
}

/** The certificate is stored, on disk, in memory and served, and nothing else is left of the way there. */
export async function expectSettled(stage: Stage, certName: string): Promise<void> {
  expect(await stage.served(certName)).toBe(stage.stored(certName));
  const verified = await stage.command(['verify']);
  expect(verified, verified.stdout).toMatchObject({ code: 0 });
  expect(readdirSync(stage.certDir).filter((file) => file.startsWith('.'))).toEqual([]);
  expect(await runtimeCommand(stage.socket, 'abort ssl cert /dev/null')).toContain('No ongoing transaction!');
}

/** The next `renew` makes good what was refused, without an order. */
export async function expectMadeGood(stage: Stage, certName: string): Promise<void> {
  const orders = stage.orders();
  const resumed = await stage.command(['renew']);
  expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
  expect(stage.orders()).toBe(orders);
  await expectSettled(stage, certName);
}
