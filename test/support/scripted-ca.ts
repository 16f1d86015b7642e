import { readFileSync } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { freePort, loopback } from './loopback.js';
import type { Pebble } from './pebble.js';

/** A request to the CA as the script sees it. */
export interface CaRequest {
  readonly method: string;
  readonly path: string;
  readonly userAgent: string;
  /** The payload of its JWS, parsed; undefined where there is none. */
  readonly payload: unknown;
  /** How many requests to this path came before. */
  readonly earlier: number;
}

export interface CaAnswer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** What a request gets: Pebble's answer, the script's own, none at all, or the connection cut. */
export type Reply = 'pebble' | CaAnswer | 'silence' | 'cut';

export interface ScriptedCa {
  readonly directoryUrl: string;
  readonly requests: readonly CaRequest[];
  readonly stop: () => Promise<void>;
}

/** An answer with a problem document (RFC 8555 section 6.7). */
export function problem(status: number, document: object, headers: OutgoingHttpHeaders = {}): CaAnswer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify(document),
  };
}

/** Stands before Pebble, whose URLs follow the Host header, and answers as the script says. */
export async function scriptedCa(pebble: Pebble, script: (request: CaRequest) => Reply): Promise<ScriptedCa> {
  const requests: CaRequest[] = [];
  const cert = readFileSync(pebble.caFile);
  const key = readFileSync(pebble.caFile.replace(/\.crt$/, '.key'));
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    const [method, path] = [incoming.method ?? '', incoming.url ?? ''];
    const earlier = requests.filter((known) => known.path === path).length;
    const userAgent = incoming.headers['user-agent'] ?? '';
    const seen = { method, path, userAgent, payload: payloadOf(body.toString()), earlier };
    requests.push(seen);
    const reply = script(seen);
    if (reply === 'pebble') forward(incoming, body, { response, pebble, ca: cert });
    else if (reply === 'cut') incoming.socket.destroy();
    else if (reply !== 'silence') response.writeHead(reply.status, reply.headers).end(reply.body);
  };
  const server = createServer({ cert, key }, (incoming, response) => void answer(incoming, response));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, loopback, resolve));
  return {
    directoryUrl: `https://${loopback}:${port}/dir`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Forwarding {
  readonly response: ServerResponse;
  readonly pebble: Pebble;
  readonly ca: Buffer;
}

function forward(incoming: IncomingMessage, body: Buffer, { response, pebble, ca }: Forwarding): void {
  const { hostname, port } = new URL(pebble.directoryUrl);
  const { method, url: path, headers } = incoming;
  const onward = request({ hostname, port, method, path, headers, ca, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.once('error', () => response.destroy());
  onward.end(body);
}

function payloadOf(body: string): unknown {
  try {
    const { payload } = JSON.parse(body) as { payload: string };
    return payload === '' ? undefined : JSON.parse(Buffer.from(payload, 'base64url').toString());
  } catch {
    return undefined;
  }
}
