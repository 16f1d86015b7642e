import { readFile } from 'node:fs/promises';
import type { CheckedCertificate, OcspState } from '../ocsp/ocsp-checker.js';
import type { Clock } from '../platform/clock.js';
import type { Candidate } from './plan-renewals.js';

/** Asks the responders of certificates whether these are revoked (RFC 6960); in the same order, and never throws. */
export type RevocationCheck = (certificates: readonly CheckedCertificate[]) => Promise<readonly OcspState[]>;

/** True where there is somebody to be asked whether the certificate is revoked; many CAs have no responder any more. */
export function canBeAsked({ certificate }: Candidate, now: number): boolean {
  return certificate.ocspUrl !== undefined && certificate.notAfter > now;
}

/** Names of the lineages whose certificate is revoked. A responder that does not answer is passed over, as by certbot. */
export async function revokedNames(
  candidates: readonly Candidate[],
  { check, clock }: { readonly check: RevocationCheck; readonly clock: Clock },
): Promise<ReadonlySet<string>> {
  const now = clock.now();
  const asked = candidates.filter((candidate) => canBeAsked(candidate, now));
  if (asked.length === 0) return new Set();
  const states = await check(await Promise.all(asked.map(readPair)));
  return new Set(asked.filter((_, index) => states[index]?.kind === 'revoked').map(({ lineage }) => lineage.certName));
}

async function readPair({ lineage }: Candidate): Promise<CheckedCertificate> {
  const { cert, chain } = lineage.live;
  return { certificate: await readFile(cert, 'utf8'), issuer: await readFile(chain, 'utf8').catch(() => undefined) };
}
