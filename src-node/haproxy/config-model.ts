export interface ConfigFile {
  /** As HAProxy is given it. */
  readonly path: string;
  readonly text: string;
}

/** Where a client on this machine reaches a bind: 127.0.0.1 for `*` and 0.0.0.0, ::1 for `[::]`. */
export type BindEndpoint = { readonly host: string; readonly port: number } | { readonly path: string };

/** What a `server` line names, by TCP. */
export interface ServerEndpoint {
  /** An address without brackets, or a name. */
  readonly host: string;
  readonly port: number;
}

export type StatsLevel = 'user' | 'operator' | 'admin';

/** What a configuration's meaning depends on beside its text. */
export interface ConfigSurroundings {
  /** Of the running HAProxy, or ours. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Directory in which HAProxy was started. */
  readonly cwd: string;
}

/** A bind with `ssl`. */
export interface TlsBind {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** 'frontend https' */
  readonly section: string;
  /** None where the section is disabled, or no client can name the address. */
  readonly endpoints: readonly BindEndpoint[];
  /** Files, directories and '@store/name', as HAProxy names them: `crt-base` applied, else as written. */
  readonly crts: readonly string[];
  readonly crtLists: readonly string[];
  readonly strictSni: boolean;
  readonly acceptProxy: boolean;
  /** What relative names are relative to: HAProxy's cwd, or the `default-path`. */
  readonly directory: string;
}

export interface StatsSocket {
  /** Absolute path or host:port; an IPv6 address in brackets. */
  readonly address: string;
  readonly level: StatsLevel;
  /** `expose-fd listeners` */
  readonly exposesListeners: boolean;
}

/** A `load` line of a `crt-store` (3.0). */
export interface StoredCertificate {
  /** '@store/alias' or '@store/file', as bind lines and the Runtime API name it; a path in a store without a name. */
  readonly name: string;
  /** Path with the store's `crt-base`. */
  readonly crt: string;
  /** Path with the store's `key-base`; undefined where the key is in the certificate's file. */
  readonly key: string | undefined;
  /** What relative names are relative to. */
  readonly directory: string;
}

/** What we need to know of HAProxy's configuration. */
export interface HaproxyConfig {
  readonly tlsBinds: readonly TlsBind[];
  /** Of backends and listens. */
  readonly servers: readonly ServerEndpoint[];
  readonly statsSockets: readonly StatsSocket[];
  readonly storedCertificates: readonly StoredCertificate[];
  /** Global; put before the relative names in a crt-list, too. */
  readonly crtBase: string | undefined;
  readonly hardStopAfter: boolean;
  /** Bytes. */
  readonly bufsize: number;
  readonly chroot: string | undefined;
  readonly masterWorker: boolean;
}
