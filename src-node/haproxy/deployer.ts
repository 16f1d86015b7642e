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
  /** `handshakes`: how many TLS handshakes have shown the new certificate; none where there was nowhere to look. */
  | { readonly certName: string; readonly kind: 'deployed'; readonly bundle: string; readonly handshakes: number }
  /** Written, and nothing was told to HAProxy. */
  | { readonly certName: string; readonly kind: 'bundle-only'; readonly bundle: string }
  /** HAProxy took it and did not serve it: everything is as it was before. */
  | { readonly certName: string; readonly kind: 'rolled-back'; readonly error: Error }
  | { readonly certName: string; readonly kind: 'failed'; readonly error: Error };

/** How HAProxy was reloaded: `-sf`, SIGUSR2 to a master, `reload` on its CLI, systemctl, or the user's command. */
export type ReloadWay = 'successor' | 'master-signal' | 'master-cli' | 'systemd' | 'command';

/** A former process that is still finishing connections. */
export interface DrainingProcess {
  readonly pid: number;
  /** Milliseconds since 1970 at which it was told to finish: when its successor started. */
  readonly since: number;
  /** What it goes on serving in place of what was deployed; left out where that is from before an earlier reload. */
  readonly serving?: readonly FormerCertificate[];
}

/** The certificate that a deployment has replaced. */
export interface FormerCertificate {
  readonly certName: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
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
  /** The sockets by which HAProxy took certificates without a reload. */
  readonly sockets: readonly string[];
  /** What is to be known of the way that was taken, a sentence each. */
  readonly notes: readonly string[];
}

export type DeployStep = 'writing' | 'updating' | 'checking' | 'reloading' | 'draining' | 'verifying' | 'restoring';

/** What a place has, compared with what is stored. */
export interface Found {
  /** A file, a socket, or a bind. */
  readonly place: string;
  /** The SNI of a handshake. */
  readonly name: string | undefined;
  readonly same: boolean;
  /** What is there: a certificate in a few words, or why there is none. */
  readonly seen: string;
}

/** Where a certificate is, in HAProxy's files, its memory and its service. */
export interface Inspection {
  readonly certName: string;
  readonly stored: string;
  readonly disk: readonly Found[];
  readonly memory: readonly Found[];
  readonly served: readonly Found[];
}

/** A way to make HAProxy serve certificates. */
export interface Deployer {
  /** Looks, without changing anything, whether a deployment to these places can work. @throws DeployError */
  check(place: Pick<Deployment, 'bundle' | 'crtList'>): Promise<void>;
  /**
   * MUST leave HAProxy serving what it served before, and its files as they were, for each deployment that fails, and MUST
   * NOT throw for it. MUST reload at most once, and once more where it goes back.
   */
  deploy(deployments: readonly Deployment[], onStep: (step: DeployStep) => void): Promise<DeployReport>;
  /** Compares what is stored with what is on disk, in memory and served; changes nothing. */
  inspect(deployments: readonly Deployment[]): Promise<readonly Inspection[]>;
}
