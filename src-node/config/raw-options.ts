export interface CertificateFlags {
  readonly domains: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly certName: string;
  readonly csr: string;
  readonly forceRenewal: boolean;
  readonly keepUntilExpiring: boolean;
  readonly expand: boolean;
  readonly renewWithNewDomains: boolean;
  readonly duplicate: boolean;
  readonly allowSubsetOfNames: boolean;
  readonly autorenew: boolean;
  readonly dryRun: boolean;
  readonly breakMyCerts: boolean;
}

export interface AccountFlags {
  readonly server: string;
  readonly staging: boolean;
  readonly email: string;
  readonly registerUnsafelyWithoutEmail: boolean;
  readonly agreeTos: boolean;
  readonly account: string;
  readonly eabKid: string;
  readonly eabHmacKey: string;
  readonly eabHmacAlg: string;
  readonly newAccountKey: boolean;
  readonly userAgent: string;
  readonly userAgentComment: string;
  readonly noVerifySsl: boolean;
  readonly issuanceTimeout: number;
}

export interface ChallengeFlags {
  readonly authenticator: string;
  readonly webroot: boolean;
  readonly standalone: boolean;
  readonly manual: boolean;
  readonly runtimeMap: string;
  readonly stateless: boolean;
  readonly spoe: boolean;
  readonly spoeControl: readonly string[];
  readonly tlsAlpn01: boolean;
  readonly tlsAlpn01Port: number;
  readonly tlsAlpn01Address: string;
  readonly webrootPath: readonly string[];
  readonly webrootMap: string;
  readonly http01Port: number;
  readonly http01Address: string;
  readonly manualAuthHook: string;
  readonly manualCleanupHook: string;
  readonly preferredChallenges: string;
  readonly selfCheck: string;
  readonly selfCheckPort: number;
  readonly selfCheckHttpsPort: number;
  readonly selfCheckAddress: string;
  readonly selfCheckResolver: string;
}

export interface KeyFlags {
  readonly keyType: string;
  readonly ellipticCurve: string;
  readonly rsaKeySize: number;
  readonly reuseKey: boolean;
  readonly newKey: boolean;
  readonly mustStaple: boolean;
  readonly preferredChain: string;
  readonly preferredProfile: string;
  readonly requiredProfile: string;
}

export interface HookFlags {
  readonly preHook: string;
  readonly postHook: string;
  readonly deployHook: string;
  readonly renewHook: string;
  readonly directoryHooks: boolean;
  readonly validateHooks: boolean;
  readonly runDeployHooks: boolean;
}

export interface RevocationFlags {
  readonly reason: string;
  readonly deleteAfterRevoke: boolean;
}

export interface HaproxyFlags {
  readonly haproxyCertDir: string;
  readonly haproxyCfg: readonly string[];
  readonly haproxyPidfile: string;
  readonly haproxyBin: string;
  readonly haproxySocket: readonly string[];
  readonly haproxyDeploy: string;
  readonly haproxyCrtList: string;
  readonly haproxyBundle: string;
  readonly haproxyReloadCommand: string;
  readonly haproxySystemdUnit: string;
  readonly haproxyVerify: readonly string[];
  readonly installer: string;
}

/** Of one command each. */
export interface CommandFlags {
  readonly authenticators: boolean;
  readonly installers: boolean;
  readonly yes: boolean;
  readonly undo: boolean;
  readonly haproxyDefaultCert: string;
  readonly listen: readonly string[];
  readonly thumbprint: readonly string[];
}

export interface OutputFlags {
  readonly nonInteractive: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly verbose: number;
  readonly help: boolean;
  readonly version: boolean;
}

export interface PathFlags {
  readonly configFile: string;
  readonly configDir: string;
  readonly workDir: string;
  readonly logsDir: string;
  readonly maxLogBackups: number;
  readonly lockWait: number;
  readonly certPath: string;
  readonly keyPath: string;
  readonly chainPath: string;
  readonly fullchainPath: string;
}

/** What the user gave, by flag, before defaults; one member for each entry of the option table (cli/options). */
export interface RawOptions
  extends
    CertificateFlags,
    AccountFlags,
    ChallengeFlags,
    KeyFlags,
    HookFlags,
    RevocationFlags,
    HaproxyFlags,
    CommandFlags,
    OutputFlags,
    PathFlags {}

/** Flags whose order counts: a webroot is that of the names after it, and of the ways to answer the last one wins. */
export type OrderedKey =
  | ('domains' | 'ipAddresses' | 'webrootPath' | 'authenticator')
  | ('webroot' | 'standalone' | 'manual' | 'runtimeMap' | 'stateless' | 'spoe' | 'tlsAlpn01');

export const orderedKeys: readonly OrderedKey[] = [
  ...(['domains', 'ipAddresses', 'webrootPath', 'authenticator'] as const),
  ...(['webroot', 'standalone', 'manual', 'runtimeMap', 'stateless', 'spoe', 'tlsAlpn01'] as const),
];

export interface Occurrence {
  readonly key: OrderedKey;
  /** Empty for a flag without a value. */
  readonly value: string;
}

/** A command line, taken apart. */
export interface ParsedCommand {
  /** The word that is not a flag's, if there is one; 'help' where a flag asks for it. */
  readonly verb: string | undefined;
  /** What help is asked about. */
  readonly topic: string | undefined;
  readonly options: Partial<RawOptions>;
  readonly order: readonly Occurrence[];
  /** A sentence about each flag of certbot that is ignored. */
  readonly notes: readonly string[];
}
