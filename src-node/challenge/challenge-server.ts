import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemCode } from '../platform/coded-error.js';
import { endWith, keepConnections } from './connections.js';
import { listen, type ListenAddress } from './listen.js';
import type { ChallengeServer } from './while-needed.js';

/** What a client may cost us. Times are in milliseconds. */
const limits = {
  headerBytes: 8 * 1024,
  headers: 5_000,
  request: 10_000,
  idle: 10_000,
  connections: 500,
};

/**
 * Answers GET and HEAD for the paths of `answers`, which may change at any time, and nothing else. Connections are
 * accepted from when it resolves.
 * @throws ChallengeError `port-in-use`, `port-refused` or `address-unavailable`.
 */
export async function startChallengeServer(
  where: ListenAddress,
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
  const connections = keepConnections(server, limits.connections);
  return { port: await listen(server, where), close: connections.close };
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

function refuse(socket: Duplex, status: string): void {
  endWith(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
