import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { acmeServerName, acmeTlsProtocol, readAcmeIdentifier } from '../../certificate/acme-identifier.js';
import { systemCode } from '../../platform/coded-error.js';
import { bracketed } from './brackets.js';
import type { End, Look, Place } from './look.js';

export interface TlsLooking {
  readonly name: string;
  /** One of the name's, and the port there that stands for 443. */
  readonly place: Place;
  /** Aborts at the end of the time for it. */
  readonly signal: AbortSignal;
}

/** One look at a challenge of tls-alpn-01 (RFC 8737 section 3). Never throws. */
export async function tlsLook({ name, place, signal }: TlsLooking): Promise<Look> {
  const url = `https://${bracketed(name)} (${acmeTlsProtocol})`;
  const end = await new Promise<End>((resolve) => {
    let connected = false;
    const socket = connect({
      ...{ host: place.address, port: place.port, servername: acmeServerName(name) },
      ...{ ALPNProtocols: [acmeTlsProtocol], rejectUnauthorized: false },
      // Nothing is verified: reading the system's authorities would be the dearest part.
      secureContext: createSecureContext({ ca: [], minVersion: 'TLSv1.2' }),
    });
    const fail = (code: string): void => {
      resolve({ kind: connected ? 'broken' : 'unconnected', url, place, code });
      socket.destroy();
    };
    const expire = (): void => fail('ETIMEDOUT');
    if (signal.aborted) expire();
    signal.addEventListener('abort', expire, { once: true });
    socket.once('connect', () => (connected = true));
    socket.on('error', (error) => fail(systemCode(error) ?? 'EPROTO'));
    socket.once('close', () => {
      signal.removeEventListener('abort', expire);
      fail('ECONNRESET');
    });
    socket.once('secureConnect', () => {
      resolve({ kind: 'handshake', url, place, ...shownBy(socket) });
      socket.destroySoon();
    });
  });
  return { address: place.address, redirects: [], end };
}

function shownBy(socket: TLSSocket): Pick<Extract<End, { kind: 'handshake' }>, 'agreed' | 'identifier'> {
  const certificate = socket.getPeerX509Certificate();
  return {
    agreed: socket.alpnProtocol === acmeTlsProtocol,
    identifier: certificate === undefined ? undefined : readAcmeIdentifier(certificate.raw),
  };
}
