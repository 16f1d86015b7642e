import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { freePort, loopback } from './loopback.js';

export interface ConnectProxy {
  /** URL without user and password. */
  readonly url: string;
  /** What it was asked for: `CONNECT HOST:PORT`, or a method and a whole URL. */
  readonly asked: readonly string[];
  readonly stop: () => void;
}

export interface ConnectProxyOptions {
  /** `USER:PASSWORD` to be let through by. */
  readonly credentials?: string;
  /** What it answers in place of letting anybody through. */
  readonly status?: number;
}

/** A proxy as users have it: tunnels by CONNECT, and http asked for by its whole URL. */
export async function startConnectProxy({ credentials, status }: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const refusal = ({ headers }: IncomingMessage): number | undefined => {
    const wanted = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
    return headers['proxy-authorization'] === wanted ? status : 407;
  };
  const plain = (incoming: IncomingMessage, response: ServerResponse): void => {
    asked.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`);
    const refused = refusal(incoming);
    if (refused !== undefined) {
      response.writeHead(refused).end();
      return;
    }
    const onward = request(incoming.url ?? '', { method: incoming.method, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.writeHead(502).end());
    incoming.pipe(onward);
  };
  const server = createServer(plain);
  server.on('connect', (incoming: IncomingMessage, client: Socket) => {
    asked.push(`CONNECT ${incoming.url ?? ''}`);
    const refused = refusal(incoming);
    if (refused !== undefined) {
      client.end(`HTTP/1.1 ${refused} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port = ''] = (incoming.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    for (const socket of [client, onward]) sockets.add(socket.on('error', () => undefined));
    onward.once('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  });
  const port = await freePort();
  await once(server.listen(port, loopback), 'listening');
  return {
    url: `http://${loopback}:${port}`,
    asked,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
