import { isIP } from 'node:net';
import { usage } from './config-error.js';
import type { SpoaAddress, SpoaOptions } from './config.js';
import { domainName, ipAddress } from './domain-name.js';
import type { Given } from './resolve-values.js';

const defaultListen: SpoaAddress = { host: '127.0.0.1', port: 12_345 };

/** The flags of 'spoa'. @throws ConfigError */
export function resolveSpoa(given: Given, absolute: (value: string) => string): SpoaOptions {
  return {
    listen: given.listen?.map((address) => resolveListen(address, absolute)) ?? [defaultListen],
    control: given.spoeControl?.map(absolute)[0],
    webroots: [...new Set(given.webrootPath?.map(absolute))],
    thumbprints: resolveThumbprints(given.thumbprint ?? []),
  };
}

/** In HAProxy's own words: `127.0.0.1:12345`, `[::1]:12345`, `/run/x.sock`, `unix@/run/x.sock`. */
function resolveListen(given: string, absolute: (value: string) => string): SpoaAddress {
  const address = given.replace(/^(?:ipv4|ipv6|unix)@/, '');
  if (given.startsWith('unix@') || address.includes('/')) return { path: absolute(address) };
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(address) ?? [];
  const [host, port] = [bracketed ?? plain ?? '', Number(digits)];
  if (host !== '' && (bracketed === undefined || isIP(bracketed) === 6) && port >= 1 && port <= 65_535) {
    return { host, port };
  }
  throw usage(`--listen is HOST:PORT or the path of a socket, not '${given.slice(0, 200)}'.`);
}

function resolveThumbprints(given: readonly string[]): SpoaOptions['thumbprints'] {
  const hosts = new Map<string, string>();
  let everywhere: string | undefined;
  for (const entry of given) {
    const [host, thumbprint] = splitThumbprint(entry);
    const before = host === undefined ? everywhere : hosts.get(host);
    if (before !== undefined && before !== thumbprint) {
      throw usage(`--thumbprint gives two accounts to ${host ?? 'every name'}: a CA can be answered for one.`);
    }
    if (host === undefined) everywhere = thumbprint;
    else hosts.set(host, thumbprint);
  }
  return { hosts, everywhere };
}

/** RFC 7638: a SHA-256 in base64url, in which there is no `=`. */
function splitThumbprint(entry: string): readonly [host: string | undefined, thumbprint: string] {
  const at = entry.lastIndexOf('=');
  const [host, thumbprint] = [at < 0 ? undefined : entry.slice(0, at), entry.slice(at + 1)];
  if (!/^[A-Za-z0-9_-]{43}$/.test(thumbprint)) {
    throw usage("--thumbprint is that of an account, 43 letters, digits, - and _, as 'show_account' prints it.");
  }
  return [host === undefined ? undefined : hostName(host), thumbprint];
}

function hostName(host: string): string {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0) return ipAddress(address);
  const name = domainName(host);
  if (!name.startsWith('*.')) return name;
  throw usage(
    `--thumbprint ${host.slice(0, 80)}=...: a wildcard is not asked for by HTTP; give the names, or none for all.`,
  );
}
