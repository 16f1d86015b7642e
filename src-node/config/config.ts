import type { RevocationReason } from '../acme/certificate-authority.js';
import type { EllipticCurve } from '../certificate/private-key.js';
import type { ChallengeType } from '../challenge/challenge-publisher.js';
import type { GivenChallenge } from '../lineage/challenge-settings.js';
import type { GivenHaproxy } from '../lineage/haproxy-settings.js';
import type { ProxySettings } from './proxy-settings.js';

export const verbs = [
  'run',
  'certonly',
  'renew',
  'certificates',
  'install',
  'deploy',
  'verify',
  'revoke',
  'delete',
  'reconfigure',
  'register',
  'update_account',
  'unregister',
  'show_account',
  'plugins',
  'adopt',
  'bootstrap',
  'spoa',
] as const;
export type Verb = (typeof verbs)[number];

/** The ways to answer challenges; the first is that of a new lineage. */
export const authenticators = [
  'webroot',
  'standalone',
  'manual',
  'runtime-map',
  'stateless',
  'spoe',
  'tls-alpn-01',
] as const;
export type Authenticator = (typeof authenticators)[number];

export interface AccountOptions {
  readonly id: string | undefined;
  /** Undefined where nothing is said; empty where the account is to have none. */
  readonly emails: readonly string[] | undefined;
  readonly agreeTos: boolean;
  /** External account binding (RFC 8555 section 7.3.4). */
  readonly eab: { readonly kid: string; /** base64url. */ readonly hmacKey: string } | undefined;
  /** Gives the account a new key. */
  readonly newKey: boolean;
}

export type KeyType = 'ecdsa' | 'rsa';

export interface KeyOptions {
  /** `both`: two lineages for the same names, one of each. */
  readonly type: KeyType | 'both' | undefined;
  readonly rsaKeySize: number | undefined;
  readonly ellipticCurve: EllipticCurve | undefined;
  readonly reuse: boolean | undefined;
  /** A new key this time, whatever is said of reuse. */
  readonly fresh: boolean;
}

/** How challenges are answered, as given; what is undefined is taken from the lineage. */
export interface ChallengeOptions extends GivenChallenge {
  readonly authenticator: Authenticator | undefined;
  /** Absolute directory for each name that has one. */
  readonly webrootMap: Readonly<Record<string, string>>;
  /** The last -w: the webroot of a lineage's names where no -d is given. */
  readonly webroot: string | undefined;
  readonly http01Port: number | undefined;
  readonly http01Address: string | undefined;
  readonly authHook: string | undefined;
  readonly cleanupHook: string | undefined;
  readonly types: readonly ChallengeType[] | undefined;
}

/** Shell commands; empty where a lineage is to have none from now on. */
export interface HookOptions {
  readonly pre: string | undefined;
  readonly post: string | undefined;
  /** For what is issued now. */
  readonly deploy: string | undefined;
  /** For renewals: kept in the lineage's configuration. */
  readonly renew: string | undefined;
  readonly directory: boolean;
  readonly validate: boolean;
  /** In a dry run too. */
  readonly runDeploy: boolean;
}

/** What is wished of a certificate beside its names and key; undefined: as the lineage has it. */
export interface WishOptions {
  readonly mustStaple: boolean | undefined;
  readonly preferredChain: string | undefined;
  readonly preferredProfile: string | undefined;
  readonly requiredProfile: string | undefined;
  readonly allowSubset: boolean | undefined;
}

/** What is done with a lineage that exists. */
export interface RenewalOptions {
  readonly force: boolean;
  readonly expand: boolean;
  readonly newNames: boolean;
  readonly duplicate: boolean;
  readonly autorenew: boolean | undefined;
  /** Orders from the staging CA and stores nothing. */
  readonly dryRun: boolean;
  /** Lets a staging CA's certificate replace one that is trusted. */
  readonly breakMyCerts: boolean;
}

/** Files that a command reads or writes apart from the lineages; absolute. */
export interface FileOptions {
  readonly csr: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly chain: string | undefined;
  readonly fullchain: string | undefined;
}

/** Where HAProxy reaches the agent. */
export type SpoaAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** What the agent answers, and where. */
export interface SpoaOptions {
  readonly listen: readonly SpoaAddress[];
  /** The socket by which runs publish; undefined: the usual one. */
  readonly control: string | undefined;
  /** Directories whose challenge files are answered; absolute. */
  readonly webroots: readonly string[];
  /** Of accounts whose every challenge is answered: for one name or address, or for all others. */
  readonly thumbprints: { readonly hosts: ReadonlyMap<string, string>; readonly everywhere: string | undefined };
}

export interface NetworkOptions {
  /** False with --no-verify-ssl. */
  readonly verify: boolean;
  /** PEM files of certificates to trust beside Node's own; empty where Node's way (NODE_EXTRA_CA_CERTS) is enough. */
  readonly caFiles: readonly string[];
  readonly proxy: ProxySettings;
  /** In place of our own User-Agent. */
  readonly userAgent: string | undefined;
  readonly userAgentComment: string | undefined;
  /** Seconds to wait for the CA to validate or to issue. */
  readonly issuanceTimeout: number;
}

/** All that a run is told, complete: nothing below the cli looks at flags or the environment. */
export interface Config {
  readonly verb: Verb;
  readonly directories: { readonly config: string; readonly work: string; readonly logs: string };
  /** The lineage meant, by --cert-name. */
  readonly certName: string | undefined;
  /** DNS names in A-label form and IP addresses, without repetition. */
  readonly names: readonly string[];
  /** URL of the CA's directory; undefined where neither flag nor environment names one. */
  readonly server: string | undefined;
  readonly account: AccountOptions;
  readonly challenge: ChallengeOptions;
  readonly key: KeyOptions;
  readonly wishes: WishOptions;
  readonly renewal: RenewalOptions;
  readonly hooks: HookOptions;
  readonly revocation: {
    readonly reason: RevocationReason;
    /** Undefined where nothing is said. */ readonly delete: boolean | undefined;
  };
  readonly haproxy: GivenHaproxy;
  /** False where HAProxy is to be given nothing in this run. */
  readonly install: boolean;
  readonly adoption: { readonly yes: boolean; readonly undo: boolean };
  /** What HAProxy is to find at its first start; absolute paths. */
  readonly bootstrap: { readonly certDir: string; readonly defaultCert: string };
  readonly spoa: SpoaOptions;
  /** Of what there is to list, these alone; all where neither is said. */
  readonly plugins: { readonly authenticators: boolean; readonly installers: boolean };
  readonly files: FileOptions;
  readonly network: NetworkOptions;
  readonly output: {
    readonly quiet: boolean;
    readonly json: boolean;
    /** How often -v is given. */
    readonly verbosity: number;
    readonly interactive: boolean;
  };
  /** Sentences about flags that are ignored; for stderr, and for `warnings` of the JSON. */
  readonly notes: readonly string[];
  /** Old logs that are kept; 0: one log that grows. */
  readonly logBackups: number;
  /** Seconds to wait for another run. */
  readonly lockWait: number;
}

export const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';
export const letsEncryptStaging = 'https://acme-staging-v02.api.letsencrypt.org/directory';

/** True where what is ordered is thrown away: `reconfigure` tries new settings before it keeps them. */
export function isTrial({ verb, renewal }: Pick<Config, 'verb' | 'renewal'>): boolean {
  return renewal.dryRun || verb === 'reconfigure';
}

/** The type that a lineage's key is to have, where that is said: each of two by `both` is told its own. */
export function singleKeyType({ key }: Pick<Config, 'key'>): KeyType | undefined {
  return key.type === 'both' ? undefined : key.type;
}

/** True for a CA whose certificates nobody trusts, told by its URL, as certbot does. */
export function isStaging(server: string): boolean {
  return server.includes('staging');
}

/** certbot's places. */
export const defaultDirectories: Config['directories'] = {
  config: '/etc/letsencrypt',
  work: '/var/lib/letsencrypt',
  logs: '/var/log/letsencrypt',
};

/** Where `bootstrap` makes the directory for bundles unless told. */
export const defaultCertDir = '/etc/haproxy/certs';

/** Debian's haproxy.service writes its pid here. */
export const defaultPidfile = '/run/haproxy.pid';
