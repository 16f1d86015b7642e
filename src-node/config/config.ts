import type { EllipticCurve } from '../certificate/private-key.js';

export const verbs = ['certonly', 'renew', 'certificates'] as const;
export type Verb = (typeof verbs)[number];

/** HAProxy's flags as given; what is undefined is taken from the lineage, else not used. */
export interface HaproxyOptions {
  readonly certDir: string | undefined;
  readonly cfg: readonly string[] | undefined;
  readonly pidfile: string | undefined;
  readonly bin: string | undefined;
  readonly socket: string | undefined;
}

/** All that a run is told, complete: nothing below the cli looks at flags or the environment. */
export interface Config {
  readonly verb: Verb;
  readonly directories: { readonly config: string; readonly work: string; readonly logs: string };
  /** The lineage meant, by --cert-name. */
  readonly certName: string | undefined;
  /** DNS names in A-label form, without repetition. */
  readonly names: readonly string[];
  /** Absolute directory for each name that has one. */
  readonly webrootMap: Readonly<Record<string, string>>;
  /** The last -w: the webroot of a lineage's names where no -d is given. */
  readonly webroot: string | undefined;
  /** URL of the CA's directory; undefined where neither flag nor environment names one. */
  readonly server: string | undefined;
  readonly account: { readonly id: string | undefined; readonly emails: readonly string[]; readonly agreeTos: boolean };
  readonly key: {
    readonly type: 'ecdsa' | 'rsa' | undefined;
    readonly rsaKeySize: number | undefined;
    readonly ellipticCurve: EllipticCurve | undefined;
  };
  /** What is done with a lineage that exists. */
  readonly renewal: {
    readonly force: boolean;
    readonly expand: boolean;
    readonly newNames: boolean;
    /** Lets a staging CA's certificate replace one that is trusted. */ readonly breakMyCerts: boolean;
  };
  readonly haproxy: HaproxyOptions;
  readonly network: {
    /** False with --no-verify-ssl. */
    readonly verify: boolean;
    /** PEM files of certificates to trust beside Node's own; empty where Node's way (NODE_EXTRA_CA_CERTS) is enough. */
    readonly caFiles: readonly string[];
  };
  readonly output: { readonly quiet: boolean; readonly json: boolean };
}

export const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';
export const letsEncryptStaging = 'https://acme-staging-v02.api.letsencrypt.org/directory';

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

/** Debian's haproxy.service writes its pid here. */
export const defaultPidfile = '/run/haproxy.pid';
