import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { ChallengeError } from './challenge-error.js';
import { portHolder } from './port-holder.js';

/** Where a server of ours listens. */
export interface ListenAddress {
  readonly port: number;
  /** An address or a host name; undefined: every address, of IPv6 and of IPv4. */
  readonly address: string | undefined;
}

export interface ChallengeServer {
  readonly port: number;
  /** Ends every connection, also those that clients would keep. */
  close(): Promise<void>;
}

/** What a client may cost us. Times are in milliseconds. */
const limits = {
  headerBytes: 8 * 1024,
  headers: 5_000,
  request: 10_000,
  idle: 10_000,
  refused: 2_000,
  connections: 500,
};

/** What a system says that has no IPv6; libuv tells the first as EINVAL at times. */
const withoutIpv6 = ['EAFNOSUPPORT', 'EINVAL', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT'];

/**
 * Answers GET and HEAD for the paths of `answers`, which may change at any time, and nothing else. Connections are
 * accepted from when it resolves.
 * @throws ChallengeError `port-in-use`, `port-refused` or `address-unavailable`.
 */
export async function startChallengeServer(
  where: ListenAddress,
  answers: ReadonlyMap<string, Buffer>,
): Promise<ChallengeServer> {
  const { address } = where;
  try {
    if (address !== undefined) return await listen({ port: where.port, host: address }, answers);
    return await listen({ port: where.port, host: '::' }, answers).catch(async (error: unknown) => {
      if (!withoutIpv6.includes(systemCode(error) ?? '')) throw error;
      return await listen({ port: where.port, host: '0.0.0.0' }, answers);
    });
  } catch (error) {
    throw await listenError(where, error);
  }
}

async function listen(
  where: { readonly port: number; readonly host: string },
  answers: ReadonlyMap<string, Buffer>,
): Promise<ChallengeServer> {
  const { createServer } = await import('node:http');
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headers,
      requestTimeout: limits.request,
      keepAliveTimeout: limits.idle,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => answer(request, response, answers),
  );
  server.setTimeout(limits.idle);
  // Without a listener of its own this method is not answered at all.
  server.on('connect', (_, socket: Duplex) => refuse(socket, `405 Method Not Allowed\r\nAllow: ${allowed}`));
  server.on('clientError', (error, socket) => refuse(socket, statusOf(error)));
  const connections = keepConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...where, ipv6Only: false }, () => resolve());
  });
  // A connection that could not be accepted is its client's trouble.
  server.removeAllListeners('error').on('error', () => undefined);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}

const allowed = 'GET, HEAD';

function answer(request: IncomingMessage, response: ServerResponse, answers: ReadonlyMap<string, Buffer>): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: allowed, 'Content-Length': 0 }).end();
    return;
  }
  const body = answers.get(pathOf(request.url ?? ''));
  if (body === undefined) {
    response.writeHead(404, { 'Content-Length': 0 }).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** RFC 9112 section 3.2: a path, or a whole URL as a proxy is sent; a query is no part of what is looked for. */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '');
}

function statusOf(error: unknown): string {
  const code = systemCode(error);
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

/** Says so and ends the connection. It stays open a little, unread: closed at once it would lose the answer on its way. */
function refuse(socket: Duplex, status: string): void {
  if (socket.writableEnded) return;
  socket.once('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.pause();
  if (socket instanceof Socket) socket.setTimeout(limits.refused, () => socket.destroy());
}

/**
 * All connections, the oldest first. Answers take no time, so that an old connection is one that waits for its client:
 * when there are too many, it makes room for a new one, by which the CA gets through a crowd of idle ones.
 */
function keepConnections(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    const [oldest] = connections;
    if (connections.size <= limits.connections || oldest === undefined) return;
    connections.delete(oldest);
    oldest.destroy();
  });
  return connections;
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
