import type { HaproxySettings } from './haproxy-settings.js';
import type { BrokenLineage, Lineage, RenewalSettings, VersionContent } from './lineage.js';

export interface LineageListing {
  readonly lineages: readonly Lineage[];
  readonly broken: readonly BrokenLineage[];
  /** Names of the lineages in which an interrupted run has left something that `repair` mends. */
  readonly repairable: readonly string[];
}

/** What was mended of a lineage, as a sentence. */
export interface Repair {
  readonly certName: string;
  readonly text: string;
}

export type LineageChange =
  /** How HAProxy is given the lineage; what it has taken by other settings no longer counts. */
  | { readonly kind: 'haproxy'; readonly haproxy: HaproxySettings }
  /** HAProxy has taken the version that is live. */
  | { readonly kind: 'deployed' }
  /** What HAProxy has taken is about to be replaced. */
  | { readonly kind: 'deploying' }
  /** What the next renewal repeats; where HAProxy is given the lineage otherwise, what it has taken no longer counts. */
  | { readonly kind: 'settings'; readonly settings: RenewalSettings }
  /** The account's directory has got another name, as with a new key of it. */
  | { readonly kind: 'account'; readonly account: string };

/** Where lineages are kept. */
export interface LineageStore {
  /** All lineages, by name. MUST list a broken one apart and go on. */
  list(): Promise<LineageListing>;
  /**
   * Stores a new version and makes it live, the first one included. MUST leave live/ either as it was or wholly new.
   * @throws LineageError `storage-not-writable`; then live/ is as it was.
   */
  saveVersion(certName: string, content: VersionContent, settings: RenewalSettings): Promise<Lineage>;
  /** Changes a lineage's configuration and nothing else of it. */
  update(lineage: Lineage, change: LineageChange): Promise<Lineage>;
  /**
   * Removes a lineage, a broken one too; a name that has no configuration is no error. MUST, when interrupted, leave the
   * lineage as it was, or gone with remnants that `repair` and the next `saveVersion` of that name clear away.
   * @throws LineageError `archive-shared` where another lineage keeps its versions in the same directory.
   */
  remove(certName: string): Promise<void>;
  /**
   * Mends what interrupted runs, of this program or of certbot, left behind. MUST keep every version that is whole.
   * To be called under the lock.
   */
  repair(): Promise<readonly Repair[]>;
  /**
   * Looks before an order whether a version could be stored: a certificate that cannot be kept has cost the CA's limits.
   * @throws LineageError `storage-not-writable`.
   */
  check(): Promise<void>;
}
