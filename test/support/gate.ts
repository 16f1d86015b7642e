import { connect, createServer, type Socket } from 'node:net';
import { until } from './child.js';
import { loopback } from './loopback.js';

/** A port before another one: a connection to it is held until somebody opens it. */
export interface Gate {
  /** Resolves once a connection waits. */
  readonly knocked: () => Promise<void>;
  readonly open: () => void;
  /** From now on connections wait again. */
  readonly shut: () => void;
  readonly stop: () => Promise<void>;
}

/** Where the CA looks: what lies behind can change while it waits. */
export async function startGate(port: number, behind: number): Promise<Gate> {
  const [waiting, sockets] = [new Set<Socket>(), new Set<Socket>()];
  let isOpen = true;
  const pass = (client: Socket): void => {
    const onward = connect(behind, loopback);
    sockets.add(onward);
    onward.on('error', () => client.destroy());
    client.pipe(onward).pipe(client);
  };
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    if (isOpen) pass(client);
    else waiting.add(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, loopback, resolve);
  });
  return {
    knocked: async () => {
      await until('somebody asks', () => waiting.size > 0);
    },
    open: () => {
      isOpen = true;
      for (const client of waiting) pass(client);
      waiting.clear();
    },
    shut: () => {
      isOpen = false;
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
