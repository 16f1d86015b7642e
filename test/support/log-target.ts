import { createSocket } from 'node:dgram';
import { loopback } from './loopback.js';

/** A log target of HAProxy: every datagram is a line. */
export interface LogTarget {
  /** What HAProxy's `log` takes. */
  readonly address: string;
  /** Lines that have come so far. */
  readonly lines: readonly string[];
  readonly stop: () => void;
}

export async function startLogTarget(): Promise<LogTarget> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  const lines: string[] = [];
  socket.on('message', (datagram) => void lines.push(datagram.toString('latin1').trimEnd()));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, loopback, resolve);
  });
  return { address: `${loopback}:${socket.address().port}`, lines, stop: () => void socket.close() };
}
