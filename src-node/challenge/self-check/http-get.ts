import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { systemCode } from '../../platform/coded-error.js';
import { hostOf } from './brackets.js';
import type { Fault, Place, Reply } from './look.js';

export interface Get {
  readonly url: URL;
  readonly place: Place;
  readonly userAgent: string;
  /** Bytes of the body that are read. */
  readonly limit: number;
  /** Aborts at the end of the time for it. */
  readonly signal: AbortSignal;
  /** Aborts at the end of the time to connect, if that is shorter. */
  readonly patience?: AbortSignal | undefined;
}

/** What this machine may be told in place of a timeout when the time is over. */
const expired = 'ETIMEDOUT';

/** A GET to one place, whoever the URL's host is elsewhere; certificates are not verified, as a CA does not. Never throws. */
export async function httpGet({ url, place, userAgent, limit, signal, patience }: Get): Promise<Reply | Fault> {
  const secure = url.protocol === 'https:';
  const host = hostOf(url);
  const options = {
    ...{ host: place.address, port: place.port, path: `${url.pathname}${url.search}`, agent: false, signal },
    headers: { Host: url.host, 'User-Agent': userAgent, Accept: '*/*' },
    ...(secure ? { rejectUnauthorized: false, ca: [], minVersion: 'TLSv1.2' as const } : {}),
    // RFC 6066 section 3: literal addresses are not permitted in SNI.
    ...(secure ? { servername: isIP(host) === 0 ? host : '' } : {}),
  };
  return await new Promise((resolve) => {
    const request = (secure ? httpsRequest : httpRequest)(options);
    let [connected, answered] = [false, false];
    const settle = (result: Reply | Fault): void => {
      signal.removeEventListener('abort', fail);
      patience?.removeEventListener('abort', makeWay);
      resolve(result);
      request.destroy();
    };
    const fail = (error: unknown): void => {
      const code = signal.aborted ? expired : (systemCode(error) ?? 'EPROTO');
      settle({ kind: connected ? 'broken' : 'unconnected', code });
    };
    const makeWay = (): void => {
      if (!connected) settle({ kind: 'unconnected', code: expired });
    };
    signal.addEventListener('abort', fail, { once: true });
    patience?.addEventListener('abort', makeWay, { once: true });
    request.once('socket', (socket) => socket.once('connect', () => (connected = true)));
    request.once('response', (response) => {
      answered = true;
      readBody(response, limit).then((body) => settle(replyOf(response, body)), fail);
    });
    // Without a listener Node ends the connection of a 101 and tells nobody.
    request.once('upgrade', (response, socket) => {
      settle(replyOf(response, ''));
      socket.destroy();
    });
    request.once('close', () => {
      if (!answered) fail({ code: 'ECONNRESET' });
    });
    request.on('error', fail).end();
  });
}

async function readBody(response: IncomingMessage, limit: number): Promise<string> {
  let body = '';
  for await (const part of response.setEncoding('latin1')) {
    body += part as string;
    if (body.length >= limit) break;
  }
  return body.slice(0, limit);
}

function replyOf({ statusCode = 0, headers }: IncomingMessage, body: string): Reply {
  const { location, server, 'content-type': contentType } = headers;
  return { status: statusCode, location, server: server?.toString(), contentType, body };
}
