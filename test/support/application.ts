import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { freePort, loopback } from './loopback.js';
import { echoWebSocket } from './websocket.js';

/** What stands behind HAProxy. */
export interface Application {
  readonly address: string;
  readonly stop: () => void;
}

/** Answers each request with its name and the headers that it was sent, as JSON, and says back what a WebSocket says. */
export async function startApplication(name: string): Promise<Application> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('set-cookie', `JSESSIONID=${name}-session; Path=/`);
    response.end(JSON.stringify({ name, headers: request.headers }));
  });
  server.on('upgrade', echoWebSocket);
  return await listening(server, () => server.closeAllConnections());
}

/** Says back what it is told. */
export async function startEcho(): Promise<Application> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  return await listening(server, () => sockets.forEach((socket) => socket.destroy()));
}

async function listening(server: ReturnType<typeof createTcpServer>, closeAll: () => void): Promise<Application> {
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, loopback, resolve);
  });
  return {
    address: `${loopback}:${port}`,
    stop: () => {
      closeAll();
      server.close();
    },
  };
}
