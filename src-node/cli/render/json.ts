import type { ErrorInfo } from '../../platform/coded-error.js';
import type { ReloadReport } from '../../haproxy/deployer.js';
import type { Lineage } from '../../lineage/lineage.js';
import type { CommandReport, Issued, Outcome } from '../../renewal/outcome.js';
import type { CertificateListing } from '../commands/certificates.js';

/** Keys and tokens never appear here: paths, names and dates only. */
export function reportJson({ outcomes, reloads, sockets, notes, reasons, warnings }: CommandReport): string {
  const described = outcomes.map((outcome) => {
    const reason = outcome.kind === 'issued' ? reasons.get(outcome.certName) : undefined;
    return { ...outcomeJson(outcome), ...(reason === undefined ? {} : { reason }) };
  });
  return stringify({ outcomes: described, reloads: reloads.map(reloadJson), sockets, notes, warnings });
}

function reloadJson({ way, started, draining, hints }: ReloadReport): object {
  const left = draining.map(({ pid, since, serving }) => ({
    pid,
    since: iso(since),
    ...(serving && { serving: serving.map((former) => ({ ...former, notAfter: iso(former.notAfter) })) }),
  }));
  return { way, started, draining: left, hints };
}

export function errorJson(error: ErrorInfo): string {
  return stringify({ error: errorMembers(error) });
}

export function listingJson(listing: CertificateListing, warnings: readonly string[] = []): string {
  const certificates = listing.certificates.map(({ lineage, certificate, dueAt, bundle, deployed, revoked }) => ({
    certName: lineage.certName,
    names: certificate.names,
    serial: certificate.serial,
    keyType: certificate.keyType,
    issuer: certificate.issuer,
    fingerprint: certificate.fingerprint,
    notBefore: iso(certificate.notBefore),
    notAfter: iso(certificate.notAfter),
    dueAt: iso(dueAt),
    revoked,
    version: lineage.version,
    server: lineage.settings.server,
    live: lineage.live,
    haproxy: bundle === undefined ? null : { bundle, inService: deployed },
  }));
  return stringify({ certificates, broken: listing.broken.map(outcomeJson), warnings });
}

export function outcomeJson(outcome: Outcome): object {
  return { kind: outcome.kind, certName: outcome.certName, ...members(outcome) };
}

function members(outcome: Outcome): object {
  switch (outcome.kind) {
    case 'not-due':
      return { dueAt: iso(outcome.dueAt) };
    case 'autorenew-off':
    case 'reconfigured':
    case 'deleted':
    case 'left':
      return {};
    case 'issued':
      return { ...issuedMembers(outcome.issued), ...lineageMembers(outcome), deployment: outcome.deployment };
    case 'deployed':
      return { ...lineageMembers(outcome), deployment: outcome.deployment };
    case 'rolled-back':
    case 'stored-not-deployed': {
      const { lineage, issued, error } = outcome;
      return { version: lineage.version, issued: issued !== undefined, error: errorMembers(error) };
    }
    case 'tested':
      return { names: outcome.names, server: outcome.server };
    case 'written':
      return { ...issuedMembers(outcome.issued), files: outcome.files };
    case 'installed':
      return { bundle: outcome.bundle };
    case 'revoked':
      return { deleted: outcome.deleted, kept: outcome.kept };
    case 'failed':
    case 'broken':
      return { error: errorMembers(outcome.error) };
  }
}

function issuedMembers({ names, notAfter, fingerprint }: Issued): object {
  return { names, notAfter: iso(notAfter), fingerprint };
}

function lineageMembers({ lineage }: { readonly lineage: Lineage }): object {
  return { version: lineage.version, live: lineage.live };
}

function errorMembers({ code, message, hint, details }: ErrorInfo): object {
  return { code, message, hint, details };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function stringify(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
