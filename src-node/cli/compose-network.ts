import { readFile } from 'node:fs/promises';
import type { TransportSettings } from '../acme/transport.js';
import { ConfigError } from '../config/config-error.js';
import type { Config } from '../config/config.js';
import { proxyFor } from '../config/proxy-settings.js';
import { systemClock } from '../platform/clock.js';
import { systemReason } from '../platform/coded-error.js';
import type { Logger } from '../platform/logger.js';
import { programVersion } from './context.js';

/** Milliseconds that one request to a CA may take. */
const requestTimeout = 30_000;

export interface NetworkSurroundings {
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** How requests to a CA are made. */
export async function transportSettings(
  { network }: Config,
  { logger, signal }: NetworkSurroundings,
): Promise<TransportSettings> {
  return {
    userAgent: userAgentOf(network),
    extraCa: await readCa(network.caFiles),
    verify: network.verify,
    proxyFor: (url) => proxyFor(network.proxy, url),
    timeout: requestTimeout,
    clock: systemClock,
    log: (line) => logger.debug(line),
    signal,
  };
}

export function userAgentOf({ userAgent, userAgentComment }: Config['network']): string {
  if (userAgent !== undefined) return userAgent;
  const comment = userAgentComment === undefined ? '' : ` (${userAgentComment})`;
  return `haproxy-acme/${programVersion}${comment}`;
}

/** The files' certificates beside Node's own: an agent's `ca` replaces them all. */
async function readCa(files: readonly string[]): Promise<readonly string[] | undefined> {
  if (files.length === 0) return undefined;
  const { rootCertificates } = await import('node:tls');
  const read = async (file: string): Promise<string> =>
    await readFile(file, 'utf8').catch((error: unknown) => {
      throw new ConfigError('ca-file', `Cannot read the CA certificates in ${file}: ${systemReason(error)}.`);
    });
  return [...rootCertificates, ...(await Promise.all(files.map(read)))];
}
