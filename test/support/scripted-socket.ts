import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary.js';

export interface ScriptedSocket {
  readonly path: string;
  /** What each connection has sent so far, in their order. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * A unix socket that answers as the script says, for what no HAProxy does on demand. `script` is called once for each
 * connection, when the other side has sent its request and closed its half; what it does not end goes on.
 */
export async function scriptedSocket(script: (request: string, socket: Socket) => void): Promise<ScriptedSocket> {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'haproxy.sock');
  const requests: string[] = [];
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let request = '';
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    socket.setEncoding('utf8').on('data', (text: string) => (request += text));
    socket.on('end', () => {
      requests.push(request);
      script(request, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    requests,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      directory.remove();
    },
  };
}

/** The beginning of what a stats socket answers to `show proc`. */
export const statsProbe = "Unknown command: 'show', but maybe one of the following ones is a better match:\n\n";
