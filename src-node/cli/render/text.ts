import { isStaging } from '../../config/config.js';
import type { FormerCertificate, ReloadReport } from '../../haproxy/deployer.js';
import type { ErrorInfo } from '../../platform/coded-error.js';
import type { CommandReport, Outcome } from '../../renewal/outcome.js';
import type { RenewalReason } from '../../renewal/plan-renewals.js';
import type { CertificateListing, ListedCertificate } from '../commands/certificates.js';

const day = 86_400_000;

/** `2026-11-20 15:19 UTC` */
export function instant(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** An error with its hint and details, a line each. */
export function errorText(error: ErrorInfo): string {
  const details = error.details.map((line) => `  ${line}\n`).join('');
  return `${error.message}\n${details}  ${error.hint} [${error.code}]\n`;
}

/** What went well, for stdout. */
export function successText(report: CommandReport): string {
  const lines = report.outcomes.flatMap((outcome) => successLines(outcome, report.reasons.get(outcome.certName)));
  if (report.sockets.length > 0) {
    lines.push(`HAProxy took it while running, by ${report.sockets.join(', ')}; nothing was reloaded.`);
  }
  lines.push(...report.reloads.flatMap(reloadLines), ...report.notes);
  return lines.map((line) => `${line}\n`).join('');
}

function reloadLines({ started, draining, hints }: ReloadReport): readonly string[] {
  const serving = started.length === 0 ? '' : `: ${processes(started)} serving`;
  const waits = draining.map(
    ({ pid, since, serving = [] }) =>
      `  process ${pid} finishes connections since ${instant(since)}, with ${formerText(serving)}`,
  );
  return [`HAProxy was reloaded softly${serving}.`, ...waits, ...hints.map((hint) => `  ${hint}`)];
}

function formerText([first, ...more]: readonly FormerCertificate[]): string {
  if (first === undefined) return 'the certificates of before';
  const { certName, serial, notAfter } = first;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return `the certificate of ${certName} of before (serial ${serial}, valid until ${instant(notAfter)})${others}`;
}

function processes(pids: readonly number[]): string {
  return pids.length === 1 ? `process ${pids.join()} is` : `processes ${pids.join(', ')} are`;
}

const reasonTexts: Readonly<Record<RenewalReason, string>> = {
  forced: '--force-renewal was given',
  lifetime: 'it was due',
  revoked: 'it was revoked',
  staging: 'it was of a staging CA',
  'key-type': 'another type of key was asked for',
  names: 'other names were asked for',
};

function successLines(outcome: Outcome, reason: RenewalReason | undefined): readonly string[] {
  switch (outcome.kind) {
    case 'not-due':
      return [`${outcome.certName} is not due before ${instant(outcome.dueAt)}.`];
    case 'autorenew-off':
      return [`${outcome.certName} is left alone: its renewal configuration has autorenew = False.`];
    case 'issued':
      return issuedLines(outcome, reason);
    case 'deployed':
      return [`${outcome.certName}: the stored certificate is given to HAProxy.`, ...bundleLine(outcome.deployment)];
    case 'tested':
      return [`${outcome.certName}: the dry run went well; ${outcome.server} would issue ${outcome.names.join(', ')}.`];
    case 'reconfigured':
      return [`${outcome.certName}: its renewals have the new settings, which a dry run has shown to work.`];
    case 'written':
      return writtenLines(outcome);
    case 'installed':
      return [
        `${outcome.certName}: the certificate is given to HAProxy.`,
        `  bundle of HAProxy      ${outcome.bundle}`,
      ];
    case 'revoked':
      return [
        `${outcome.certName}: the certificate is revoked.`,
        ...outcome.deleted.map((certName) => `${certName}: the lineage is deleted.`),
        ...(outcome.kept === undefined ? [] : [outcome.kept]),
      ];
    case 'deleted':
      return [`${outcome.certName}: the lineage is deleted.`];
    case 'left':
      return [`${outcome.certName}: the lineage is left as it is.`];
    case 'stored-not-deployed':
    case 'rolled-back':
    case 'failed':
    case 'broken':
      return [];
  }
}

function issuedLines(
  { certName, lineage, issued, deployment }: Extract<Outcome, { kind: 'issued' }>,
  reason: RenewalReason | undefined,
): readonly string[] {
  const why = reason === undefined ? [] : [`  renewed because        ${reasonTexts[reason]}`];
  return [
    `${certName}: a certificate for ${issued.names.join(', ')} is issued, valid until ${instant(issued.notAfter)}.`,
    ...why,
    `  certificate and chain  ${lineage.live.fullchain}`,
    `  private key            ${lineage.live.privkey}`,
    ...bundleLine(deployment),
  ];
}

function writtenLines({ issued, files }: Extract<Outcome, { kind: 'written' }>): readonly string[] {
  return [
    `A certificate for ${issued.names.join(', ')} is issued, valid until ${instant(issued.notAfter)}.`,
    `  certificate            ${files.cert}`,
    `  chain                  ${files.chain}`,
    `  certificate and chain  ${files.fullchain}`,
  ];
}

function bundleLine(deployment: Extract<Outcome, { kind: 'issued' }>['deployment']): readonly string[] {
  if (deployment.kind === 'none') return [];
  if (deployment.kind === 'bundle-only') {
    return [`  bundle of HAProxy      ${deployment.bundle} (HAProxy was not told: no way to it is set)`];
  }
  const { bundle, handshakes } = deployment;
  const seen =
    handshakes === 0
      ? 'no handshake was made: no bind, or no name to ask it for, is known'
      : handshakesText(handshakes);
  return [`  bundle of HAProxy      ${bundle}`, `  seen to be served      ${seen}`];
}

function handshakesText(count: number): string {
  return count === 1 ? 'by a TLS handshake' : `by ${count} TLS handshakes`;
}

const failureHeads = {
  'stored-not-deployed': 'the certificate is stored, but HAProxy does not serve it yet. ',
  'rolled-back': 'the certificate is stored, and HAProxy is back at the one before. ',
  failed: '',
  broken: '',
} as const;

/** What went wrong, for stderr; it is shown with -q too. */
export function failureText(outcomes: readonly Outcome[]): string {
  return outcomes.map(failureOf).join('');
}

function failureOf(outcome: Outcome): string {
  if (!('error' in outcome)) return '';
  return `${outcome.certName}: ${failureHeads[outcome.kind]}${errorText(outcome.error)}`;
}

/** The list of lineages, in the words that scripts look for in certbot's. */
export function listingText(listing: CertificateListing, now: number): string {
  const found = listing.certificates.map((entry) => certificateText(entry, now)).join('');
  const head = listing.certificates.length === 0 ? 'No certificates found.\n' : `Found the following certs:\n${found}`;
  return `${head}${failureText(listing.broken)}`;
}

function certificateText({ lineage, certificate, bundle, deployed, revoked }: ListedCertificate, now: number): string {
  const left = certificate.notAfter - now;
  const reasons = [
    ...(isStaging(lineage.settings.server) ? ['TEST_CERT'] : []),
    ...(left <= 0 ? ['EXPIRED'] : revoked ? ['REVOKED'] : []),
  ];
  const state = reasons.length > 0 ? `INVALID: ${reasons.join(', ')}` : `VALID: ${span(left)}`;
  const lines = [
    `  Certificate Name: ${lineage.certName}`,
    `    Serial Number: ${certificate.serial}`,
    `    Key Type: ${certificate.keyType.toUpperCase()}`,
    `    Domains: ${certificate.names.join(' ')}`,
    `    Expiry Date: ${new Date(certificate.notAfter).toISOString().slice(0, 19).replace('T', ' ')}+00:00 (${state})`,
    `    Certificate Path: ${lineage.live.fullchain}`,
    `    Private Key Path: ${lineage.live.privkey}`,
    ...(bundle === undefined
      ? []
      : [`    HAProxy Bundle: ${bundle} (${deployed ? 'in service' : 'not in service yet'})`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function span(milliseconds: number): string {
  const days = Math.floor(milliseconds / day);
  if (days > 1) return `${days} days`;
  return days === 1 ? '1 day' : `${Math.floor(milliseconds / 3_600_000)} hour(s)`;
}
