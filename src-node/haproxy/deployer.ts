/** A certificate to be served. */
export interface Deployment {
  readonly certName: string;
  /** Directory that a bind's `crt` names. */
  readonly certDir: string;
  /** PEM of leaf and chain. */
  readonly fullchain: string;
  /** PEM. */
  readonly privateKey: string;
}

/** What became of one deployment. */
export type DeployResult =
  | { readonly certName: string; readonly kind: 'deployed'; readonly bundle: string }
  /** Written, and nothing was told to HAProxy because no configuration was named. */
  | { readonly certName: string; readonly kind: 'bundle-only'; readonly bundle: string }
  | { readonly certName: string; readonly kind: 'failed'; readonly error: Error };

/** What HAProxy did, for the report. */
export interface ReloadReport {
  /** Processes that serve now. */
  readonly started: readonly number[];
  /** Former processes that are still finishing connections. */
  readonly draining: readonly number[];
}

export interface DeployReport {
  readonly results: readonly DeployResult[];
  /** Undefined where nothing was reloaded. */
  readonly reload: ReloadReport | undefined;
}

export type DeployStep = 'writing' | 'checking' | 'reloading' | 'draining';

/** A way to make HAProxy serve certificates. */
export interface Deployer {
  /** Looks, without changing anything, whether a deployment into `certDir` can work. @throws DeployError */
  check(certDir: string): Promise<void>;
  /**
   * MUST leave HAProxy serving what it served before, and its directory as it was, for each deployment that fails, and
   * MUST NOT throw for it. MUST reload at most once.
   */
  deploy(deployments: readonly Deployment[], onStep: (step: DeployStep) => void): Promise<DeployReport>;
}
