import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import type { BindEndpoint, ServerEndpoint } from './config-model.js';
import { expandAddress, type Lookup } from './config-words.js';

export interface AddressScope {
  readonly lookup: Lookup;
  /** `unix-bind prefix`, in front of each path. */
  readonly unixPrefix: string;
  readonly cwd: string;
}

/**
 * The stream sockets of an address list (configuration manual, "Address formats"). Left out is what no client can
 * name: datagrams, among them QUIC, inherited descriptors and names of the abstract namespace.
 */
export function readEndpoints(addresses: string, scope: AddressScope): readonly BindEndpoint[] {
  return addresses.split(',').flatMap((address) => readEndpoint(expandAddress(address, scope.lookup), scope));
}

const families: Readonly<Record<string, Family>> = {
  ip: 'any',
  ipv4: 'ipv4',
  ipv6: 'ipv6',
  tcp: 'any',
  tcp4: 'ipv4',
  tcp6: 'ipv6',
  mptcp: 'any',
  mptcp4: 'ipv4',
  mptcp6: 'ipv6',
  unix: 'unix',
  uxst: 'unix',
};

/**
 * Where the requests for a server go (configuration manual, `server`). Undefined for one of another kind, and where the
 * address is the client's or the port is made from it.
 */
export function readServerAddress(
  address: string,
  { lookup }: Pick<AddressScope, 'lookup'>,
): ServerEndpoint | undefined {
  const { family, rest } = splitFamily(expandAddress(address, lookup));
  const [, written = '', digits = ''] = /^(.*):(\d{1,5})$/.exec(rest) ?? [];
  const [host, port] = [written.replace(/^\[(.*)\]$/, '$1'), Number(digits)];
  const isClients = host === '' || host === '*' || /^[0.:]+$/.test(host);
  if (family === undefined || family === 'unix' || isClients || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

type Family = 'any' | 'ipv4' | 'ipv6' | 'unix';

function splitFamily(address: string): { readonly family: Family | undefined; readonly rest: string } {
  const [, prefix, rest = ''] = /^(?:stream\+)?(?:([a-z0-9+]+)@)?(.*)$/.exec(address) ?? [];
  return { family: prefix === undefined ? (rest.startsWith('/') ? 'unix' : 'any') : families[prefix], rest };
}

function readEndpoint(address: string, { unixPrefix, cwd }: AddressScope): readonly BindEndpoint[] {
  const { family, rest } = splitFamily(address);
  if (family === undefined || rest === '') return [];
  if (family === 'unix') return [{ path: resolve(cwd, unixPrefix + rest) }];
  // The port follows the last colon, unless that is part of an address in brackets.
  const [, host, first, last] = /^(.*):(\d{1,5})(?:-(\d{1,5}))?$/.exec(rest) ?? [];
  if (host === undefined || first === undefined) return [];
  const [low, high] = [Number(first), Number(last ?? first)];
  if (low < 1 || high > 65_535) return [];
  const reached = reachableHost(host.replace(/^\[(.*)\]$/, '$1'), family);
  return Array.from({ length: Math.max(0, high - low + 1) }, (_, offset) => ({ host: reached, port: low + offset }));
}

function reachableHost(host: string, family: 'any' | 'ipv4' | 'ipv6'): string {
  const everywhere = host === '' || host === '*';
  if (everywhere && family !== 'ipv6') return '127.0.0.1';
  if (everywhere || (isIPv6(host) && /^[0:]+$/.test(host))) return '::1';
  return host === '0.0.0.0' ? '127.0.0.1' : host;
}
