/** An http-01 challenge (RFC 8555 section 8.3) to be answered for one name. */
export interface Challenge {
  /** The DNS name whose control is shown. */
  readonly name: string;
  /** base64url, checked by whoever reads it from the CA. */
  readonly token: string;
  readonly keyAuthorization: string;
}

/** A way to make challenges answerable. */
export interface ChallengePublisher {
  /** Looks before an order whether challenges for `names` could be published. MUST leave nothing behind. */
  check(names: readonly string[]): Promise<void>;
  /**
   * MUST resolve only once a request for the challenge would be answered, and MUST leave nothing behind when it rejects.
   * MUST be safe to call for several challenges at once.
   */
  publish(challenge: Challenge): Promise<void>;
  /** MUST succeed for a challenge that was never published or is withdrawn already. */
  withdraw(challenge: Challenge): Promise<void>;
}
