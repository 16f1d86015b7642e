import { readFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { splitChain } from '../certificate/chain.js';
import { readCertificate } from '../certificate/x509.js';
import { systemReason } from '../platform/coded-error.js';
import type { Deployment, Found, Inspection } from './deployer.js';
import type { DeployerSettings } from './deployer-settings.js';
import { asDeployError, lookAtHaproxy, openRuntimes, type FoundHaproxy } from './found-haproxy.js';
import { candidateNames } from './loaded-names.js';
import type { Runtime } from './runtime-api.js';
import { asFound, lookAtAll, planLooks, type Expected, type Seen } from './served-check.js';
import { showCertificate } from './ssl-cert.js';

/** Where each certificate is: in its file, in HAProxy's memory where a socket shows it, and in its service. */
export async function inspect(
  deployments: readonly Deployment[],
  settings: DeployerSettings,
): Promise<readonly Inspection[]> {
  const found = await lookAtHaproxy(settings);
  const runtimes = await openRuntimes(found, settings);
  const all = deployments.map((deployment) => ({ deployment, leaf: readCertificate(deployment.fullchain) }));
  const seen = await lookAtAll(await planLooks(all, found, settings), settings, 0);
  const inspections: Inspection[] = [];
  for (const expected of all) {
    const { deployment, leaf } = expected;
    inspections.push({
      certName: deployment.certName,
      stored: `serial ${leaf.serial}, valid until ${new Date(leaf.notAfter).toISOString().slice(0, 10)}`,
      disk: [await onDisk(deployment)],
      memory:
        'open' in runtimes ? await inMemory(expected, runtimes.open, found) : unreachable(runtimes.refusal, settings),
      served: worstOfEach(seen.filter((each) => each.expected === expected)).map(asFound),
    });
  }
  return inspections;
}

/** Of the looks at one place for one name, one that shows another certificate. */
function worstOfEach(seen: readonly Seen[]): readonly Seen[] {
  const kept = new Map<string, Seen>();
  for (const each of seen) {
    const key = `${each.place} ${each.name}`;
    if (kept.get(key)?.good ?? true) kept.set(key, each);
  }
  return [...kept.values()];
}

/** A socket that the user names is to answer; one that is only found in a configuration may be for others. */
function unreachable(refusal: Error | undefined, { sockets }: DeployerSettings): readonly Found[] {
  if (refusal === undefined || sockets.length === 0) return [];
  return [{ place: sockets.join(', '), name: undefined, same: false, seen: refusal.message }];
}

async function onDisk({ bundle, fullchain }: Deployment): Promise<Found> {
  const at = { place: bundle, name: undefined };
  try {
    const leaf = splitChain(await readFile(bundle, 'utf8'))?.leaf;
    if (leaf === undefined) return { ...at, same: false, seen: 'there is no certificate in it' };
    const certificate = readCertificate(leaf);
    const same = certificate.fingerprint === readCertificate(fullchain).fingerprint;
    return { ...at, same, seen: `serial ${certificate.serial}` };
  } catch (error) {
    return { ...at, same: false, seen: systemReason(error) };
  }
}

async function inMemory(
  { deployment }: Expected,
  runtimes: readonly Runtime[],
  { config, cwd, names }: FoundHaproxy,
): Promise<readonly Found[]> {
  const { fingerprint, serialNumber } = new X509Certificate(deployment.fullchain);
  const wanted = fingerprint.replaceAll(':', '');
  return await Promise.all(
    runtimes.map(async (runtime) => {
      const at = { place: runtime.address, name: undefined };
      try {
        for (const name of candidateNames(deployment.bundle, config, cwd, names)) {
          const loaded = await showCertificate(runtime, name);
          if (loaded === undefined) continue;
          const same = loaded.sha1 === wanted || (loaded.sha1 === undefined && loaded.serial === serialNumber);
          return { ...at, same, seen: `${name}, serial ${loaded.serial?.toLowerCase() ?? 'unknown'}` };
        }
        return { ...at, same: false, seen: `HAProxy has not loaded ${deployment.bundle}` };
      } catch (error) {
        return { ...at, same: false, seen: asDeployError(error).message };
      }
    }),
  );
}
