import { createServer } from 'node:net';

/**
 * An address of 127.0.0.0/8 that belongs to this process alone, so that tests which run twice at once, and the
 * kernel's choice of outgoing ports on 127.0.0.1, never take a port from each other.
 */
export const loopback: string = `127.${64 + ((process.pid >> 16) & 63)}.${(process.pid >> 8) & 255}.${process.pid & 255}`;

const given = new Set<number>();

/** A TCP port that nothing listens on at `host`; never the same one twice from one process. */
export async function freePort(host: string = loopback): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(0, host, () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    if (!given.has(port)) {
      given.add(port);
      return port;
    }
  }
}
