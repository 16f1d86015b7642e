import { createServer, type Socket } from 'node:net';
import type { Clock } from '../platform/clock.js';
import { decodeRequest, encodeAnswer, lineReader, type ControlAnswer } from './control-protocol.js';
import { listenPrivately } from './control-socket.js';
import type { Holder, Leases } from './leases.js';

/** What a run has had an agent do, without anything secret. */
export type ControlEvent =
  | { readonly kind: 'published' | 'withdrawn'; readonly count: number }
  /** A connection has ended with challenges that were not withdrawn. */
  | { readonly kind: 'dropped'; readonly count: number }
  | { readonly kind: 'refused'; readonly reason: string };

export interface ControlServer {
  /** Ends every connection and removes the socket. */
  close(): Promise<void>;
}

export interface ControlOptions {
  readonly path: string;
  readonly leases: Leases;
  readonly onEvent: (event: ControlEvent) => void;
  readonly clock: Clock;
}

const mostConnections = 100;

/**
 * The agent's end of the control socket: what a run publishes is answered until the run withdraws it or its connection
 * ends, so that a run which is killed leaves nothing.
 * @throws ChallengeError `control-in-use` or `control-unusable`.
 */
export async function startControlServer(options: ControlOptions): Promise<ControlServer> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    // One that is gone is seen by 'close'.
    socket.on('error', () => undefined);
    if (connections.size >= mostConnections) {
      options.onEvent({ kind: 'refused', reason: 'busy' });
      refuse(socket, { id: undefined, refusal: 'busy' });
      return;
    }
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    serve(socket, options);
  });
  const remove = await listenPrivately(server, options.path, options.clock);
  // A connection that could not be accepted is its run's trouble, which tries again.
  server.on('error', () => undefined);
  return {
    close: async () => {
      await remove();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}

function serve(socket: Socket, { leases, onEvent }: ControlOptions): void {
  const holder = leases.open();
  socket.once('close', () => {
    const before = leases.size();
    holder.end();
    if (leases.size() < before) onEvent({ kind: 'dropped', count: before - leases.size() });
  });
  const end = (answer: ControlAnswer): void => {
    onEvent({ kind: 'refused', reason: answer.refusal ?? '' });
    refuse(socket, answer);
  };
  const read = lineReader((line) => {
    if (socket.writableEnded) return;
    const answer = answerTo(line, holder, onEvent);
    if (answer.refusal !== undefined && answer.refusal !== 'full') end(answer);
    // Who does not read its answers may not ask more.
    else if (!socket.write(encodeAnswer(answer))) socket.pause().once('drain', () => socket.resume());
  });
  socket.setEncoding('utf8').on('data', (piece: string) => {
    if (!read(piece) && !socket.writableEnded) end({ id: undefined, refusal: 'malformed' });
  });
}

function answerTo(line: string, holder: Holder, onEvent: ControlOptions['onEvent']): ControlAnswer {
  const request = decodeRequest(line);
  if (!('command' in request)) return request;
  const { id } = request;
  if (request.command === 'publish') {
    if (!holder.publish(request.challenges)) {
      onEvent({ kind: 'refused', reason: 'full' });
      return { id, refusal: 'full' };
    }
    onEvent({ kind: 'published', count: request.challenges.length });
  }
  if (request.command === 'withdraw') {
    holder.withdraw(request.tokens);
    onEvent({ kind: 'withdrawn', count: request.tokens.length });
  }
  return { id, refusal: undefined };
}

/** Says so, takes nothing more, and ends the connection. */
function refuse(socket: Socket, answer: ControlAnswer): void {
  socket.end(encodeAnswer(answer), () => socket.destroy());
}
