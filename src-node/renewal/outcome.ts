import type { ReloadReport } from '../haproxy/deployer.js';
import type { Lineage } from '../lineage/lineage.js';
import type { ErrorInfo } from '../platform/coded-error.js';
import type { RenewalReason } from './plan-renewals.js';

/** A certificate as reported. */
export interface Issued {
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  readonly fingerprint: string;
}

/** What became of one lineage in a run. */
export type Outcome =
  /** Nothing to do; milliseconds since 1970 at which there will be. */
  | { readonly kind: 'not-due'; readonly certName: string; readonly dueAt: number }
  /** `renew` leaves it alone: its configuration has `autorenew = False`. */
  | { readonly kind: 'autorenew-off'; readonly certName: string }
  /** A new version is stored, and in HAProxy where it was asked for. */
  | {
      readonly kind: 'issued';
      readonly certName: string;
      readonly lineage: Lineage;
      readonly issued: Issued;
      readonly deployment: DeploymentOutcome;
    }
  /** A version that was stored before has now been given to HAProxy. */
  | {
      readonly kind: 'deployed';
      readonly certName: string;
      readonly lineage: Lineage;
      readonly deployment: DeploymentOutcome;
    }
  /** Stored, and not in HAProxy: the next run tries the deployment again and orders nothing. */
  | {
      readonly kind: 'stored-not-deployed';
      readonly certName: string;
      readonly lineage: Lineage;
      /** Undefined where it was stored before this run. */
      readonly issued: Issued | undefined;
      readonly error: ErrorInfo;
    }
  /** HAProxy took it and did not serve it: everything there is as it was, and the next run tries again. */
  | {
      readonly kind: 'rolled-back';
      readonly certName: string;
      readonly lineage: Lineage;
      readonly issued: Issued | undefined;
      readonly error: ErrorInfo;
    }
  /** A dry run: the CA would issue it. */
  | { readonly kind: 'tested'; readonly certName: string; readonly names: readonly string[]; readonly server: string }
  /** The lineage's renewals have other settings now. */
  | { readonly kind: 'reconfigured'; readonly certName: string }
  /** A certificate that is kept in no lineage. */
  | {
      readonly kind: 'written';
      readonly certName: string;
      readonly issued: Issued;
      readonly files: Readonly<Record<'cert' | 'chain' | 'fullchain', string>>;
    }
  /** HAProxy has a certificate that is kept in no lineage. */
  | { readonly kind: 'installed'; readonly certName: string; readonly bundle: string }
  /** `kept`: why the lineage stays, where it does. */
  | {
      readonly kind: 'revoked';
      readonly certName: string;
      readonly deleted: readonly string[];
      readonly kept: string | undefined;
    }
  | { readonly kind: 'deleted'; readonly certName: string }
  /** The user has been asked, and has said no. */
  | { readonly kind: 'left'; readonly certName: string }
  | { readonly kind: 'failed'; readonly certName: string; readonly error: ErrorInfo }
  /** The lineage cannot be read. */
  | { readonly kind: 'broken'; readonly certName: string; readonly error: ErrorInfo };

export type DeploymentOutcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'bundle-only'; readonly bundle: string }
  /** `handshakes`: how many have shown the new certificate. */
  | { readonly kind: 'deployed'; readonly bundle: string; readonly handshakes: number };

/** What HAProxy was told in a run. */
export interface HaproxyReport {
  /** Reloads of HAProxy, one for each set of HAProxy settings at most. */
  readonly reloads: readonly ReloadReport[];
  /** The sockets by which it took certificates without a reload. */
  readonly sockets: readonly string[];
  /** What is to be known of the way that was taken, a sentence each. */
  readonly notes: readonly string[];
}

export const toldNothing: HaproxyReport = { reloads: [], sockets: [], notes: [] };

/** What was done in a run. */
export interface RunReport extends HaproxyReport {
  readonly outcomes: readonly Outcome[];
  /** Sentences about what went wrong beside the certificates. */
  readonly warnings: readonly string[];
}

/** A command as it is shown: what was done, and what there is to say of it. */
export interface CommandReport extends RunReport {
  /** Why a lineage was to be renewed, by certName; a new one has no entry. */
  readonly reasons: ReadonlyMap<string, RenewalReason>;
}

/** A command that renewed nothing. */
export function withoutRenewals(report: Pick<RunReport, 'outcomes'> & Partial<RunReport>): CommandReport {
  return { ...toldNothing, warnings: [], ...report, reasons: new Map() };
}

const isGood: Readonly<Record<Outcome['kind'], boolean>> = {
  'not-due': true,
  'autorenew-off': true,
  issued: true,
  deployed: true,
  tested: true,
  reconfigured: true,
  written: true,
  installed: true,
  revoked: true,
  deleted: true,
  left: true,
  'stored-not-deployed': false,
  'rolled-back': false,
  failed: false,
  broken: false,
};

export function hasFailed(outcome: Outcome): boolean {
  return !isGood[outcome.kind];
}
