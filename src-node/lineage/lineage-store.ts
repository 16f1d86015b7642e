import type { BrokenLineage, HaproxySettings, Lineage, RenewalSettings, VersionContent } from './lineage.js';

export interface LineageListing {
  readonly lineages: readonly Lineage[];
  readonly broken: readonly BrokenLineage[];
}

export type LineageChange =
  /** How HAProxy is given the lineage; what it has taken by other settings no longer counts. */
  | { readonly kind: 'haproxy'; readonly haproxy: HaproxySettings }
  /** HAProxy has taken the version that is live. */
  | { readonly kind: 'deployed' };

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
   * Looks before an order whether a version could be stored: a certificate that cannot be kept has cost the CA's limits.
   * @throws LineageError `storage-not-writable`.
   */
  check(): Promise<void>;
}
