import { isThumbprint } from './key-authorization';

/** Where key authorizations come from; at least one is set. */
export interface Settings {
  /** Path of a HAProxy map, as the configuration and the Runtime API name it. */
  readonly map: string | undefined;
  /** Absolute directory, without a slash at its end, as seen from inside the chroot. */
  readonly webroot: string | undefined;
  /** RFC 8555 section 8.1 thumbprint of the account key. */
  readonly thumbprint: string | undefined;
}

/** Reads the environment. A setting that cannot work stops HAProxy's start: the error says which one and what to set. */
export function readSettings(getenv: (name: string) => string | undefined): Settings {
  const map = getenv('ACME_MAP');
  const webroot = getenv('ACME_WEBROOT');
  const thumbprint = getenv('ACME_THUMBPRINT');
  if (map === undefined && webroot === undefined && thumbprint === undefined) {
    refuse(
      "no source of key authorizations is set: before this file is loaded, set ACME_WEBROOT, ACME_MAP or ACME_THUMBPRINT by 'setenv' in the global section",
    );
  }
  if (map === '') refuse('ACME_MAP is empty: set it to the path of a map file, or remove it');
  if (webroot !== undefined && string.sub(webroot, 1, 1) !== '/') {
    refuse(`ACME_WEBROOT is '${webroot}', which is no absolute path: set it to the webroot directory, or remove it`);
  }
  if (thumbprint !== undefined && !isThumbprint(thumbprint)) {
    refuse(
      "ACME_THUMBPRINT is not 43 base64url characters: set it to the thumbprint of the ACME account's key, or remove it",
    );
  }
  return { map, webroot: withoutSlashAtEnd(webroot), thumbprint };
}

/** Ends the load of this file, and with it HAProxy's start, by one sentence. */
export function refuse(sentence: string): never {
  // Level 0: a position in this generated file would tell the reader nothing.
  error(`acme-http01: ${sentence}`, 0);
}

function withoutSlashAtEnd(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const [trimmed] = string.match(path, '^(.-)/*$');
  return trimmed;
}
