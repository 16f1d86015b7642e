import type { DirectoryMeta } from './directory.js';
import type { AccountState, AcmeChallenge, Authorization, Order } from './resources.js';

/** A resource as polled, with the pause that the CA asks for. */
export interface Polled<T> {
  readonly value: T;
  /** Seconds, from Retry-After. */
  readonly retryAfter: number | undefined;
}

/** What is asked for by an order (RFC 8555 section 7.4). */
export interface NewOrder {
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  readonly profile: string | undefined;
}

/** Shows to whom at the CA a new account belongs (RFC 8555 section 7.3.4). */
export interface ExternalAccountBinding {
  readonly kid: string;
  /** base64url. */
  readonly hmacKey: string;
}

/** A chain as PEM, and the URLs of the other chains to the same certificate. */
export interface DownloadedChain {
  readonly pem: string;
  readonly alternates: readonly string[];
}

/** The protocol (RFC 8555) for one account key: each method is one signed request, repeated only for its nonce. */
export interface AcmeConnection {
  readonly meta: DirectoryMeta;
  /** Registers the key; returns the account's URL. The terms of service count as agreed to. */
  readonly register: (emails: readonly string[], eab: ExternalAccountBinding | undefined) => Promise<string>;
  /** URL of the account that the key has already, if it has one (section 7.3.1). */
  readonly findAccount: () => Promise<string | undefined>;
  readonly account: () => Promise<AccountState>;
  /** Sets members of the account (sections 7.3.2 and 7.3.6). */
  readonly updateAccount: (members: object) => Promise<AccountState>;
  /** Gives the account another key, as PEM (section 7.3.5); this connection goes on signing with the old one. */
  readonly changeKey: (newKey: string) => Promise<void>;
  readonly newOrder: (order: NewOrder) => Promise<Order>;
  readonly order: (url: string) => Promise<Polled<Order>>;
  readonly authorization: (url: string) => Promise<Polled<Authorization>>;
  /** Section 7.5.2. */
  readonly deactivateAuthorization: (url: string) => Promise<void>;
  /** Tells the CA that the challenge is answered (section 7.5.1). */
  readonly initiate: (challenge: AcmeChallenge) => Promise<void>;
  readonly finalize: (order: Order, csr: Buffer) => Promise<void>;
  readonly download: (url: string) => Promise<DownloadedChain>;
  /** Section 7.6. Without an account the key is taken to be the certificate's own. */
  readonly revoke: (certificate: Buffer, reason: number) => Promise<void>;
}
