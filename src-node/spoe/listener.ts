import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../platform/clock.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { listenOnSocket, SocketError } from '../platform/unix-socket.js';
import { AgentError, type AgentErrorCode } from './agent-error.js';

/** A unix socket, with the permissions of its file, or a TCP port; port 0 is any that is free. */
export type AgentEndpoint =
  { readonly path: string; readonly mode?: number | undefined } | { readonly host: string; readonly port: number };

export interface Listener {
  /** With the port that the system chose. */
  readonly endpoint: AgentEndpoint;
  /** Takes no more connections; a socket's file is gone then, unless it is another's by now. */
  stop(): Promise<void>;
}

/**
 * Hands every connection to `accept`. The file of a socket that nobody listens on is taken over.
 * @throws AgentError
 */
export async function listen(
  endpoint: AgentEndpoint,
  clock: Clock,
  accept: (socket: Socket) => void,
): Promise<Listener> {
  const server = createServer(accept);
  let remove: (() => Promise<void>) | undefined;
  try {
    if ('path' in endpoint) remove = await listenOnSocket(server, endpoint.path, { mode: endpoint.mode, clock });
    else await bind(server, endpoint);
  } catch (error) {
    server.close();
    throw listenError(endpoint, error);
  }
  // A connection that could not be accepted is its peer's trouble.
  server.on('error', () => undefined);
  return {
    endpoint: 'path' in endpoint ? endpoint : withRealPort(server, endpoint),
    stop: async () => {
      await remove?.();
      server.close();
    },
  };
}

function withRealPort(server: Server, endpoint: { readonly host: string; readonly port: number }): AgentEndpoint {
  const address = server.address();
  return { host: endpoint.host, port: typeof address === 'object' && address !== null ? address.port : endpoint.port };
}

async function bind(server: Server, where: { readonly host: string; readonly port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function listenError(endpoint: AgentEndpoint, error: unknown): AgentError {
  const place = 'path' in endpoint ? endpoint.path : `port ${endpoint.port} of ${endpoint.host}`;
  const [code, why] = reasonOf(error);
  return new AgentError(code, `Cannot listen on ${place}: ${why}.`, error);
}

function reasonOf(error: unknown): [AgentErrorCode, string] {
  if (error instanceof SocketError && error.problem !== 'unusable') {
    return ['spoe-address-in-use', 'another agent listens there, or it is no socket'];
  }
  const system = systemCode(error instanceof SocketError ? error.cause : error);
  if (system === 'EADDRINUSE') return ['spoe-address-in-use', 'another program has it'];
  if (system === 'EACCES' || system === 'EPERM') return ['spoe-address-refused', 'permission is denied'];
  return ['spoe-address-unavailable', systemReason(error)];
}
