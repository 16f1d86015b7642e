import type { CertificateInfo } from '../certificate/x509.js';
import type { Lineage } from '../lineage/lineage.js';
import { readRenewBefore } from '../lineage/renewal-rules.js';

/** A lineage with what its renewal is decided by. */
export interface Candidate {
  readonly lineage: Lineage;
  readonly certificate: CertificateInfo;
  /** False where HAProxy's directory lacks the bundle; true where none is wanted. */
  readonly bundlePresent: boolean;
}

/** `revoked`: its CA says so; `staging`: a test certificate gives way to one that is trusted; `key-type`: another kind of key is wanted; `names`: other names are. */
export type RenewalReason = 'forced' | 'lifetime' | 'revoked' | 'staging' | 'key-type' | 'names';

/** What is to be done with a lineage, and why. */
export type PlannedAction =
  | { readonly kind: 'renew'; readonly candidate: Candidate; readonly reason: RenewalReason }
  /** Stored by an earlier run, or by certbot, and not given to HAProxy yet. */
  | { readonly kind: 'deploy'; readonly candidate: Candidate }
  /** Milliseconds since 1970 at which it will be due. */
  | { readonly kind: 'keep'; readonly candidate: Candidate; readonly dueAt: number }
  /** Its configuration has `autorenew = False`. */
  | { readonly kind: 'leave'; readonly candidate: Candidate };

const day = 86_400_000;
const shortLived = 10 * day;

/**
 * When a certificate is due: once a third of its lifetime is left, or a half where it lives under ten days. Never a
 * fixed number of days, as lifetimes shrink, unless the lineage's configuration has one (`renew_before_expiry`).
 * @param renewBefore milliseconds before expiry, where that is so.
 * @returns milliseconds since 1970.
 */
export function dueAt(certificate: Pick<CertificateInfo, 'notBefore' | 'notAfter'>, renewBefore?: number): number {
  if (renewBefore !== undefined) return certificate.notAfter - renewBefore;
  const lifetime = certificate.notAfter - certificate.notBefore;
  return certificate.notAfter - lifetime / (lifetime < shortLived ? 2 : 3);
}

export interface PlanOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Why to renew what is not due too. */
  readonly because: Exclude<RenewalReason, 'lifetime' | 'revoked'> | undefined;
  /** Names of the lineages whose certificate is revoked. */
  readonly revoked: ReadonlySet<string>;
  /** True where the user asks for no certificate in particular: `autorenew = False` then counts. */
  readonly automatic: boolean;
}

export function planRenewals(candidates: readonly Candidate[], options: PlanOptions): readonly PlannedAction[] {
  return candidates.map((candidate): PlannedAction => {
    const { conf, settings } = candidate.lineage;
    const due = dueAt(candidate.certificate, readRenewBefore(conf));
    const left = options.automatic && !settings.autorenew;
    if (options.because !== undefined) return { kind: 'renew', candidate, reason: options.because };
    if (options.revoked.has(candidate.lineage.certName) && !left) {
      return { kind: 'renew', candidate, reason: 'revoked' };
    }
    if (options.now >= due && !left) return { kind: 'renew', candidate, reason: 'lifetime' };
    if (isUndeployed(candidate)) return { kind: 'deploy', candidate };
    if (left) return { kind: 'leave', candidate };
    return { kind: 'keep', candidate, dueAt: due };
  });
}

function isUndeployed({ lineage, bundlePresent }: Candidate): boolean {
  if (lineage.settings.haproxy.certDir === undefined) return false;
  return lineage.deployedVersion !== lineage.version || !bundlePresent;
}
