import type { CertificateAuthority, IssueStep, SelfCheck } from '../acme/certificate-authority.js';
import type { ChallengePublisher } from '../challenge/challenge-publisher.js';
import type { Deployer, DeployStep } from '../haproxy/deployer.js';
import type { HaproxySettings } from '../lineage/haproxy-settings.js';
import type { RenewalSettings } from '../lineage/lineage.js';
import type { LineageStore } from '../lineage/lineage-store.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import type { RevocationCheck } from './revocation.js';
import type { HookOutput, Hooks } from './hooks.js';

/** Something to show while a run goes on. */
export type Progress =
  | {
      readonly kind: 'issue';
      readonly certName: string;
      readonly names: readonly string[];
      readonly step: IssueStep | { readonly kind: 'started' | 'stored' };
    }
  | { readonly kind: 'deploy'; readonly certNames: readonly string[]; readonly step: DeployStep }
  | ({ readonly kind: 'hook' } & HookOutput);

/** The rooms that a run works with, as cli/compose has put them together. */
export interface Dependencies {
  readonly store: LineageStore;
  /** The CA of a lineage; loads the ACME half. */
  readonly authority: (settings: RenewalSettings) => Promise<CertificateAuthority>;
  /** The way to answer that a lineage has; loads it. */
  readonly publisher: (settings: RenewalSettings) => Promise<ChallengePublisher>;
  /** Looks at challenges as the CA will, and warns by itself; loads what does so. */
  readonly selfCheck: (settings: RenewalSettings) => SelfCheck;
  /** The deployer to the HAProxy of these settings. */
  readonly deployer: (settings: HaproxySettings) => Deployer;
  /** Those of this run. */
  readonly hooks: Hooks;
  /** False where HAProxy is given nothing in this run. */
  readonly install: boolean;
  /** Asks whether certificates are revoked; loads what speaks OCSP. */
  readonly checkRevocation: RevocationCheck;
  readonly logger: Logger;
  readonly clock: Clock;
  /** A yes or no of the user; yes where nobody is to be asked. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Aborts with a RenewalError as its reason when the user wants to stop. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}
