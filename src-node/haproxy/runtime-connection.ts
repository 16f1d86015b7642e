import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../platform/clock.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { DeployError } from './deploy-error.js';
import type { Endpoint } from './runtime-address.js';

/** A socket of HAProxy, and how long it is waited for. */
export interface Line {
  /** As the user named it. */
  readonly address: string;
  readonly endpoint: Endpoint;
  /** Milliseconds from connecting to the end of the answer. */
  readonly timeout: number;
  readonly clock: Clock;
}

/** Bytes, after which an answer is cut off. Ten thousand certificates are listed in one megabyte. */
const largestAnswer = 64 * 1024 * 1024;

/**
 * One connection for one request: from 3.0 on HAProxy evaluates the first line of a connection only. Returns all that
 * came until it was closed, or the error where nobody listens, since that may pass.
 * @throws DeployError `runtime-unreachable` or `runtime-silent`.
 */
export async function exchange(line: Line, request: string): Promise<string | DeployError> {
  const socket = connect(line.endpoint);
  socket.on('error', () => undefined);
  const done = new AbortController();
  const deadline = async (): Promise<never> => {
    await line.clock.sleep(line.timeout, done.signal);
    const seconds = `${line.timeout / 1000} s`;
    if (socket.connecting) throw unreachable(line, `it takes no connection within ${seconds}`);
    throw silent(line, `gave no whole answer within ${seconds}`);
  };
  try {
    return await Promise.race([converse(socket, line, request), deadline()]);
  } finally {
    done.abort();
    socket.destroy();
  }
}

async function converse(socket: Socket, line: Line, request: string): Promise<string | DeployError> {
  try {
    await once(socket, 'connect');
  } catch (error) {
    // Reset: its listener was closed before it took the connection, as a master's is at a reload.
    const code = systemCode(error);
    if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return unreachable(line, 'nobody listens there', error);
    throw unreachable(line, systemReason(error), error);
  }
  // In one write: 3.4.0 loses a payload over 16 kB that comes in several. Closed then, for which a master waits.
  socket.end(request);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > largestAnswer) break;
      chunks.push(chunk);
    }
  } catch {
    // What has come shows whether it is whole; so does what was cut for its size.
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** HAProxy took the request, and what it did is not known. */
export function silent(line: Pick<Line, 'address'>, what: string): DeployError {
  return new DeployError('runtime-silent', `HAProxy at ${line.address} ${what}.`);
}

function unreachable(line: Line, reason: string, cause?: unknown): DeployError {
  return new DeployError('runtime-unreachable', `Cannot reach HAProxy at ${line.address}: ${reason}.`, { cause });
}
