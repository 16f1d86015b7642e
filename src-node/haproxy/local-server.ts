import { isIPv4 } from 'node:net';
import { DeployError } from './deploy-error.js';
import type { DeployerSettings } from './deployer-settings.js';
import { lookAtHaproxy } from './found-haproxy.js';

/**
 * The address of this machine alone at which the configuration has a server of this port: nobody but HAProxy needs to reach
 * what listens there. Undefined where there is none, or several, or no configuration to be read.
 */
export async function localServer(
  place: Pick<DeployerSettings, 'cfg' | 'pidfile' | 'bin'>,
  port: number,
): Promise<string | undefined> {
  if (place.cfg.length === 0) return undefined;
  try {
    const { servers } = (await lookAtHaproxy(place)).config;
    const hosts = new Set(servers.filter((server) => server.port === port).map(({ host }) => host));
    const [host, ...others] = hosts;
    return host !== undefined && others.length === 0 && isLocal(host) ? host : undefined;
  } catch (error) {
    // Who gives HAProxy the certificate tells that it cannot be read.
    if (error instanceof DeployError) return undefined;
    throw error;
  }
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
