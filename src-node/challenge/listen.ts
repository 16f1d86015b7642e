import type { AddressInfo, Server } from 'node:net';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { ChallengeError } from './challenge-error.js';
import { portHolder } from './port-holder.js';

/** Where a server of ours listens. */
export interface ListenAddress {
  readonly port: number;
  /** An address or a host name; undefined: every address, of IPv6 and of IPv4. */
  readonly address: string | undefined;
}

/** What a system says that has no IPv6; libuv tells the first as EINVAL at times. */
const withoutIpv6 = ['EAFNOSUPPORT', 'EINVAL', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT'];

/**
 * Connections are accepted from when it resolves.
 * @returns the port.
 * @throws ChallengeError `port-in-use`, `port-refused` or `address-unavailable`.
 */
export async function listen(server: Server, where: ListenAddress): Promise<number> {
  const { port, address } = where;
  try {
    if (address !== undefined) return await listenOn(server, { port, host: address });
    return await listenOn(server, { port, host: '::' }).catch(async (error: unknown) => {
      if (!withoutIpv6.includes(systemCode(error) ?? '')) throw error;
      return await listenOn(server, { port, host: '0.0.0.0' });
    });
  } catch (error) {
    throw await listenError(where, error);
  }
}

async function listenOn(server: Server, where: { readonly port: number; readonly host: string }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.removeAllListeners('error').once('error', reject);
    server.listen({ ...where, ipv6Only: false }, () => resolve());
  });
  // A connection that could not be accepted is its client's trouble.
  server.removeAllListeners('error').on('error', () => undefined);
  return (server.address() as AddressInfo).port;
}

async function listenError(where: ListenAddress, error: unknown): Promise<unknown> {
  const place = where.address === undefined ? `port ${where.port}` : `port ${where.port} of ${where.address}`;
  const code = systemCode(error);
  if (code === 'EADDRINUSE') {
    const holder = await portHolder(where.port, where.address);
    const by = holder ?? 'another program';
    return new ChallengeError('port-in-use', `Cannot listen on ${place}: it is in use by ${by}.`, error);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new ChallengeError('port-refused', `Cannot listen on ${place}: permission is denied.`, error);
  }
  return new ChallengeError('address-unavailable', `Cannot listen on ${place}: ${systemReason(error)}.`, error);
}
