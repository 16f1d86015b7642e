import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployMode } from '../../src-node/lineage/haproxy-settings.js';
import { loopback } from '../support/loopback.js';
import { startLoaded, type LoadedHaproxy } from './loaded-haproxy.js';
import type { BenchCertificate, CertificateMaker } from './many-certificates.js';
import { answersDuring } from './wrk.js';

export const loadWays = ['take-over', 'runtime', 'reload'] as const;
export type LoadWay = (typeof loadWays)[number];

export interface LoadPlan {
  readonly directory: string;
  readonly make: CertificateMaker;
  readonly renewals: number;
  readonly progress: (text: string) => void;
}

export interface LoadCost {
  readonly way: LoadWay;
  readonly renewals: number;
  readonly answers: number;
  readonly failed: number;
}

const modes: Readonly<Record<LoadWay, DeployMode>> = { 'take-over': 'none', runtime: 'runtime', reload: 'reload' };
const loaded = 100;
const name = 'n0.bench.test';

/** Requests that fail while a certificate is renewed again and again, each way on a HAProxy of its own. */
export async function measureUnderLoad(plan: LoadPlan): Promise<readonly LoadCost[]> {
  const certificates = new Map<string, BenchCertificate>();
  for (let index = 0; index < loaded; index += 1) {
    certificates.set(`n${index}.bench.test`, await plan.make(`n${index}.bench.test`));
  }
  const costs: LoadCost[] = [];
  for (const way of loadWays) {
    const haproxy = await startLoaded(join(plan.directory, `load-${way}`), certificates, modes[way]);
    try {
      const { answers, failed } = await answersDuring(`https://${loopback}:${haproxy.port}/`, async () => {
        for (let number = 1; number <= plan.renewals; number += 1) {
          plan.progress(`renewals under load, ${way}, round ${number} of ${plan.renewals}`);
          await renew(haproxy, way, await plan.make(name));
        }
      });
      costs.push({ way, renewals: plan.renewals, answers, failed });
    } finally {
      await haproxy.stop();
    }
  }
  return costs;
}

/** Goes on when the new certificate is served and no process of before is left. */
async function renew(haproxy: LoadedHaproxy, way: LoadWay, certificate: BenchCertificate): Promise<void> {
  const before = haproxy.pid();
  if (way === 'take-over') {
    writeFileSync(haproxy.bundle(name), certificate.bundle);
    await haproxy.takeOver();
  } else {
    await haproxy.store(name, certificate);
    await haproxy.command(['deploy', '--cert-name', name]);
  }
  await haproxy.serves(name, certificate);
  if (haproxy.pid() !== before) await haproxy.ended(before);
}
