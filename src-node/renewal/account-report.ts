/** An account as reported. */
export interface AccountReport {
  readonly done: 'registered' | 'shown' | 'updated' | 'deactivated' | 'left';
  readonly server: string;
  /** Name of its directory. */
  readonly id: string;
  readonly url: string;
  /** What the CA has of it; undefined for one that it has no more. */
  readonly details: { readonly thumbprint: string; readonly emails: readonly string[] } | undefined;
  /** The name that it had before it got a new key. */
  readonly replaces: string | undefined;
}
