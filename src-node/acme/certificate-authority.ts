import type { Challenge, ChallengePublisher, ChallengeType } from '../challenge/challenge-publisher.js';
import type { SelfCheckReport } from '../challenge/self-check/self-check.js';

/** What is asked of a CA. */
export interface IssueRequest {
  /** DNS names in A-label form and IP addresses, the first one naming the certificate. */
  readonly names: readonly string[];
  /** The certificate signing request (RFC 2986) for these names, as DER. */
  readonly csr: (names: readonly string[]) => Promise<Buffer>;
  readonly publisher: ChallengePublisher;
  /** Looks at published challenges as the CA will; what it refuses is not initiated, and so costs nothing at the CA. */
  readonly selfCheck: SelfCheck;
  readonly wishes: IssueWishes;
  /** Told as things happen, for progress. */
  readonly onStep: (step: IssueStep) => void;
}

export type SelfCheck = (challenges: readonly Challenge[]) => Promise<Pick<SelfCheckReport, 'passed' | 'refusal'>>;

/** How an order is to be gone about. */
export interface IssueWishes {
  /** The kinds of challenge to be used, the one to be chosen first in front; empty: the publisher's own choice. */
  readonly challenges: readonly ChallengeType[];
  /** Common name of the topmost issuer of the chain to be taken; the CA's default chain where none has it. */
  readonly preferredChain: string | undefined;
  /** Profile of the order; where it is required, a CA without it is refused. */
  readonly profile: { readonly name: string; readonly required: boolean } | undefined;
  /** Goes on with the names that are validated when others are not. */
  readonly allowSubset: boolean;
  /** Validates every name anew: authorizations that are valid already are deactivated (RFC 8555 section 7.5.2). */
  readonly fresh: boolean;
}

export type IssueStep =
  | { readonly kind: 'account'; readonly made: boolean }
  | { readonly kind: 'ordered' }
  | {
      readonly kind: 'published' | 'self-checked' | 'validating' | 'validated' | 'already-valid';
      readonly name: string;
    }
  /** Left out of the certificate, since its control was not shown. */
  | { readonly kind: 'left-out'; readonly name: string; readonly reason: string }
  /** Authorizations that were valid already are deactivated, and the order is made anew. */
  | { readonly kind: 'ordered-anew' }
  | { readonly kind: 'finalizing' }
  /** No chain of the CA has the preferred issuer: its default one is taken. */
  | { readonly kind: 'chain-unmatched'; readonly issuer: string }
  | { readonly kind: 'downloaded' };

export interface IssuedCertificate {
  /** PEM, leaf first (RFC 8555 section 9.1). */
  readonly chain: string;
  /** Name of the account's directory. */
  readonly account: string;
  /** Those of the request, without the ones that were left out. */
  readonly names: readonly string[];
}

/** RFC 5280 section 5.3.1, as far as certbot has names for them. */
export const revocationReasons = {
  unspecified: 0,
  keycompromise: 1,
  affiliationchanged: 3,
  superseded: 4,
  cessationofoperation: 5,
} as const;
export type RevocationReason = keyof typeof revocationReasons;

export interface RevokeRequest {
  /** PEM. */
  readonly certificate: string;
  readonly reason: RevocationReason;
  /** PEM of the certificate's own private key, to sign by; the account signs where there is none (RFC 8555 section 7.6). */
  readonly privateKey: string | undefined;
}

/** An authority that issues certificates by ACME. */
export interface CertificateAuthority {
  /**
   * MUST withdraw every challenge that it published, on success, on failure and when aborted.
   * @throws AcmeError, or whatever the publisher throws.
   */
  issue(request: IssueRequest): Promise<IssuedCertificate>;
  /** Succeeds for a certificate that is revoked already. @throws AcmeError. */
  revoke(request: RevokeRequest): Promise<void>;
  /** Gives its connections free. */
  close(): void;
}
