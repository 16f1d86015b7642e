import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

const source = `
  const { parentPort, workerData: { host, port } } = require('node:worker_threads');
  require('node:net').createServer().listen({ host, port, backlog: 1 }, () => {
    parentPort.postMessage('listening');
    // Nothing is accepted any more.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** A port whose queue is full: the system drops what comes there, as a firewall does. */
export async function fullServer(host: string, port: number): Promise<{ readonly stop: () => Promise<void> }> {
  const worker = new Worker(source, { eval: true, workerData: { host, port } });
  const sockets: Socket[] = [];
  await once(worker, 'message');
  // A queue of one has room for two.
  for (let count = 0; count < 2; count += 1) {
    const socket = connect({ host, port });
    sockets.push(socket.on('error', () => undefined));
    await once(socket, 'connect');
  }
  return {
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await worker.terminate();
    },
  };
}
