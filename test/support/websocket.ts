import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { nextBytes } from './http-raw.js';

/** A WebSocket (RFC 6455) whose frames are short texts, which is what these tests say. */
export interface WebSocketClient {
  /** Sends a text and answers with the next one that comes. */
  readonly roundTrip: (text: string) => Promise<string>;
  readonly close: () => void;
}

/** RFC 6455 section 4.2.2: what proves that the server has understood the upgrade. */
function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** A frame with FIN and a text of at most 125 bytes; the client's are masked (section 5.2). */
function frame(text: string, mask?: Buffer): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, payload.length | (mask === undefined ? 0 : 0x80)]);
  return Buffer.concat([head, mask ?? Buffer.alloc(0), masked(payload, mask)]);
}

function textOf(bytes: Buffer): string {
  const isMasked = ((bytes[1] ?? 0) & 0x80) !== 0;
  const mask = isMasked ? bytes.subarray(2, 6) : undefined;
  const start = isMasked ? 6 : 2;
  return masked(bytes.subarray(start, start + ((bytes[1] ?? 0) & 0x7f)), mask).toString();
}

function masked(payload: Buffer, mask: Buffer | undefined): Buffer {
  return mask === undefined ? payload : Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
}

/** For an HTTP server's 'upgrade' event: says back what it is told. */
export function echoWebSocket(request: IncomingMessage, socket: Duplex): void {
  const key = request.headers['sec-websocket-key'] ?? '';
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write([...head, `Sec-WebSocket-Accept: ${acceptKey(key)}`, '', ''].join('\r\n'));
  socket.on('data', (bytes: Buffer) => socket.write(frame(textOf(bytes))));
  socket.on('error', () => socket.destroy());
}

/** By TLS to `host:port`, as a browser opens `wss://NAME/`. */
export async function openWebSocket(host: string, port: number, name: string): Promise<WebSocketClient> {
  const socket = connect({ host, port, servername: name, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  await once(socket, 'secureConnect');
  const key = randomBytes(16).toString('base64');
  const head = [`GET /ws HTTP/1.1`, `Host: ${name}`, 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write([...head, `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13', '', ''].join('\r\n'));
  const answer = (await nextBytes(socket)).toString('latin1');
  if (!answer.startsWith('HTTP/1.1 101 ') || !answer.includes(acceptKey(key))) {
    socket.destroy();
    throw new Error(`no WebSocket was opened: ${answer}`);
  }
  return {
    roundTrip: async (text) => {
      socket.write(frame(text, randomBytes(4)));
      return textOf(await nextBytes(socket));
    },
    close: () => socket.destroy(),
  };
}
