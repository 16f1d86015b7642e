import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { loopback } from './loopback.js';

/** A web server as a user has one, for the files below a directory. */
export interface WebServer {
  readonly webroot: string;
  readonly stop: () => Promise<void>;
}

export async function startWebServer(port: number, webroot: string): Promise<WebServer> {
  mkdirSync(webroot, { recursive: true });
  const server = createServer(({ url = '/' }, response) => {
    try {
      response.end(readFileSync(join(webroot, url)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, loopback, resolve);
  });
  return {
    webroot,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
