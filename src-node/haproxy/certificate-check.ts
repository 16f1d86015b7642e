import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemReason } from '../platform/coded-error.js';
import { checkConfig, findHaproxy, isExecutable, type ConfigCheck } from './config-check.js';
import { DeployError } from './deploy-error.js';
import type { DeployerSettings } from './deployer-settings.js';
import type { FoundHaproxy } from './found-haproxy.js';
import { fail, type Failed, type Placed, type Sorted } from './place-bundles.js';

/**
 * What the Runtime API takes HAProxy may refuse at its next start, such as a chain below the machine's security level. So
 * the program loads the new bundles by themselves first, under the global settings that judge certificates. Where there
 * is no program to ask, all pass.
 */
export async function siftLoadable(
  placed: readonly Placed[],
  found: FoundHaproxy,
  settings: DeployerSettings,
): Promise<Sorted> {
  const bin = await programOf(found, settings);
  if (bin === undefined) return { placed, failed: [] };
  const directory = await mkdtemp(join(tmpdir(), 'haproxy-acme-')).catch(unwritable);
  const file = join(directory, 'check.cfg');
  const check = async (some: readonly Placed[]): Promise<ConfigCheck> => {
    await writeFile(file, checkText(some, found), { mode: 0o600 }).catch(unwritable);
    return await checkConfig(bin, [file], found.running.context);
  };
  try {
    const answer = await check(placed);
    // Settings that this program does not take by themselves say nothing about a certificate.
    if (answer.valid || !(await check([])).valid) return { placed, failed: [] };
    return await sift(placed, answer.alerts, check);
  } finally {
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

function unwritable(error: unknown): never {
  const message = `Cannot write what HAProxy is to check to ${tmpdir()}: ${systemReason(error)}.`;
  throw new DeployError('haproxy-check-failed', message, { cause: error });
}

async function sift(
  rejected: readonly Placed[],
  alerts: readonly string[],
  check: (some: readonly Placed[]) => Promise<ConfigCheck>,
): Promise<Sorted> {
  if (rejected.length === 1) return { placed: [], failed: fail(rejected, rejection(alerts)) };
  const half = Math.ceil(rejected.length / 2);
  const [placed, failed]: [Placed[], Failed[]] = [[], []];
  for (const some of [rejected.slice(0, half), rejected.slice(half)]) {
    const answer = await check(some);
    const sifted = answer.valid ? { placed: some, failed: [] } : await sift(some, answer.alerts, check);
    placed.push(...sifted.placed);
    failed.push(...sifted.failed);
  }
  return { placed, failed };
}

async function programOf(
  { running }: FoundHaproxy,
  { bin, cfg, searchPath }: DeployerSettings,
): Promise<string | undefined> {
  const executable = 'processes' in running ? running.processes[0]?.executable : undefined;
  if (bin === undefined && executable !== undefined && (await isExecutable(executable))) return executable;
  if (bin === undefined && cfg.length === 0) return undefined;
  return await findHaproxy(bin, searchPath).catch(() => undefined);
}

function checkText(placed: readonly Placed[], { judging }: FoundHaproxy): string {
  const binds = placed.map(({ bundle }) => `  bind 127.0.0.1:1 ssl crt ${bundle.path.replace(/[\s\\'"#$]/g, '\\$&')}`);
  const lines = ['global', ...judging, 'frontend check', '  mode tcp', '  timeout client 1s', '  bind 127.0.0.1:1'];
  return `${[...lines, ...binds].join('\n')}\n`;
}

function rejection(details: readonly string[]): DeployError {
  return new DeployError(
    'haproxy-config-rejected',
    'HAProxy would not load the new certificate at its next start; the bundle is as it was and HAProxy was not touched.',
    { details },
  );
}
