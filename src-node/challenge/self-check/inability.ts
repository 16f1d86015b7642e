import { BlockList, isIPv6 } from 'node:net';

/** What is known of the machine that looks. */
export interface Machine {
  /** Addresses of its network interfaces. */
  readonly addresses: readonly string[];
}

/** The system knows no way there: it has no IPv6, or no network. */
const noRoute = ['ENETUNREACH', 'EHOSTUNREACH', 'EAFNOSUPPORT', 'EADDRNOTAVAIL', 'ENETDOWN', 'EPROTONOSUPPORT'];
/** What a router says, or does not say, that cannot lead a request from inside to its own outer address. */
const hairpin = ['ETIMEDOUT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/**
 * Whether a connection that failed tells about this machine alone, so that the CA may well succeed: there is no route, or
 * the address is on the other side of a router that translates addresses.
 */
export function isOwnInability(fault: { readonly code: string }, address: string, machine: Machine): boolean {
  if (noRoute.includes(fault.code)) return true;
  return hairpin.includes(fault.code) && isBehindRouter(address, machine);
}

/** The address is not one of this machine's own, which has no public one of that family. */
export function isBehindRouter(address: string, machine: Machine): boolean {
  if (isOwnAddress(address, machine)) return false;
  const family = isIPv6(address);
  return !machine.addresses.some((own) => isIPv6(own) === family && !isInside(own));
}

export function isOwnAddress(address: string, { addresses }: Machine): boolean {
  return loopbackNets.check(address, kind(address)) || addresses.some((own) => isSame(own, address));
}

function isSame(one: string, other: string): boolean {
  const set = new BlockList();
  set.addAddress(one, kind(one));
  return set.check(other, kind(other));
}

/** An address that says nothing outside of a machine or its network. */
export function isInside(address: string): boolean {
  return insideNets.check(address, kind(address));
}

function kind(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

function nets(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = '', prefix = ''] = range.split('/');
    list.addSubnet(net, Number(prefix), kind(net));
  }
  return list;
}

const loopbackNets = nets(['127.0.0.0/8', '::1/128']);

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291. */
const insideNets = nets([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  ...['::/128', '::1/128', 'fc00::/7', 'fe80::/10'],
]);
