import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { loopback } from '../support/loopback.js';

/** A log target of HAProxy that counts its lines and keeps none. */
export interface LogCounter {
  /** What HAProxy's `log` takes. */
  readonly address: string;
  /** Lines sent so far, those that found no room included. */
  readonly lines: () => number;
  readonly stop: () => void;
}

export async function startLogCounter(): Promise<LogCounter> {
  const socket = createSocket('udp4');
  let taken = 0;
  socket.on('message', () => (taken += 1));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, loopback, resolve);
  });
  const { port } = socket.address();
  return { address: `${loopback}:${port}`, lines: () => taken + dropped(port), stop: () => void socket.close() };
}

/** Datagrams that the kernel threw away because the socket's buffer was full (proc_net_udp, the last column). */
function dropped(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, address]) => address?.endsWith(local) === true)
    .reduce((sum, row) => sum + Number(row.at(-1)), 0);
}
