import { isIPv6 } from 'node:net';

/** RFC 3986 section 3.2.2: as the host of a URL an IPv6 address stands in brackets; any other host is as it is. */
export function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** A URL's host as the DNS and the system know it. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}
