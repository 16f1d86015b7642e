import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployMode } from '../../src-node/lineage/haproxy-settings.js';
import { jsonReport } from '../support/report.js';
import { startLoaded, type LoadedHaproxy } from './loaded-haproxy.js';
import type { BenchCertificate, CertificateMaker } from './many-certificates.js';

export const dueWays = ['one by one', 'runtime', 'reload'] as const;
export type DueWay = (typeof dueWays)[number];

const modes: Readonly<Record<DueWay, DeployMode>> = { 'one by one': 'none', runtime: 'runtime', reload: 'reload' };

export interface DuePlan {
  readonly directory: string;
  readonly make: CertificateMaker;
  readonly certificates: number;
  readonly progress: (text: string) => void;
}

export interface DueCost {
  readonly way: DueWay;
  readonly certificates: number;
  /** Milliseconds until all were given to HAProxy. */
  readonly time: number;
  readonly reloads: number;
}

/** Many certificates that are stored and not yet HAProxy's, given to it: by one `renew`, and by a hook for each. */
export async function measureManyDue(plan: DuePlan): Promise<readonly DueCost[]> {
  const names = Array.from({ length: plan.certificates }, (_, index) => `n${index}.bench.test`);
  const versions = async (): Promise<Map<string, BenchCertificate>> => {
    const made = new Map<string, BenchCertificate>();
    for (const name of names) made.set(name, await plan.make(name));
    return made;
  };
  const costs: DueCost[] = [];
  const first = await versions();
  for (const way of dueWays) {
    plan.progress(`${names.length} certificates due at once, ${way}`);
    const haproxy = await startLoaded(join(plan.directory, `due-${way.replaceAll(' ', '-')}`), first, modes[way]);
    try {
      const due = await versions();
      const measure = way === 'one by one' ? oneByOne : inOnePass;
      costs.push({ way, certificates: names.length, ...(await measure(haproxy, due)) });
    } finally {
      await haproxy.stop();
    }
  }
  return costs;
}

type Cost = Pick<DueCost, 'time' | 'reloads'>;

async function inOnePass(haproxy: LoadedHaproxy, due: ReadonlyMap<string, BenchCertificate>): Promise<Cost> {
  for (const [name, certificate] of due) await haproxy.store(name, certificate);
  const start = performance.now();
  const result = await haproxy.command(['renew', '--json']);
  const time = performance.now() - start;
  const { outcomes, reloads } = jsonReport(result);
  const deployed = outcomes.filter(({ kind }) => kind === 'deployed').length;
  if (deployed !== due.size) throw new Error(`renew has deployed ${deployed} of ${due.size}: ${result.stdout}`);
  for (const [name, certificate] of due) await haproxy.serves(name, certificate);
  return { time, reloads: reloads.length };
}

/**
 * As a hook of certbot does it: the bundle is written, and a new process takes over. Each takes as long as the one before, so
 * that a tenth of them is measured, and the time and number of all is ten times that.
 */
async function oneByOne(haproxy: LoadedHaproxy, due: ReadonlyMap<string, BenchCertificate>): Promise<Cost> {
  const measured = [...due].slice(0, Math.max(1, due.size / 10));
  const start = performance.now();
  for (const [name, certificate] of measured) {
    const before = haproxy.pid();
    writeFileSync(haproxy.bundle(name), certificate.bundle);
    await haproxy.takeOver();
    await haproxy.ended(before);
    await haproxy.serves(name, certificate);
  }
  const factor = due.size / measured.length;
  return { time: (performance.now() - start) * factor, reloads: measured.length * factor };
}
