import { randomBytes } from 'node:crypto';
import { access, chmod, lstat, rename, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { AgentError, type AgentErrorCode } from './agent-error.js';

/** A unix socket, with the permissions of its file, or a TCP port; port 0 is any that is free. */
export type AgentEndpoint =
  { readonly path: string; readonly mode?: number | undefined } | { readonly host: string; readonly port: number };

export interface Listener {
  /** With the port that the system chose. */
  readonly endpoint: AgentEndpoint;
  /** Takes no more connections; a socket's file is gone then. */
  stop(): void;
}

/**
 * Hands every connection to `accept`, `most` at a time; what comes beyond that is closed unheard. The file of a socket
 * that nobody listens on is taken over.
 * @throws AgentError
 */
export async function listen(
  endpoint: AgentEndpoint,
  most: number,
  accept: (socket: Socket) => void,
): Promise<Listener> {
  const server = createServer(accept);
  server.maxConnections = most;
  try {
    if ('path' in endpoint) await listenOnPath(server, endpoint.path, endpoint.mode);
    else await bind(server, endpoint);
  } catch (error) {
    server.close();
    throw listenError(endpoint, error);
  }
  // A connection that could not be accepted is its peer's trouble.
  server.on('error', () => undefined);
  return { endpoint: 'path' in endpoint ? endpoint : withRealPort(server, endpoint), stop: () => void server.close() };
}

function withRealPort(server: Server, endpoint: { readonly host: string; readonly port: number }): AgentEndpoint {
  const address = server.address();
  return { host: endpoint.host, port: typeof address === 'object' && address !== null ? address.port : endpoint.port };
}

/** Bytes of a path in sockaddr_un, without the one that ends it (unix(7)). Node 20 cuts a longer one off and listens there. */
const longestPath = 107;

async function listenOnPath(server: Server, path: string, mode: number | undefined): Promise<void> {
  const length = Buffer.byteLength(path);
  if (length > longestPath)
    throw new Error(`a path of ${length} bytes is too long for a socket, ${longestPath} are allowed`);
  // Where the directory is not there libuv tells bind's ENOENT as EACCES.
  await access(dirname(path));
  try {
    await bind(server, { path });
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE' || !(await removeStale(path))) throw error;
    await bind(server, { path });
  }
  if (mode !== undefined) await chmod(path, mode);
}

async function bind(
  server: Server,
  where: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

/**
 * True once a socket that nobody listens on is gone. It is moved away first and asked once more before it is removed: of
 * agents that start at once none removes the new socket of another.
 */
async function removeStale(path: string): Promise<boolean> {
  const found = await lstat(path).catch(goneAlready);
  if (found === 'gone') return true;
  if (!found.isSocket() || (await answers(path))) return false;
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  if ((await rename(path, aside).catch(goneAlready)) === 'gone') return true;
  if (await answers(aside)) {
    await rename(aside, path);
    return false;
  }
  await unlink(aside);
  return true;
}

/** Another agent that starts has just moved it away. */
function goneAlready(error: unknown): 'gone' {
  if (systemCode(error) === 'ENOENT') return 'gone';
  throw error;
}

async function answers(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: nobody listens. Anything else is not known to be stale.
    socket.once('error', (error) => resolve(systemCode(error) !== 'ECONNREFUSED'));
  });
}

function listenError(endpoint: AgentEndpoint, error: unknown): AgentError {
  const place = 'path' in endpoint ? endpoint.path : `port ${endpoint.port} of ${endpoint.host}`;
  const [code, why] = reasonOf('path' in endpoint, error);
  return new AgentError(code, `Cannot listen on ${place}: ${why}.`, error);
}

function reasonOf(isPath: boolean, error: unknown): [AgentErrorCode, string] {
  const system = systemCode(error);
  if (system === 'EADDRINUSE') {
    return [
      'spoe-address-in-use',
      isPath ? 'another agent listens there, or it is no socket' : 'another program has it',
    ];
  }
  if (system === 'EACCES' || system === 'EPERM') return ['spoe-address-refused', 'permission is denied'];
  return ['spoe-address-unavailable', systemReason(error)];
}
