import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What happens to a request on its way to HAProxy. */
export interface Disturbance {
  /** False: it does not reach HAProxy. */
  readonly passes: boolean;
  /** What comes back of the answer, after which the connection is closed, or with `hang` stays open. */
  readonly answer: 'none' | 'half' | 'hang';
}

export interface DisturbedSocket {
  readonly path: string;
  /** The first lines of what was asked, in their order. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * A unix socket before HAProxy's own one. Each request goes to HAProxy and its answer back, but for those that `disturb`,
 * called before HAProxy gets it, says something else of.
 */
export async function disturbedSocket(
  path: string,
  haproxy: string,
  disturb: (request: string) => Promise<Disturbance | undefined> | Disturbance | undefined,
): Promise<DisturbedSocket> {
  const open = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (client) => {
    open.add(client);
    client.on('error', () => undefined).on('close', () => open.delete(client));
    void serve(client).catch(() => client.destroy());
  });
  const serve = async (client: Socket): Promise<void> => {
    const request = await received(client);
    requests.push(request.split('\n')[0] ?? '');
    const { passes, answer } = (await disturb(request)) ?? { passes: true, answer: 'whole' };
    const whole = passes ? await asked(haproxy, request) : '';
    if (answer === 'hang') return;
    client.end(answer === 'whole' ? whole : whole.slice(0, answer === 'half' ? whole.length / 2 : 0));
  };
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    requests,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function asked(path: string, request: string): Promise<string> {
  const socket = connect(path);
  await once(socket, 'connect');
  socket.end(request);
  return await received(socket);
}

async function received(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8').iterator({ destroyOnReturn: false })) text += String(chunk);
  return text;
}
