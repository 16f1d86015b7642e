import type { ChallengePublisher } from '../challenge/challenge-publisher.js';

/** What is asked of a CA. */
export interface IssueRequest {
  /** DNS names in A-label form, the first one naming the certificate. */
  readonly names: readonly string[];
  /** PKCS#8 PEM of the key that the certificate is for. */
  readonly privateKey: string;
  readonly publisher: ChallengePublisher;
  /** Told as things happen, for progress. */
  readonly onStep: (step: IssueStep) => void;
}

export type IssueStep =
  | { readonly kind: 'account'; readonly made: boolean }
  | { readonly kind: 'ordered' }
  | { readonly kind: 'published' | 'validating' | 'validated' | 'already-valid'; readonly name: string }
  | { readonly kind: 'finalizing' }
  | { readonly kind: 'downloaded' };

export interface IssuedCertificate {
  /** PEM, leaf first (RFC 8555 section 9.1). */
  readonly chain: string;
  /** Name of the account's directory. */
  readonly account: string;
}

/** An authority that issues certificates by ACME. */
export interface CertificateAuthority {
  /**
   * MUST withdraw every challenge that it published, on success, on failure and when aborted.
   * @throws AcmeError, or whatever the publisher throws.
   */
  issue(request: IssueRequest): Promise<IssuedCertificate>;
  /** Gives its connections free. */
  close(): void;
}
