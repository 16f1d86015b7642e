import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { acmeTlsProtocol } from '../certificate/acme-identifier.js';
import { helloLimit, readClientHello, type ClientHello } from './client-hello.js';
import { endWith, keepConnections } from './connections.js';
import { listen, type ListenAddress } from './listen.js';
import type { ChallengeServer } from './while-needed.js';

/** What a client may cost us. Times are in milliseconds. */
const limits = { connection: 10_000, connections: 500 };

/** RFC 8446 section 6: alerts that end a connection. */
const alerts = { unexpectedMessage: 10, unrecognizedName: 112, noApplicationProtocol: 120 } as const;

/**
 * Shakes hands with clients that ask by ALPN for acme-tls/1 and by SNI for one of the names of `contexts`, which may change
 * at any time, and then ends the connection (RFC 8737 section 3). All others are told by an alert. Connections are accepted from when it
 * resolves.
 * @throws ChallengeError `port-in-use`, `port-refused` or `address-unavailable`.
 */
export async function startTlsServer(
  where: ListenAddress,
  contextFor: (serverName: string) => SecureContext | undefined,
): Promise<ChallengeServer> {
  const [{ createServer }, tls] = await Promise.all([import('node:net'), import('node:tls')]);
  const server = createServer((socket) => {
    endInTime(socket);
    readHello(socket, (hello) => {
      const chosen = choose(hello, contextFor);
      if (typeof chosen === 'number') endWith(socket, alert(chosen));
      else shakeHands(socket, chosen, tls.TLSSocket);
    });
  });
  const connections = keepConnections(server, limits.connections);
  return { port: await listen(server, where), close: connections.close };
}

/** A client that sends little by little is not idle, and has no more time than one that is. */
function endInTime(socket: Socket): void {
  const deadline = AbortSignal.timeout(limits.connection);
  const end = (): void => void socket.destroy();
  deadline.addEventListener('abort', end);
  socket.once('close', () => deadline.removeEventListener('abort', end));
  socket.on('error', end);
}

/** Calls back once a ClientHello is there, which stays to be read, or something that is none. */
function readHello(socket: Socket, onHello: (hello: ClientHello | 'other') => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const take = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const hello = readClientHello(bytes);
    if (hello === 'more' && bytes.length <= 2 * helloLimit) return;
    socket.off('data', take).pause();
    socket.unshift(bytes);
    onHello(hello === 'more' ? 'other' : hello);
  };
  socket.on('data', take);
}

/** The certificate, or the alert that says why there is none. */
function choose(
  hello: ClientHello | 'other',
  contextFor: (serverName: string) => SecureContext | undefined,
): SecureContext | number {
  if (hello === 'other') return alerts.unexpectedMessage;
  if (!hello.protocols.includes(acmeTlsProtocol)) return alerts.noApplicationProtocol;
  return contextFor(hello.serverName ?? '') ?? alerts.unrecognizedName;
}

/** RFC 8446 sections 5.1 and 6: a record of type alert, whose level is fatal. */
function alert(description: number): Uint8Array {
  return Uint8Array.of(21, 3, 3, 0, 2, 2, description);
}

function shakeHands(socket: Socket, secureContext: SecureContext, Tls: typeof TLSSocket): void {
  const tls = new Tls(socket, { isServer: true, secureContext, ALPNProtocols: [acmeTlsProtocol] });
  tls.on('error', () => socket.destroy());
  // RFC 8737 section 3: no data is exchanged after the handshake.
  tls.once('secure', () => endWith(tls, ''));
}
