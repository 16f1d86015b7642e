import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { runOrThrow } from './child.js';

export interface Flood {
  readonly url: string;
  readonly requests: number;
  /** HTTP/2 with 20 streams at once over each connection; HTTP/1.1 otherwise. */
  readonly http2?: boolean;
  /** GET unless told, or POST where there is a body. HTTP/1.1 leaves no choice: h2load waits for the body of a HEAD. */
  readonly method?: string;
  /** A file. */
  readonly body?: string;
}

/** Sends requests over 32 connections as fast as they are answered; how many answers had a status of 200 to 299, and so on. */
export async function flood({ url, requests, http2 = false, method, body }: Flood): Promise<Record<string, number>> {
  const output = await runOrThrow('h2load', [
    ...['-n', String(requests), '-c', '32'],
    ...(http2 ? ['-m', '20'] : ['--h1']),
    ...(method === undefined ? [] : ['-H', `:method: ${method}`]),
    ...(body === undefined ? [] : ['-d', body]),
    url,
  ]);
  const counts = /^status codes: (.*)$/m.exec(output)?.[1] ?? '';
  const found = [...counts.matchAll(/(\d+) (\dxx)/g)].map(
    ([, count, status]) => [status ?? '', Number(count)] as const,
  );
  return Object.fromEntries(found.filter(([, count]) => count > 0));
}

/** A client that sends a head, then a body of one byte at every turn until it is stopped. */
export interface Dripping {
  readonly answer: () => string;
  readonly stop: () => void;
}

export function drip(host: string, port: number, head: string): Dripping {
  const socket = connect({ host, port });
  let answer = '';
  const dripping = setInterval(() => socket.write('x'), 100);
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  // What drips after the peer has closed is refused, which says nothing about its answer.
  socket.on('error', () => undefined);
  socket.write(head);
  const stop = (): void => {
    clearInterval(dripping);
    socket.destroy();
  };
  return { answer: () => answer, stop };
}

/** Bytes of memory that a process has now (proc(5), VmRSS). */
export function residentMemory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
