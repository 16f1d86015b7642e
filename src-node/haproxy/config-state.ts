import { resolve } from 'node:path';
import type { AddressScope } from './config-addresses.js';
import type { Environment } from './config-lines.js';
import type { ConfigSurroundings, ServerEndpoint, StatsSocket, StoredCertificate, TlsBind } from './config-model.js';

/** What has been read of the configuration so far. */
export interface ReadingState {
  readonly env: Environment;
  readonly cwd: string;
  /** `default-path` */
  pathPolicy: PathPolicy;
  /** What the policy makes of it for the file that is being read. */
  directory: string;
  crtBase: string | undefined;
  keyBase: string | undefined;
  unixPrefix: string | undefined;
  /** Of `ssl-default-bind-options`. */
  strictSni: boolean;
  hardStopAfter: boolean;
  bufsize: number;
  chroot: string | undefined;
  masterWorker: boolean;
  section: Section | undefined;
  /** Whether proxies are disabled by a `defaults` section, by its name. */
  readonly defaults: Map<string, boolean>;
  /** By the last one of them, which applies where none is named. */
  lastDefaults: boolean;
  readonly binds: ReadBind[];
  readonly servers: ServerEndpoint[];
  readonly statsSockets: StatsSocket[];
  readonly storedCertificates: StoredCertificate[];
}

export interface ReadBind extends Omit<TlsBind, 'strictSni' | 'crts'> {
  /** Grows with the `ssl-f-use` lines behind it. */
  readonly crts: string[];
  /** Undefined where the line does not say. */
  readonly strictSni: boolean | undefined;
  readonly disabled: { readonly now: boolean };
}

export interface Section {
  readonly kind: string;
  readonly name: string;
  /** The keyword may stand behind the binds. */
  readonly disabled: { now: boolean };
  /** `crt-base` and `key-base` of a `crt-store`. */
  crtBase: string | undefined;
  keyBase: string | undefined;
  /** Certificates of `ssl-f-use`, for each bind of the section. */
  readonly used: string[];
  /** `default-bind` of `peers`. */
  readonly bindWords: string[];
}

export type PathPolicy =
  { readonly kind: 'current' | 'config' | 'parent' } | { readonly kind: 'origin'; readonly path: string };

export function beginReading({ env, cwd }: ConfigSurroundings): ReadingState {
  return {
    env: new Map(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    cwd,
    pathPolicy: { kind: 'current' },
    directory: cwd,
    crtBase: undefined,
    keyBase: undefined,
    unixPrefix: undefined,
    strictSni: false,
    hardStopAfter: false,
    bufsize: 16_384,
    chroot: undefined,
    masterWorker: false,
    section: undefined,
    defaults: new Map(),
    lastDefaults: false,
    binds: [],
    servers: [],
    statsSockets: [],
    storedCertificates: [],
  };
}

/** Where relative names begin in a configuration file, which HAProxy knows by the path as given. */
export function enterDirectory(state: ReadingState, file: string): void {
  const { cwd, pathPolicy } = state;
  const directory = file.slice(0, Math.max(0, file.lastIndexOf('/')));
  const begins = { current: '', config: directory, parent: directory === '' ? '..' : `${directory}/..` };
  state.directory = resolve(cwd, pathPolicy.kind === 'origin' ? pathPolicy.path : begins[pathPolicy.kind]);
}

/** As `.SECTION` gives it. */
export function sectionName(section: Section | undefined): string {
  if (section === undefined) return '';
  return section.name === '' ? section.kind : section.name;
}

export function addressScope(state: ReadingState): AddressScope {
  return { lookup: (name) => state.env.get(name), unixPrefix: state.unixPrefix ?? '', cwd: state.cwd };
}

/** A name with the base before it, as HAProxy joins them. */
export function withBase(base: string | undefined, name: string): string {
  return base === undefined || name.startsWith('/') || name.startsWith('@') ? name : `${base}/${name}`;
}
