/** What the user gave, by flag, before defaults; one member for each entry of the option table (cli/options). */
export interface RawOptions {
  readonly domains: readonly string[];
  readonly certName: string;
  readonly email: string;
  readonly registerUnsafelyWithoutEmail: boolean;
  readonly agreeTos: boolean;
  readonly server: string;
  readonly staging: boolean;
  readonly account: string;
  readonly nonInteractive: boolean;
  readonly forceRenewal: boolean;
  readonly keepUntilExpiring: boolean;
  readonly expand: boolean;
  readonly renewWithNewDomains: boolean;
  readonly breakMyCerts: boolean;
  readonly webroot: boolean;
  readonly webrootPath: readonly string[];
  readonly authenticator: string;
  readonly keyType: string;
  readonly rsaKeySize: number;
  readonly ellipticCurve: string;
  readonly haproxyCertDir: string;
  readonly haproxyCfg: readonly string[];
  readonly haproxyPidfile: string;
  readonly haproxyBin: string;
  readonly haproxySocket: string;
  readonly configDir: string;
  readonly workDir: string;
  readonly logsDir: string;
  readonly noVerifySsl: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** -w and -d in the order in which they stand: a webroot is that of the names after it. */
export interface Occurrence {
  readonly key: 'domains' | 'webrootPath';
  readonly value: string;
}

/** A command line, taken apart. */
export interface ParsedCommand {
  /** The word that is not a flag's, if there is one. */
  readonly verb: string | undefined;
  readonly options: Partial<RawOptions>;
  readonly order: readonly Occurrence[];
}
