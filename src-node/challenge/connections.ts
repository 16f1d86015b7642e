import { Socket, type Server } from 'node:net';
import type { Duplex } from 'node:stream';

/** Milliseconds that a client has to read our last word. */
const patience = 2_000;

export interface Connections {
  /** Ends every connection, also those that clients would keep. */
  readonly close: () => Promise<void>;
}

/**
 * Keeps count of a server's connections, the oldest first. Answers take no time, so that an old connection is one that
 * waits for its client: when there are more than `limit`, it makes room for a new one, by which the CA gets through a
 * crowd of idle ones.
 */
export function keepConnections(server: Server, limit: number): Connections {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    const [oldest] = connections;
    if (connections.size <= limit || oldest === undefined) return;
    connections.delete(oldest);
    oldest.destroy();
  });
  return {
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}

/** The last word on a connection. It stays open a little, unread: closed at once it would lose the word on its way. */
export function endWith(socket: Duplex, word: string | Uint8Array): void {
  if (socket.writableEnded) return;
  socket.once('error', () => socket.destroy());
  socket.end(word);
  socket.pause();
  if (socket instanceof Socket) socket.setTimeout(patience, () => socket.destroy());
}
