import { writeFileSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { runOrThrow } from './child.js';
import { freePort, loopback } from './loopback.js';
import { indexLine } from './ocsp-authority.js';
import type { Pebble } from './pebble.js';

/** An OCSP responder that tells of each certificate what Pebble knows of it now. Pebble itself has none. */
export interface PebbleOcsp {
  readonly url: string;
  /** Answers from now on. */
  readonly attach: (pebble: Pebble, directory: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startPebbleOcsp(): Promise<PebbleOcsp> {
  const port = await freePort();
  let answer = async (_request: Buffer): Promise<Buffer> => await Promise.reject(new Error('nothing is issued yet'));
  const server = createServer((request, response) => {
    void readBody(request)
      .then(answer)
      .then(
        (body) => response.setHeader('content-type', 'application/ocsp-response').end(body),
        () => response.writeHead(500).end(),
      );
  });
  await new Promise<void>((resolve) => server.listen(port, loopback, resolve));
  return {
    url: `http://${loopback}:${port}/`,
    attach: async (pebble, directory) => {
      const at = (name: string): string => join(directory, name);
      writeFileSync(at('ocsp-ca.pem'), await pebble.management('/intermediates/0'));
      writeFileSync(at('ocsp-ca.key'), await pebble.management('/intermediate-keys/0'));
      let count = 0;
      answer = async (request) => {
        const [asked, index, answered] = ['ask', 'index', 'answer'].map((part) => at(`${count}.${part}`));
        count += 1;
        writeFileSync(asked ?? '', request);
        writeFileSync(index ?? '', await indexOf(pebble));
        await runOrThrow('openssl', [
          ...['ocsp', '-index', index ?? '', '-CA', at('ocsp-ca.pem'), '-ndays', '7', '-reqin', asked ?? ''],
          ...['-rsigner', at('ocsp-ca.pem'), '-rkey', at('ocsp-ca.key'), '-respout', answered ?? ''],
        ]);
        return readFileSync(answered ?? '');
      };
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** openssl's database of all that Pebble has issued. */
async function indexOf(pebble: Pebble): Promise<string> {
  const serials = [...pebble.output().matchAll(/Issued certificate serial ([0-9a-f]+) /g)].map(
    ([, serial]) => serial ?? '',
  );
  const lines = serials.map(async (serial) => {
    const { Status: status } = JSON.parse(await pebble.management(`/cert-status-by-serial/${serial}`)) as {
      Status: string;
    };
    return indexLine(
      status === 'Revoked' ? 'revoked' : 'good',
      serial.padStart(serial.length + (serial.length % 2), '0'),
    );
  });
  return (await Promise.all(lines)).join('');
}
