/** A certificate to be served. */
export interface Deployment {
  readonly certName: string;
  /** Path of its PEM file for HAProxy. */
  readonly bundle: string;
  /** Path of the crt-list that is to have a line for it. */
  readonly crtList: string | undefined;
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

/** How HAProxy was reloaded: `-sf`, SIGUSR2 to a master, `reload` on its CLI, systemctl, or the user's command. */
export type ReloadWay = 'successor' | 'master-signal' | 'master-cli' | 'systemd' | 'command';

/** A former process that is still finishing connections. */
export interface DrainingProcess {
  readonly pid: number;
  /** Milliseconds since 1970 at which it was told to finish: when its successor started. */
  readonly since: number;
}

/** What HAProxy did, for the report. */
export interface ReloadReport {
  readonly way: ReloadWay;
  /** Processes that serve now; none where a command reloads a HAProxy that cannot be seen from here. */
  readonly started: readonly number[];
  /** Of this reload and of earlier ones. */
  readonly draining: readonly DrainingProcess[];
  /** What could be better, a sentence each. */
  readonly hints: readonly string[];
}

export interface DeployReport {
  readonly results: readonly DeployResult[];
  /** Undefined where nothing was reloaded. */
  readonly reload: ReloadReport | undefined;
}

export type DeployStep = 'writing' | 'checking' | 'reloading' | 'draining';

/** A way to make HAProxy serve certificates. */
export interface Deployer {
  /** Looks, without changing anything, whether a deployment to these places can work. @throws DeployError */
  check(place: Pick<Deployment, 'bundle' | 'crtList'>): Promise<void>;
  /**
   * MUST leave HAProxy serving what it served before, and its directory as it was, for each deployment that fails, and
   * MUST NOT throw for it. MUST reload at most once.
   */
  deploy(deployments: readonly Deployment[], onStep: (step: DeployStep) => void): Promise<DeployReport>;
}
