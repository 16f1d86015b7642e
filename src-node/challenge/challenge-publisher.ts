/** The kinds of challenge that can be answered here (RFC 8555 section 8). */
export const challengeTypes = ['http-01', 'dns-01', 'tls-alpn-01'] as const;
export type ChallengeType = (typeof challengeTypes)[number];

/** Where http-01 is asked for; the token is behind it (RFC 8555 section 8.3). */
export const challengePath = '/.well-known/acme-challenge/';

/** A token of a CA, which comes from the network (RFC 8555 section 8.3): base64url. 128 bits are the least, 22 characters; CAs take 43. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(text);
}

/** A challenge to be answered for one name. */
export interface Challenge {
  readonly type: ChallengeType;
  /** The DNS name, without `*.`, or the IP address whose control is shown. */
  readonly name: string;
  /** base64url, checked by whoever reads it from the CA. */
  readonly token: string;
  /** RFC 8555 section 8.1. */
  readonly keyAuthorization: string;
  /**
   * What is shown: the key authorization; for dns-01 its digest as the TXT record holds it (RFC 8555 section 8.4); for
   * tls-alpn-01 its digest in hex, which the certificate holds (RFC 8737 section 3).
   */
  readonly validation: string;
}

/** A way to make challenges answerable. */
export interface ChallengePublisher {
  /** The kinds that it answers, the one to be chosen first in front. */
  readonly types: readonly ChallengeType[];
  /** Looks before an order whether challenges for `names` could be published. MUST leave nothing behind. */
  check(names: readonly string[]): Promise<void>;
  /**
   * All challenges of an order at once. MUST resolve only once requests for them would be answered, and MUST leave
   * nothing behind when it rejects. MUST be safe to call again before the challenges of another order are withdrawn.
   */
  publish(challenges: readonly Challenge[]): Promise<void>;
  /** MUST succeed for challenges that were never published or are withdrawn already. */
  withdraw(challenges: readonly Challenge[]): Promise<void>;
}
