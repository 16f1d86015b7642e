/** What is stored for a token, unchecked; undefined when there is nothing. MUST NOT raise an error. */
export type Lookup = (token: string) => string | undefined;

/** One place that key authorizations come from. */
export interface ChallengeSource {
  /** For the log: `map`, `webroot` or `thumbprint`. */
  readonly name: string;
  readonly lookup: Lookup;
}
