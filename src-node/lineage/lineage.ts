import type { EllipticCurve } from '../certificate/private-key.js';
import type { RenewalConf } from './renewal-conf.js';

/** The four files of one version, in the order in which certbot names them. */
export const fileKinds = ['cert', 'privkey', 'chain', 'fullchain'] as const;
export type FileKind = (typeof fileKinds)[number];

/** How HAProxy is to be given a lineage's certificate; kept in the `[haproxy]` section of its renewal configuration. */
export interface HaproxySettings {
  /** Directory that a bind's `crt` names; gets CERTNAME.pem. */
  readonly certDir: string | undefined;
  /** Configuration files in the order in which HAProxy takes them by -f. Empty: bundles are written, nothing is reloaded. */
  readonly cfg: readonly string[];
  readonly pidfile: string | undefined;
  readonly bin: string | undefined;
  /** Stats socket with `expose-fd listeners`, for `-x`. */
  readonly socket: string | undefined;
}

/** What a renewal repeats, as certbot keeps it in `[renewalparams]`. */
export interface RenewalSettings {
  /** Directory name of the account below accounts/. */
  readonly account: string | undefined;
  /** URL of the CA's ACME directory. */
  readonly server: string;
  readonly authenticator: string;
  /** The webroot of each name. */
  readonly webrootMap: Readonly<Record<string, string>>;
  /** The webroot of a name that has none of its own. */
  readonly webrootDefault: string | undefined;
  readonly keyType: 'ecdsa' | 'rsa';
  readonly rsaKeySize: number;
  readonly ellipticCurve: EllipticCurve;
  readonly haproxy: HaproxySettings;
}

/** A certificate's history under one name: archive/NAME/*N.pem, live/NAME/*.pem, renewal/NAME.conf. */
export interface Lineage {
  readonly certName: string;
  readonly confFile: string;
  readonly conf: RenewalConf;
  readonly settings: RenewalSettings;
  /** The version that live/ points to, from 1. */
  readonly version: number;
  /** The version that HAProxy was last seen to have taken, if any. */
  readonly deployedVersion: number | undefined;
  /** Paths of the live files, as a user knows them. */
  readonly live: Readonly<Record<FileKind, string>>;
}

/** The content of a new version, each file as PEM. */
export interface VersionContent {
  readonly leaf: string;
  /** Empty where the CA sent no chain. */
  readonly intermediates: string;
  readonly privateKey: string;
}

/** An entry of renewal/ that cannot be used, and why. */
export interface BrokenLineage {
  readonly certName: string;
  readonly confFile: string;
  readonly reason: string;
}
