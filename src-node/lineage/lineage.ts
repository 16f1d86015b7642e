import type { EllipticCurve } from '../certificate/private-key.js';
import type { ChallengeType } from '../challenge/challenge-publisher.js';
import type { ChallengeSettings } from './challenge-settings.js';
import type { HaproxySettings } from './haproxy-settings.js';
import type { RenewalConf } from './renewal-conf.js';

/** The four files of one version, in the order in which certbot names them. */
export const fileKinds = ['cert', 'privkey', 'chain', 'fullchain'] as const;
export type FileKind = (typeof fileKinds)[number];

/** Shell commands around a renewal; `deploy` is `renew_hook` in the configuration. */
export interface RenewalHooks {
  readonly pre: string | undefined;
  readonly post: string | undefined;
  readonly deploy: string | undefined;
}

/** What a renewal repeats, as certbot keeps it in `[renewalparams]`. */
export interface RenewalSettings extends ChallengeSettings {
  /** Directory name of the account below accounts/. */
  readonly account: string | undefined;
  /** URL of the CA's ACME directory. */
  readonly server: string;
  /** One of those of the command's --authenticator, or one of certbot's that is not had here. */
  readonly authenticator: string;
  /** The webroot of each name. */
  readonly webrootMap: Readonly<Record<string, string>>;
  /** The webroot of a name that has none of its own. */
  readonly webrootDefault: string | undefined;
  readonly keyType: 'ecdsa' | 'rsa';
  readonly rsaKeySize: number;
  readonly ellipticCurve: EllipticCurve;
  /** `reuse_key`: a new version gets the private key of the last one. */
  readonly reuseKey: boolean;
  readonly mustStaple: boolean;
  /** Common name of the topmost issuer of the chain to be taken. */
  readonly preferredChain: string | undefined;
  readonly preferredProfile: string | undefined;
  readonly requiredProfile: string | undefined;
  /** Goes on with the names that can be validated. */
  readonly allowSubset: boolean;
  /** The kinds of challenge to be used; empty: as the authenticator chooses. */
  readonly challenges: readonly ChallengeType[];
  /** Port and address of the authenticator `standalone`. */
  readonly http01Port: number | undefined;
  readonly http01Address: string | undefined;
  /** Shell commands of the authenticator `manual`. */
  readonly authHook: string | undefined;
  readonly cleanupHook: string | undefined;
  readonly hooks: RenewalHooks;
  /** `autorenew`: false where `renew` is to leave the lineage alone. */
  readonly autorenew: boolean;
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
