import { access, readFile } from 'node:fs/promises';
import { readCertificate, type CertificateInfo } from '../certificate/x509.js';
import { bundlePath } from '../haproxy/bundle-directory.js';
import type { Lineage } from '../lineage/lineage.js';
import { LineageError } from '../lineage/lineage-error.js';
import type { LineageStore } from '../lineage/lineage-store.js';
import { systemReason } from '../platform/coded-error.js';
import type { Outcome } from './outcome.js';
import type { Candidate } from './plan-renewals.js';
import { RenewalError } from './renewal-error.js';

export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** Lineages that cannot be used, as they are reported. */
  readonly broken: readonly Outcome[];
  /** Whether an interrupted run has left something that can be mended. */
  readonly repairable: boolean;
}

/** All lineages with what their renewal is decided by. */
export async function loadCandidates(store: LineageStore): Promise<Candidates> {
  const listing = await store.list();
  const broken: Outcome[] = listing.broken.map(({ certName, reason }) => brokenOutcome(certName, reason));
  const candidates: Candidate[] = [];
  for (const lineage of listing.lineages) {
    try {
      candidates.push({
        lineage,
        certificate: await readLiveCertificate(lineage),
        bundlePresent: await hasBundle(lineage),
      });
    } catch (error) {
      const reason = `The certificate ${lineage.live.cert} cannot be read: ${systemReason(error)}.`;
      broken.push(brokenOutcome(lineage.certName, reason));
    }
  }
  return { candidates, broken, repairable: listing.repairable.length > 0 };
}

/** As `loadCandidates`, after what interrupted runs have left is mended; under the lock. Tells what was mended. */
export async function mendedCandidates(
  store: LineageStore,
): Promise<Candidates & { readonly repairs: readonly string[] }> {
  const first = await loadCandidates(store);
  if (!first.repairable) return { ...first, repairs: [] };
  const repairs = await store.repair();
  return { ...(await loadCandidates(store)), repairs: repairs.map(({ text }) => text) };
}

/** The lineage of a name, whole. @throws RenewalError `no-such-lineage`, or LineageError `lineage-broken`. */
export async function requireCandidate(store: LineageStore, certName: string): Promise<Candidate> {
  const { candidates, broken } = await loadCandidates(store);
  const found = candidates.find(({ lineage }) => lineage.certName === certName);
  if (found !== undefined) return found;
  const outcome = broken.find((entry) => entry.certName === certName);
  if (outcome?.kind === 'broken') throw new LineageError('lineage-broken', outcome.error.message);
  throw new RenewalError('no-such-lineage', `There is no lineage '${certName}'.`);
}

/** The lineage whose live certificate has this SHA-256, if there is one. */
export async function ownerOf(fingerprint: string, store: LineageStore): Promise<string | undefined> {
  const { candidates } = await loadCandidates(store);
  return candidates.find(({ certificate }) => certificate.fingerprint === fingerprint)?.lineage.certName;
}

function brokenOutcome(certName: string, reason: string): Outcome {
  return { kind: 'broken', certName, error: new LineageError('lineage-broken', reason) };
}

export async function readLiveCertificate(lineage: Lineage): Promise<CertificateInfo> {
  return readCertificate(await readFile(lineage.live.cert, 'utf8'));
}

async function hasBundle(lineage: Lineage): Promise<boolean> {
  const bundle = bundlePath(lineage.settings.haproxy, lineage.certName);
  if (bundle === undefined) return true;
  return await access(bundle).then(
    () => true,
    () => false,
  );
}
