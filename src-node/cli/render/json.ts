import type { ErrorInfo } from '../../platform/coded-error.js';
import type { CommandReport, Outcome } from '../../renewal/outcome.js';
import type { CertificateListing } from '../commands/certificates.js';

/** Keys and tokens never appear here: paths, names and dates only. */
export function reportJson({ outcomes, reloads, reasons, warnings }: CommandReport): string {
  const described = outcomes.map((outcome) => {
    const reason = outcome.kind === 'issued' ? reasons.get(outcome.certName) : undefined;
    return { ...outcomeJson(outcome), ...(reason === undefined ? {} : { reason }) };
  });
  return stringify({ outcomes: described, reloads, warnings });
}

export function errorJson(error: ErrorInfo): string {
  return stringify({ error: errorMembers(error) });
}

export function listingJson(listing: CertificateListing): string {
  const certificates = listing.certificates.map(({ lineage, certificate, dueAt, bundle, deployed }) => ({
    certName: lineage.certName,
    names: certificate.names,
    serial: certificate.serial,
    keyType: certificate.keyType,
    issuer: certificate.issuer,
    fingerprint: certificate.fingerprint,
    notBefore: iso(certificate.notBefore),
    notAfter: iso(certificate.notAfter),
    dueAt: iso(dueAt),
    version: lineage.version,
    server: lineage.settings.server,
    live: lineage.live,
    haproxy: bundle === undefined ? null : { bundle, inService: deployed },
  }));
  return stringify({ certificates, broken: listing.broken.map(outcomeJson) });
}

function outcomeJson(outcome: Outcome): object {
  const { kind, certName } = outcome;
  switch (outcome.kind) {
    case 'not-due':
      return { kind, certName, dueAt: iso(outcome.dueAt) };
    case 'autorenew-off':
      return { kind, certName };
    case 'issued': {
      const { issued, lineage, deployment } = outcome;
      const { names, notAfter, fingerprint } = issued;
      return {
        kind,
        certName,
        names,
        notAfter: iso(notAfter),
        fingerprint,
        version: lineage.version,
        live: lineage.live,
        deployment,
      };
    }
    case 'deployed':
      return {
        kind,
        certName,
        version: outcome.lineage.version,
        live: outcome.lineage.live,
        deployment: outcome.deployment,
      };
    case 'stored-not-deployed':
      return {
        kind,
        certName,
        version: outcome.lineage.version,
        issued: outcome.issued !== undefined,
        error: errorMembers(outcome.error),
      };
    case 'tested':
      return { kind, certName, names: outcome.names, server: outcome.server };
    case 'reconfigured':
    case 'deleted':
      return { kind, certName };
    case 'written': {
      const { names, notAfter, fingerprint } = outcome.issued;
      return { kind, certName, names, notAfter: iso(notAfter), fingerprint, files: outcome.files };
    }
    case 'installed':
      return { kind, certName, bundle: outcome.bundle };
    case 'revoked':
      return { kind, certName, deleted: outcome.deleted, kept: outcome.kept };
    case 'failed':
    case 'broken':
      return { kind, certName, error: errorMembers(outcome.error) };
  }
}

function errorMembers({ code, message, hint, details }: ErrorInfo): object {
  return { code, message, hint, details };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function stringify(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
